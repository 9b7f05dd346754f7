import { theme, type Marker } from './style';

/** Coordinates x0, y0, x1, y1, … in CSS pixels, y downwards. A NaN lifts the pen. */
export type Points = ArrayLike<number>;

export interface Stroke {
  color: string;
  /** In CSS pixels; default 1. */
  width?: number;
  dash?: readonly number[];
  /** 0 to 1; default 1. */
  alpha?: number;
  /** Default 'round'. */
  join?: 'round' | 'miter';
  closed?: boolean;
}

export interface Fill {
  color: string;
  alpha?: number;
}

export interface Shape {
  fill?: Fill | string | undefined;
  stroke?: Stroke | undefined;
}

export interface TextStyle {
  /** Where x lies in the text; default 'left'. */
  align?: 'left' | 'center' | 'right';
  /** Where y lies; default 'alphabetic'. */
  baseline?: 'alphabetic' | 'middle' | 'top' | 'bottom';
  /** In CSS pixels; default 12. */
  size?: number;
  /** Default 400. */
  weight?: number;
  /** Default: the theme's ink. */
  color?: string;
  /** Degrees clockwise round (x, y). */
  rotate?: number;
  /** A fixed-width face. */
  mono?: boolean;
  /** A colour round the letters, to lift them off what is under them. */
  halo?: string;
}

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Draws on a screen's canvas, in a PNG or an SVG: one drawing, three media. */
export interface Painter {
  readonly width: number;
  readonly height: number;
  line(points: Points, style: Stroke): void;
  /** Fills rings by the even-odd rule, so that a ring in a ring is a hole. */
  area(rings: readonly Points[], shape: Shape): void;
  rect(rect: Rect, shape: Shape & { radius?: number }): void;
  circle(x: number, y: number, r: number, shape: Shape): void;
  /** A marker that looks as large as a circle of radius r. */
  marker(kind: Marker, x: number, y: number, r: number, shape: Shape): void;
  text(x: number, y: number, text: string, style?: TextStyle): void;
  /** The width of a text in CSS pixels. */
  measure(text: string, style?: TextStyle): number;
  clip(rect: Rect, draw: () => void): void;
  /** Draws with a painter of its own, whose (0, 0) lies at the corner of rect; nothing is clipped. */
  inset(rect: Rect, draw: (p: Painter) => void): void;
  image(source: HTMLCanvasElement | OffscreenCanvas, rect: Rect): void;
}

export const sans = 'system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif';
export const mono = 'ui-monospace, "Liberation Mono", Menlo, Consolas, monospace';

/** The outline of a marker; undefined for a circle. A cross is two strokes. */
export function markerOutline(kind: Marker, x: number, y: number, r: number): Points[] | undefined {
  switch (kind) {
    case 'circle': return undefined;
    case 'square': return [polygon(x, y, 1.2 * r, 4, 45)];
    case 'triangle': return [polygon(x, y, 1.35 * r, 3, 90)];
    case 'diamond': return [polygon(x, y, 1.3 * r, 4, 90)];
    case 'wedge': return [polygon(x, y, 1.35 * r, 3, -90)];
    case 'pentagon': return [polygon(x, y, 1.15 * r, 5, 90)];
    case 'hexagon': return [polygon(x, y, 1.1 * r, 6, 0)];
    case 'plus': return [plus(x, y, 1.25 * r)];
    case 'star': return [star(x, y, 1.5 * r)];
    case 'cross': return [[x - r, y - r, x + r, y + r], [x - r, y + r, x + r, y - r]];
  }
}

function polygon(x: number, y: number, r: number, n: number, first: number): number[] {
  return Array.from({ length: n }, (_, i) => ((first + (i * 360) / n) * Math.PI) / 180)
    .flatMap((a) => [x + r * Math.cos(a), y - r * Math.sin(a)]);
}

function plus(x: number, y: number, r: number): number[] {
  const a = 0.38 * r;
  const corners = [[-a, -r], [a, -r], [a, -a], [r, -a], [r, a], [a, a], [a, r], [-a, r], [-a, a], [-r, a], [-r, -a], [-a, -a]];
  return corners.flatMap(([dx = 0, dy = 0]) => [x + dx, y + dy]);
}

function star(x: number, y: number, r: number): number[] {
  return Array.from({ length: 10 }, (_, i) => i).flatMap((i) => {
    const a = ((90 + i * 36) * Math.PI) / 180;
    const s = i % 2 === 0 ? r : 0.42 * r;
    return [x + s * Math.cos(a), y - s * Math.sin(a)];
  });
}

/** Draws a marker as a painter draws anything else. */
export function drawMarker(p: Painter, kind: Marker, x: number, y: number, r: number, shape: Shape): void {
  const outline = markerOutline(kind, x, y, r);
  if (!outline) return p.circle(x, y, r, shape);
  if (kind !== 'cross') return p.area(outline, shape);
  const color = fillOf(shape.fill)?.color ?? theme().ink;
  for (const stroke of outline) p.line(stroke, shape.stroke ?? { color, width: Math.max(1.5, r / 2) });
}

/** Walks along points, lifting the pen where there is no number. */
export function trace(points: Points, pen: { moveTo(x: number, y: number): void; lineTo(x: number, y: number): void }): void {
  let down = false;
  for (let i = 0; i + 1 < points.length; i += 2) {
    const x = points[i] ?? NaN;
    const y = points[i + 1] ?? NaN;
    if (!Number.isFinite(x) || !Number.isFinite(y)) down = false;
    else if (down) pen.lineTo(x, y);
    else {
      pen.moveTo(x, y);
      down = true;
    }
  }
}

/** The font of a text, as canvases name it. */
export function fontOf(style: TextStyle = {}): string {
  return `${style.weight ?? 400} ${style.size ?? 12}px ${style.mono ? mono : sans}`;
}

let measuring: CanvasRenderingContext2D | undefined;

/** The width of a text in CSS pixels, wherever it is drawn. */
export function measureText(text: string, style: TextStyle = {}): number {
  measuring ??= document.createElement('canvas').getContext('2d') ?? undefined;
  if (!measuring) throw new Error('painter: this browser has no canvas to measure text with');
  measuring.font = fontOf(style);
  return measuring.measureText(text).width;
}

/** A text cut to a width, with an ellipsis where something is missing. */
export function cutText(p: Pick<Painter, 'measure'>, text: string, width: number, style?: TextStyle): string {
  if (p.measure(text, style) <= width) return text;
  let n = text.length;
  while (n > 1 && p.measure(`${text.slice(0, n)}…`, style) > width) n--;
  return `${text.slice(0, n)}…`;
}

/** A fill given as a colour or in full. */
export function fillOf(fill: Shape['fill']): Fill | undefined {
  return typeof fill === 'string' ? { color: fill } : fill;
}

export { CanvasPainter } from './canvaspainter';
export { SvgPainter } from './svgpainter';
