import { drawMarker, fillOf, fontOf, measureText, trace, type Painter, type Points, type Rect, type Shape, type Stroke, type TextStyle } from './painter';
import { theme, type Marker } from './style';

/** Draws on a canvas, whose context has been scaled so that its units are CSS pixels. */
export class CanvasPainter implements Painter {
  constructor(
    readonly context: CanvasRenderingContext2D,
    readonly width: number,
    readonly height: number,
  ) {}

  line(points: Points, style: Stroke): void {
    this.context.beginPath();
    trace(points, this.context);
    if (style.closed) this.context.closePath();
    this.stroke(style);
  }

  area(rings: readonly Points[], shape: Shape): void {
    this.context.beginPath();
    for (const ring of rings) {
      trace(ring, this.context);
      this.context.closePath();
    }
    this.finish(shape);
  }

  rect({ x, y, width, height }: Rect, shape: Shape & { radius?: number }): void {
    this.context.beginPath();
    if (shape.radius) this.context.roundRect(x, y, width, height, shape.radius);
    else this.context.rect(x, y, width, height);
    this.finish(shape);
  }

  circle(x: number, y: number, r: number, shape: Shape): void {
    this.context.beginPath();
    this.context.arc(x, y, Math.max(0, r), 0, 2 * Math.PI);
    this.finish(shape);
  }

  marker(kind: Marker, x: number, y: number, r: number, shape: Shape): void {
    drawMarker(this, kind, x, y, r, shape);
  }

  text(x: number, y: number, text: string, style: TextStyle = {}): void {
    const c = this.context;
    c.save();
    c.font = fontOf(style);
    c.textAlign = style.align ?? 'left';
    c.textBaseline = style.baseline ?? 'alphabetic';
    c.translate(x, y);
    if (style.rotate) c.rotate((style.rotate * Math.PI) / 180);
    if (style.halo) {
      c.strokeStyle = style.halo;
      c.lineWidth = 3;
      c.lineJoin = 'round';
      c.strokeText(text, 0, 0);
    }
    c.fillStyle = style.color ?? theme().ink;
    c.fillText(text, 0, 0);
    c.restore();
  }

  measure(text: string, style?: TextStyle): number {
    return measureText(text, style);
  }

  clip({ x, y, width, height }: Rect, draw: () => void): void {
    this.context.save();
    this.context.beginPath();
    this.context.rect(x, y, width, height);
    this.context.clip();
    draw();
    this.context.restore();
  }

  inset({ x, y, width, height }: Rect, draw: (p: Painter) => void): void {
    this.context.save();
    this.context.translate(x, y);
    draw(new CanvasPainter(this.context, width, height));
    this.context.restore();
  }

  image(source: HTMLCanvasElement | OffscreenCanvas, { x, y, width, height }: Rect): void {
    this.context.drawImage(source, x, y, width, height);
  }

  private finish(shape: Shape): void {
    const fill = fillOf(shape.fill);
    if (fill) {
      this.context.globalAlpha = fill.alpha ?? 1;
      this.context.fillStyle = fill.color;
      this.context.fill('evenodd');
      this.context.globalAlpha = 1;
    }
    if (shape.stroke) this.stroke(shape.stroke);
  }

  private stroke(style: Stroke): void {
    const c = this.context;
    c.globalAlpha = style.alpha ?? 1;
    c.strokeStyle = style.color;
    c.lineWidth = style.width ?? 1;
    c.lineJoin = style.join ?? 'round';
    c.lineCap = style.dash?.length ? 'butt' : 'round';
    c.setLineDash(style.dash ? [...style.dash] : []);
    c.stroke();
    c.setLineDash([]);
    c.globalAlpha = 1;
  }
}
