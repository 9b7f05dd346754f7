import { boxOf, room, type Geometry as Plane } from '../../plane/geometry';
import { ticksOfY } from '../../plane/paint';
import type { Rectangle } from './api';
import type { Point } from './state';

export { fromBoard, inside, toX, toY } from '../../plane/geometry';

/** Where the plane lies on a board. */
export interface Geometry extends Plane {
  domain: Rectangle;
}

/** Room round the plane for its axes, and for the scale of colours where there is room for that. */
export function geometry(width: number, height: number, domain: Rectangle): Geometry {
  const x = { lo: domain.xmin, hi: domain.xmax, log: false };
  const y = { lo: domain.ymin, hi: domain.ymax, log: false };
  const labels = ticksOfY(y, height - room.top - room.bottom);
  const left = Math.max(44, 12 + 7 * Math.max(0, ...labels.map((tick) => tick.text.length)));
  return { box: boxOf(width, height, left, width >= 480 ? 84 : 10), x, y, domain };
}

/** A number with no more digits than the pixels of an axis can tell apart. */
export function tidy(v: number, span: number): number {
  const digits = Math.min(100, Math.max(0, 3 - Math.floor(Math.log10(span))));
  return digits > 20 ? v : Number(v.toFixed(digits));
}

export function tidyPoint([x, y]: Point, d: Rectangle): Point {
  return [tidy(x, d.xmax - d.xmin), tidy(y, d.ymax - d.ymin)];
}

const roundTo = (v: number): number => Number(v.toPrecision(6));

/** A domain moved by shares of its sides. */
export function moved(d: Rectangle, byX: number, byY: number): Rectangle {
  const dx = byX * (d.xmax - d.xmin);
  const dy = byY * (d.ymax - d.ymin);
  return { xmin: roundTo(d.xmin + dx), xmax: roundTo(d.xmax + dx), ymin: roundTo(d.ymin + dy), ymax: roundTo(d.ymax + dy) };
}

/** A domain enlarged about a point of it; undefined where numbers end. */
export function zoomed(d: Rectangle, factor: number, [x, y]: Point): Rectangle | undefined {
  const next = {
    xmin: roundTo(x + (d.xmin - x) * factor), xmax: roundTo(x + (d.xmax - x) * factor),
    ymin: roundTo(y + (d.ymin - y) * factor), ymax: roundTo(y + (d.ymax - y) * factor),
  };
  const w = next.xmax - next.xmin;
  const h = next.ymax - next.ymin;
  const least = 1e-5 * Math.max(Math.abs(next.xmax), Math.abs(next.ymax), 1e-30);
  return w > least && h > least && w < 1e60 && h < 1e60 ? next : undefined;
}

export function middle(d: Rectangle): Point {
  return [(d.xmin + d.xmax) / 2, (d.ymin + d.ymax) / 2];
}
