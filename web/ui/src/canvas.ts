import { h } from './dom';
import { CanvasPainter, type Painter } from './painter';
import { onTheme } from './style';

export interface BoardOptions {
  /** What a screen reader says it is. */
  label: string;
  paint(p: Painter): void;
  /** Width over height; without it the height is that of the element's box. */
  aspect?: number;
  /** Whether it can have the focus; default true. */
  focusable?: boolean;
  /** ARIA role; default 'img', or 'application' where keys are handled. */
  role?: string;
}

/** A canvas that follows its size, the screen's density and the theme, and paints at most once a frame. */
export class Board {
  readonly root: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  /** In CSS pixels; 0 before it is in the document. */
  width = 0;
  height = 0;
  private readonly context: CanvasRenderingContext2D;
  private readonly observer: ResizeObserver;
  private readonly unsubscribe: () => void;
  private frame = 0;

  constructor(private readonly options: BoardOptions) {
    this.canvas = h('canvas', { 'aria-hidden': true });
    this.root = h('div', {
      class: 'board', role: options.role ?? 'img', 'aria-label': options.label || null,
      tabindex: options.focusable === false ? null : '0',
    }, this.canvas);
    if (options.aspect) this.root.style.aspectRatio = String(options.aspect);
    const context = this.canvas.getContext('2d');
    if (!context) throw new Error('This browser cannot draw on a canvas.');
    this.context = context;
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.root);
    this.unsubscribe = onTheme(() => this.redraw());
  }

  /** Paints before the next frame. */
  redraw(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.draw());
  }

  /** The place of a pointer in CSS pixels from the corner of the board. */
  toBoard(event: { clientX: number; clientY: number }): { x: number; y: number } {
    const box = this.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  label(text: string): void {
    this.root.setAttribute('aria-label', text);
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.observer.disconnect();
    this.unsubscribe();
  }

  private resize(): void {
    const width = this.root.clientWidth;
    const height = this.root.clientHeight;
    const density = Math.min(window.devicePixelRatio || 1, 3);
    if (width === 0 || height === 0) return;
    const w = Math.round(width * density);
    const hgt = Math.round(height * density);
    if (w === this.canvas.width && hgt === this.canvas.height && width === this.width) return;
    this.width = width;
    this.height = height;
    this.canvas.width = w;
    this.canvas.height = hgt;
    // In the same frame, or an empty canvas would flash.
    this.draw();
  }

  private draw(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (this.width === 0 || this.height === 0) return;
    const density = this.canvas.width / this.width;
    this.context.setTransform(density, 0, 0, density, 0, 0);
    this.context.clearRect(0, 0, this.width, this.height);
    this.options.paint(new CanvasPainter(this.context, this.width, this.height));
  }
}
