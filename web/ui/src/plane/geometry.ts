import type { Rect } from '../painter';
import { unit, valueAt, type Scale } from '../ticks';

/** Where a plane lies on a board, and what it shows. */
export interface Geometry {
  box: Rect;
  x: Scale;
  y: Scale;
}

// Canvases lose their way far outside.
const far = 20_000;

/** A place in pixels, no further away than a canvas can draw. */
export const near = (v: number): number => Math.max(-far, Math.min(far, v));

export const toX = ({ box, x }: Geometry, v: number): number => near(box.x + unit(x, v) * box.width);
export const toY = ({ box, y }: Geometry, v: number): number => near(box.y + (1 - unit(y, v)) * box.height);

/** The part of a stretch within a rectangle, by Liang and Barsky's method; undefined where it passes by. */
export function clipped(from: readonly [number, number], to: readonly [number, number], { x, y, width, height }: Rect): [number, number, number, number] | undefined {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  let [start, end] = [0, 1];
  for (const [step, room] of [[-dx, from[0] - x], [dx, x + width - from[0]], [-dy, from[1] - y], [dy, y + height - from[1]]] as const) {
    if (step === 0 ? room < 0 : Number.isNaN(room / step)) return undefined;
    if (step < 0) start = Math.max(start, room / step);
    else if (step > 0) end = Math.min(end, room / step);
  }
  return start > end ? undefined : [from[0] + start * dx, from[1] + start * dy, from[0] + end * dx, from[1] + end * dy];
}

/** A point of the plane in pixels, however far away it is. */
function anywhere({ box, x, y }: Geometry, xs: ArrayLike<number>, ys: ArrayLike<number>, i: number): [number, number] {
  return [box.x + unit(x, xs[i] ?? NaN) * box.width, box.y + (1 - unit(y, ys[i] ?? NaN)) * box.height];
}

/** The points of a path on the board, up to an index. What cannot be told apart is not drawn, but both ends are; nor is what is too far away for a canvas. */
export function routeOf(g: Geometry, xs: ArrayLike<number>, ys: ArrayLike<number>, last: number): number[] {
  const reach = { x: -far, y: -far, width: 2 * far, height: 2 * far };
  const out: number[] = [];
  let before: [number, number] | undefined;
  for (let i = 0; i <= last; i++) {
    const now = anywhere(g, xs, ys, i);
    if (!now.every(Number.isFinite)) {
      out.push(NaN, NaN);
      before = undefined;
      continue;
    }
    if (before && i < last && Math.abs(now[0] - before[0]) + Math.abs(now[1] - before[1]) < 0.3) continue;
    const seen = clipped(before ?? now, now, reach);
    if (seen) {
      if (before && (seen[0] !== before[0] || seen[1] !== before[1])) out.push(NaN, NaN, seen[0], seen[1]);
      out.push(seen[2], seen[3]);
    }
    before = now;
  }
  return out;
}

/** The last place of a path that is within the plane, where it ends or leaves it; undefined when none is. */
export function lastSeen(g: Geometry, xs: ArrayLike<number>, ys: ArrayLike<number>): [number, number] | undefined {
  for (let i = xs.length - 1; i >= 0; i--) {
    const now = anywhere(g, xs, ys, i);
    const before = i > 0 ? anywhere(g, xs, ys, i - 1) : now;
    if (![...now, ...before].every(Number.isFinite)) continue;
    const seen = clipped(before, now, g.box);
    if (seen) return [seen[2], seen[3]];
  }
  return undefined;
}

export function fromBoard({ box, x, y }: Geometry, px: number, py: number): [number, number] {
  return [valueAt(x, (px - box.x) / box.width), valueAt(y, 1 - (py - box.y) / box.height)];
}

export function inside({ box }: Pick<Geometry, 'box'>, px: number, py: number): boolean {
  return px >= box.x && px <= box.x + box.width && py >= box.y && py <= box.y + box.height;
}

/** Room round a plane: on the left for the labels of its axis, on the right for the scale of colours. */
export const room = { top: 10, bottom: 40 };

export function boxOf(width: number, height: number, left: number, right: number): Rect {
  return { x: left, y: room.top, width: Math.max(40, width - left - right), height: Math.max(40, height - room.top - room.bottom) };
}

/** The way that an arrow key goes, y upwards. */
export function arrowOf(key: string): [number, number] | undefined {
  const all: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  return all[key];
}
