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
