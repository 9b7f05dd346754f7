import type { Rect } from '../../painter';
import { ticks, type Tick } from '../../ticks';
import type { Rectangle } from './api';
import type { Point } from './state';

/** Where the plane lies on a board. */
export interface Geometry {
  box: Rect;
  domain: Rectangle;
}

/** The labels of the axis of y, on so many pixels. */
export function ticksOfY({ ymin, ymax }: Rectangle, height: number): Tick[] {
  return ticks({ lo: ymin, hi: ymax, log: false }, Math.max(3, Math.floor(height / 60)));
}

/** Room round the plane for its axes, and for the scale of colours where there is room for that. */
export function geometry(width: number, height: number, domain: Rectangle): Geometry {
  const wide = width >= 480;
  const tall = Math.max(40, height - 10 - 40);
  const left = Math.max(44, 12 + 7 * Math.max(0, ...ticksOfY(domain, tall).map((tick) => tick.text.length)));
  const right = wide ? 84 : 10;
  return { box: { x: left, y: 10, width: Math.max(40, width - left - right), height: tall }, domain };
}

// Canvases lose their way far outside.
const far = 20_000;
const near = (v: number): number => Math.max(-far, Math.min(far, v));

export function toX({ box, domain }: Geometry, x: number): number {
  return near(box.x + ((x - domain.xmin) / (domain.xmax - domain.xmin)) * box.width);
}

export function toY({ box, domain }: Geometry, y: number): number {
  return near(box.y + ((domain.ymax - y) / (domain.ymax - domain.ymin)) * box.height);
}

export function fromBoard({ box, domain }: Geometry, px: number, py: number): Point {
  return [
    domain.xmin + ((px - box.x) / box.width) * (domain.xmax - domain.xmin),
    domain.ymax - ((py - box.y) / box.height) * (domain.ymax - domain.ymin),
  ];
}

export function inside({ box }: Geometry, px: number, py: number): boolean {
  return px >= box.x && px <= box.x + box.width && py >= box.y && py <= box.y + box.height;
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
