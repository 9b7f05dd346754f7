import type { Painter } from '../../painter';
import type { Bands } from '../../plane/bands';
import { lastSeen, routeOf } from '../../plane/geometry';
import { paintAxes, paintCross, paintDiverged, paintMinimum, paintScale } from '../../plane/paint';
import { theme, type SeriesStyle } from '../../style';
import { num } from '../../api';
import { indexAt, type Path, type Place, type Rectangle, type Terrain } from './api';
import { toX, toY, type Geometry } from './geometry';
import type { Point } from './state';

/** A path with its name and look, its columns as numbers. */
export interface Track {
  name: string;
  style: SeriesStyle;
  path: Path;
  x: Float64Array;
  y: Float64Array;
  f: Float64Array;
}

/** What is drawn on the plane. */
export interface Scene {
  terrain: Terrain | null;
  bands: Bands | null;
  domain: Rectangle;
  start: Point;
  tracks: readonly Track[];
  /** The step that is shown. */
  step: number;
  /** The rule that is looked into. */
  focus: Track | null;
  arrows: boolean;
  curve: boolean;
  /** What the function is like at the point that is looked into. */
  place: Place | null;
  /** The pointer's place, or the keyboard's. */
  cursor: Point | null;
}

/** The plane with its axes and the scale of its colours. */
export function paintGround(p: Painter, g: Geometry, s: Scene): void {
  const t = theme();
  const { box } = g;
  p.rect(box, { fill: s.terrain?.relief ? t.plot : t.soft });
  const relief = s.terrain?.relief;
  const colours = s.terrain?.colours[t.name].bands ?? [];
  if (s.terrain) s.bands?.paint(p, g, s.terrain.shown, colours);
  paintAxes(p, g, { label: 'x' }, { label: 'y' });
  if (relief && p.width - box.x - box.width > 60) paintScale(p, box, relief, colours);
  stationary(p, g, s);
}

/** Stars are known minima, or those that were found; triangles are saddles and maxima. */
function stationary(p: Painter, g: Geometry, s: Scene): void {
  const t = theme();
  if (!s.terrain) return;
  const minima = s.terrain.minima.length > 0 ? s.terrain.minima : s.terrain.stationary.filter((q) => q.kind === 'minimum');
  p.clip(g.box, () => {
    for (const q of s.terrain?.stationary ?? []) {
      if (q.kind === 'minimum') continue;
      p.marker(q.kind === 'saddle' ? 'plus' : 'triangle', toX(g, q.x), toY(g, q.y), 3.5, { fill: t.muted, stroke: { color: t.halo, width: 1 } });
    }
    for (const m of minima) {
      paintMinimum(p, toX(g, m.x), toY(g, m.y));
    }
  });
}

/** What moves: paths up to the step, the start, arrows, curvature, the cursor. */
export function paintMotion(p: Painter, g: Geometry, s: Scene): void {
  const t = theme();
  p.clip(g.box, () => {
    if (s.curve && s.place) curvature(p, g, s.place);
    for (const track of s.tracks) if (track !== s.focus) route(p, g, track, s.step, false);
    if (s.focus) route(p, g, s.focus, s.step, s.tracks.length > 1);
    if (s.arrows) for (const track of s.tracks) arrows(p, g, track, s.step);
    for (const track of s.tracks) head(p, g, track, s.step, track === s.focus);
    const x = toX(g, s.start[0]);
    const y = toY(g, s.start[1]);
    p.circle(x, y, 7, { fill: { color: t.paper, alpha: 0.85 }, stroke: { color: t.ink, width: 2 } });
    p.circle(x, y, 2, { fill: t.ink });
    if (s.cursor) paintCross(p, toX(g, s.cursor[0]), toY(g, s.cursor[1]));
  });
}

function route(p: Painter, g: Geometry, track: Track, step: number, strong: boolean): void {
  const t = theme();
  const last = indexAt(track.path, step);
  const width = strong ? 2.75 : 2;
  if (last < track.x.length - 1) p.line(routeOf(g, track.x, track.y, track.x.length - 1), { color: track.style.color, width: 1, alpha: 0.45 });
  const done = routeOf(g, track.x, track.y, last);
  p.line(done, { color: t.halo, width: width + 2.5 });
  p.line(done, { color: track.style.color, width, dash: track.style.dash });
}

function head(p: Painter, g: Geometry, track: Track, step: number, focus: boolean): void {
  const t = theme();
  const i = indexAt(track.path, step);
  const x = toX(g, track.x[i] ?? NaN);
  const y = toY(g, track.y[i] ?? NaN);
  if (track.path.failed && i === track.x.length - 1) {
    const end = lastSeen(g, track.x, track.y);
    if (end) paintDiverged(p, ...end, track.style.color);
    return;
  }
  if (!Number.isFinite(x) || !Number.isFinite(y)) return;
  p.marker(track.style.marker, x, y, focus ? 6 : 5, { fill: track.style.color, stroke: { color: t.paper, width: 1.5 } });
}

/** Arrows against the gradient, thin, and along the momentum, filled; their lengths are logarithmic. */
function arrows(p: Painter, g: Geometry, track: Track, step: number): void {
  const { path } = track;
  const i = indexAt(path, step);
  if (i === track.x.length - 1 && path.failed) return;
  const x = toX(g, track.x[i] ?? NaN);
  const y = toY(g, track.y[i] ?? NaN);
  const { gradient_x: gx, gradient_y: gy, momentum_x: mx, momentum_y: my } = path;
  if (gx && gy) arrow(p, g, x, y, -num(gx[i]), -num(gy[i]), largest(gx, gy), track.style.color, false);
  if (mx && my) arrow(p, g, x, y, num(mx[i]), num(my[i]), largest(mx, my), track.style.color, true);
}

const extremes = new WeakMap<object, number>();

function largest(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  let most = extremes.get(a);
  if (most === undefined) {
    most = 0;
    for (let i = 0; i < a.length; i++) {
      const v = Math.hypot(num(a[i]), num(b[i]));
      if (Number.isFinite(v)) most = Math.max(most, v);
    }
    extremes.set(a, most);
  }
  return most;
}

function arrow(p: Painter, g: Geometry, x: number, y: number, vx: number, vy: number, most: number, color: string, filled: boolean): void {
  const t = theme();
  const size = Math.hypot(vx, vy);
  const dx = (vx / (g.domain.xmax - g.domain.xmin)) * g.box.width;
  const dy = (-vy / (g.domain.ymax - g.domain.ymin)) * g.box.height;
  const norm = Math.hypot(dx, dy);
  if (!(size > 0) || !(norm > 0) || !Number.isFinite(norm)) return;
  const length = 14 + 34 * Math.max(0, 1 + Math.log10(size / most) / 4);
  const [ux, uy] = [dx / norm, dy / norm];
  const tip: Point = [x + ux * length, y + uy * length];
  const wing = (side: number): Point => [tip[0] - ux * 8 - side * uy * 4, tip[1] - uy * 8 + side * ux * 4];
  const [l, r] = [wing(1), wing(-1)];
  const base: Point = filled ? [tip[0] - ux * 7, tip[1] - uy * 7] : tip;
  const shaft = [x + ux * 6, y + uy * 6, base[0], base[1]];
  p.line(shaft, { color: t.paper, width: 4, alpha: 0.8 });
  p.line(shaft, { color, width: filled ? 2.5 : 1.5 });
  if (filled) p.area([[tip[0], tip[1], l[0], l[1], r[0], r[1]]], { fill: color, stroke: { color: t.paper, width: 1 } });
  else p.line([l[0], l[1], tip[0], tip[1], r[0], r[1]], { color, width: 1.5 });
}

/** The principal directions, as long as the function is flat there; with two of one sign the ellipse through them. */
function curvature(p: Painter, g: Geometry, place: Place): void {
  const t = theme();
  const values = place.eigenvalues.map(num);
  const vectors = place.eigenvectors.map((v) => v.map(num));
  if (![...values, ...vectors.flat()].every(Number.isFinite)) return;
  const x = toX(g, place.x);
  const y = toY(g, place.y);
  const onBoard = vectors.map(([vx = 0, vy = 0]): Point => [
    (vx / (g.domain.xmax - g.domain.xmin)) * g.box.width, (-vy / (g.domain.ymax - g.domain.ymin)) * g.box.height,
  ]);
  const long = values.map((v, i) => Math.hypot(...(onBoard[i] ?? [0, 0])) / Math.sqrt(Math.max(Math.abs(v), 1e-12 * Math.max(...values.map(Math.abs)), 1e-300)));
  const scaleTo = (0.16 * Math.min(g.box.width, g.box.height)) / Math.max(...long);
  const radii = values.map((v) => scaleTo / Math.sqrt(Math.max(Math.abs(v), 1e-12 * Math.max(...values.map(Math.abs)), 1e-300)));
  const axis = (i: number, share: number): Point => [(onBoard[i]?.[0] ?? 0) * (radii[i] ?? 0) * share, (onBoard[i]?.[1] ?? 0) * (radii[i] ?? 0) * share];
  if ((values[0] ?? 0) * (values[1] ?? 0) > 0) {
    const ring: number[] = [];
    for (let k = 0; k < 96; k++) {
      const a = (2 * Math.PI * k) / 96;
      const [ax, ay] = axis(0, Math.cos(a));
      const [bx, by] = axis(1, Math.sin(a));
      ring.push(x + ax + bx, y + ay + by);
    }
    p.line(ring, { color: t.halo, width: 3.5, closed: true });
    p.line(ring, { color: t.ink, width: 1.25, closed: true });
  }
  values.forEach((v, i) => {
    const [dx, dy] = axis(i, 1);
    p.line([x - dx, y - dy, x + dx, y + dy], { color: t.halo, width: 3.5 });
    p.line([x - dx, y - dy, x + dx, y + dy], { color: t.ink, width: 1.25, dash: v < 0 ? [4, 3] : [] });
  });
}
