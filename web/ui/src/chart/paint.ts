import type { Painter, Rect } from '../painter';
import { theme } from '../style';
import { ticks, unit, type Scale, type Tick } from '../ticks';
import { lowerBound } from './extent';
import { at, type Axis, type ChartSpec, type Mark, type Series } from './spec';

/** Room for the axes, in CSS pixels: the same on the screen and in a download. On the left it is the least. */
export const room = { left: 60, bottom: 46, top: 10, right: 14 };

/** What stands left of a plot beside the labels of its ticks: the name of the axis, and gaps. */
const besideLabels = 31;

/** The room on the left that these labels need, so that the widest does not reach the name of the axis. */
export function roomLeft(p: Pick<Painter, 'measure'>, labels: readonly string[]): number {
  return Math.max(room.left, besideLabels + Math.ceil(Math.max(0, ...labels.map((text) => p.measure(text)))));
}

/** A plot: where it lies and what it shows. */
export interface Frame {
  box: Rect;
  x: Scale;
  y: Scale;
}

export const placeX = (f: Frame, v: number): number => f.box.x + unit(f.x, v) * f.box.width;
export const placeY = (f: Frame, v: number): number => f.box.y + (1 - unit(f.y, v)) * f.box.height;

export const countX = (width: number): number => Math.max(2, Math.floor(width / 90));
export const countY = (height: number): number => Math.max(2, Math.floor(height / 46));

/** The ticks of an axis, at most about n. */
export function axisTicks(axis: Axis, scale: Scale, n: number): Tick[] {
  if (!axis.whole || scale.log) return ticks(scale, n);
  return ticks(scale, Math.max(1, Math.min(n, Math.floor(scale.hi - scale.lo)))).filter((t) => Number.isInteger(t.value));
}

/** Draws everything: axes, series, legend. */
export function paintChart(p: Painter, spec: ChartSpec, series: readonly Series[], window: { x: Scale; y: Scale }): void {
  const named = series.filter((s) => !s.faint);
  const rows = named.length > 1 ? legendRows(p, named) : [];
  const height = Math.max(60, p.height - room.top - room.bottom - rows.length * 20);
  const left = roomLeft(p, axisTicks(spec.y, window.y, countY(height)).map((tick) => tick.text));
  const box = { x: left, y: room.top, width: p.width - left - room.right, height };
  const frame = { box, ...window };
  paintAxes(p, frame, spec);
  paintSeries(p, frame, spec, series);
  rows.forEach((row, i) => {
    let x = room.left;
    const y = box.y + box.height + room.bottom + 20 * i + 8;
    for (const { series: s, width } of row) {
      if (!s.scatter) p.line([x, y, x + 24, y], { color: s.style.color, width: 1.75, dash: s.style.dash });
      p.marker(s.style.marker, x + 12, y, 3, { fill: s.style.color });
      p.text(x + 30, y, s.name, { baseline: 'middle' });
      x += width;
    }
  });
}

function legendRows(p: Painter, series: readonly Series[]): { series: Series; width: number }[][] {
  const rows: { series: Series; width: number }[][] = [];
  let left = 0;
  for (const s of series) {
    const width = 30 + p.measure(s.name) + 20;
    let row = rows.at(-1);
    if (!row || width > left) {
      row = [];
      rows.push(row);
      left = p.width - room.left;
    }
    row.push({ series: s, width });
    left -= width;
  }
  return rows;
}

function paintAxes(p: Painter, f: Frame, spec: ChartSpec): void {
  const t = theme();
  const { box } = f;
  const bottom = box.y + box.height;
  for (const tick of axisTicks(spec.x, f.x, countX(box.width))) {
    const x = placeX(f, tick.value);
    p.line([x, box.y, x, bottom], { color: t.grid });
    if (tick.text) p.text(x, bottom + 6, tick.text, { align: 'center', baseline: 'top', color: t.muted });
  }
  for (const tick of axisTicks(spec.y, f.y, countY(box.height))) {
    const y = placeY(f, tick.value);
    p.line([box.x, y, box.x + box.width, y], { color: t.grid });
    if (tick.text) p.text(box.x - 7, y, tick.text, { align: 'right', baseline: 'middle', color: t.muted });
  }
  p.line([box.x, box.y, box.x, bottom, box.x + box.width, bottom], { color: t.muted, join: 'miter' });
  p.text(box.x + box.width / 2, bottom + room.bottom - 20, spec.x.label, { align: 'center', baseline: 'top', color: t.muted });
  p.text(6, box.y + box.height / 2, spec.y.label, { align: 'center', baseline: 'middle', color: t.muted, rotate: -90 });
}

/** How far a marker reaches: those on an edge of the plot are drawn whole. */
const markReach = 8;

/** Draws the series of a plot: lines within it, markers and marks on its edges whole. */
export function paintSeries(p: Painter, f: Frame, spec: ChartSpec, series: readonly Series[]): void {
  p.clip(inside(f), () => paintLines(p, f, spec, series));
  p.clip(beyond(f), () => {
    series.forEach((s, i) => {
      if (!s.faint || s.scatter) spots(p, f, s, i, trace(f, s), s.faint ? faintness : 1);
    });
    for (const s of series) for (const m of s.marks ?? []) paintMark(p, f, s, m);
  });
}

const faintness = 0.3;

/** The plot, with the width of a line along its edges. */
function inside({ box }: Frame): Rect {
  return { x: box.x, y: box.y - 2, width: box.width + 2, height: box.height + 4 };
}

/** The plot and what markers reach beyond it. */
function beyond({ box }: Frame): Rect {
  return { x: box.x - markReach, y: box.y - markReach, width: box.width + 2 * markReach, height: box.height + 2 * markReach };
}

function paintLines(p: Painter, f: Frame, spec: ChartSpec, series: readonly Series[]): void {
  const t = theme();
  // Labels lie below marks at the upper edge; those that would lie on one another go to lower rows.
  const rows: number[] = [];
  const under = f.box.y + (series.some((one) => one.marks?.some((m) => m.y === Infinity)) ? 20 : 4);
  for (const v of [...(spec.verticals ?? [])].sort((a, b) => a.x - b.x)) {
    const x = placeX(f, v.x);
    if (!(x >= f.box.x && x <= f.box.x + f.box.width)) continue;
    p.line([x, f.box.y, x, f.box.y + f.box.height], { color: t.muted, dash: [4, 3] });
    const width = p.measure(v.text, { size: 11 });
    const right = x + 8 + width > f.box.x + f.box.width;
    const left = right ? x - 5 - width : x + 5;
    let row = rows.findIndex((end) => left > end);
    if (row < 0) row = rows.length;
    rows[row] = left + width + 6;
    p.text(left, under + 14 * row, v.text, { baseline: 'top', size: 11, color: t.muted, halo: t.plot });
  }
  for (const s of series) {
    if (s.low && s.high) p.area(band(f, s), { fill: { color: s.style.color, alpha: 0.16 } });
  }
  for (const s of series) {
    if (s.scatter) continue;
    const points = trace(f, s);
    p.line(points, { color: s.style.color, alpha: s.faint ? faintness : 1, width: s.faint ? 1 : 1.75, dash: dashOf(f, s, points) });
  }
}

/** Draws one line again so that it stands out of the others. */
export function paintFocus(p: Painter, f: Frame, s: Series, index: number): void {
  const points = trace(f, s);
  if (!s.scatter) {
    p.clip(inside(f), () => {
      p.line(points, { color: theme().plot, alpha: 0.85, width: 6 });
      p.line(points, { color: s.style.color, width: 3, dash: dashOf(f, s, points) });
    });
  }
  p.clip(beyond(f), () => {
    spots(p, f, s, index, points, 1);
    for (const m of s.marks ?? []) paintMark(p, f, s, m);
  });
}

/** How a line is dashed: not at all where it rises and falls so often that no dash could be seen, and dashing it takes long. */
function dashOf(f: Frame, s: Series, points: readonly number[]): readonly number[] {
  if (s.faint || s.style.dash.length === 0) return [];
  const most = 8 * (f.box.width + f.box.height);
  let length = 0;
  for (let i = 2; i + 1 < points.length && length <= most; i += 2) {
    const step = Math.hypot((points[i] ?? 0) - (points[i - 2] ?? 0), (points[i + 1] ?? 0) - (points[i - 1] ?? 0));
    if (step > 0) length += step; // not NaN, where the pen is lifted
  }
  return length > most ? [] : s.style.dash;
}

/** The points of a line, thinned where many share a column of pixels so that first, least, greatest and last remain. */
export function trace(f: Frame, s: Series): number[] {
  const from = Math.max(0, lowerBound(s.x, f.x.lo) - 1);
  const to = Math.min(s.x.length, lowerBound(s.x, f.x.hi) + 2);
  const out: number[] = [];
  if (to - from <= 4 * f.box.width) {
    for (let i = from; i < to; i++) out.push(placeX(f, s.x[i] ?? NaN), placeY(f, at(s.y, i)));
    return out;
  }
  let column = NaN;
  let bin: { first: number; last: number; least: number; most: number } | undefined;
  const flush = (): void => {
    if (!bin) return;
    const { first, last, least, most } = bin;
    let before = NaN;
    for (const y of [first, least, most, last]) {
      if (y !== before) out.push(column, y);
      before = y;
    }
    bin = undefined;
  };
  for (let i = from; i < to; i++) {
    const x = Math.round(placeX(f, s.x[i] ?? NaN) * 2) / 2;
    const y = placeY(f, at(s.y, i));
    if (x !== column) flush();
    column = x;
    if (Number.isNaN(y)) {
      flush();
      out.push(NaN, NaN);
    } else if (!bin) bin = { first: y, last: y, least: y, most: y };
    else {
      bin.last = y;
      if (y < bin.least) bin.least = y;
      if (y > bin.most) bin.most = y;
    }
  }
  flush();
  return out;
}

/** The rings of a band: one for every stretch without gaps. */
function band(f: Frame, s: Series): number[][] {
  const rings: number[][] = [];
  let up: number[] = [];
  let down: number[] = [];
  const flush = (): void => {
    const ring = [...up];
    for (let i = down.length - 2; i >= 0; i -= 2) ring.push(down[i] ?? NaN, down[i + 1] ?? NaN);
    if (up.length > 2) rings.push(ring);
    up = [];
    down = [];
  };
  const from = Math.max(0, lowerBound(s.x, f.x.lo) - 1);
  const to = Math.min(s.x.length, lowerBound(s.x, f.x.hi) + 2);
  const edge = f.box.y + f.box.height;
  for (let i = from; i < to; i++) {
    const x = placeX(f, s.x[i] ?? NaN);
    const high = placeY(f, at(s.high, i));
    // On a logarithmic axis a band may reach below what can be shown.
    const low = f.y.log && at(s.low, i) <= 0 ? edge : placeY(f, at(s.low, i));
    if (Number.isNaN(high) || Number.isNaN(low) || Number.isNaN(x)) {
      flush();
      continue;
    }
    up.push(x, high);
    down.push(x, low);
  }
  flush();
  return rings;
}

/** Markers: at every point where they are wanted, at points that no line reaches, and else now and then along the line. */
function spots(p: Painter, f: Frame, s: Series, index: number, points: number[], alpha: number): void {
  const fill = { color: s.style.color, alpha };
  const n = points.length / 2;
  const xs = (i: number): number => points[2 * i] ?? NaN;
  const ys = (i: number): number => points[2 * i + 1] ?? NaN;
  const apart = Math.max(90, f.box.width / 6);
  let next = f.box.x + apart * (0.3 + 0.6 * ((index * 0.381966) % 1));
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(ys(i)) || !within(f, xs(i), ys(i))) continue;
    const alone = !(i > 0 && !Number.isNaN(ys(i - 1))) && !(i + 1 < n && !Number.isNaN(ys(i + 1)));
    const due = xs(i) >= next;
    if (due) while (next <= xs(i)) next += apart;
    if (s.points || s.scatter || alone || due) p.marker(s.style.marker, xs(i), ys(i), s.points || s.scatter ? 3.2 : 3, { fill });
  }
}

function within({ box }: Frame, x: number, y: number): boolean {
  return x >= box.x - 1 && x <= box.x + box.width + 1 && y >= box.y - 1 && y <= box.y + box.height + 1;
}

/** Where a mark lies: at its own height, or on the last point of the series up to it. */
export function markPlace(f: Frame, s: Series, m: Mark): { x: number; y: number } {
  let y = m.y ?? NaN;
  if (!Number.isFinite(y) && y !== Infinity) {
    let i = Math.min(lowerBound(s.x, m.x), s.x.length - 1);
    if ((s.x[i] ?? 0) > m.x) i--;
    while (i >= 0 && !Number.isFinite(placeY(f, at(s.y, i)))) i--;
    y = i >= 0 ? at(s.y, i) : NaN;
  }
  const top = f.box.y + 8;
  const placed = placeY(f, y);
  return { x: placeX(f, m.x), y: Number.isFinite(placed) ? Math.max(placed, top) : top };
}

function paintMark(p: Painter, f: Frame, s: Series, m: Mark): void {
  const t = theme();
  const { x, y } = markPlace(f, s, m);
  if (!within(f, x, m.kind === 'checkpoint' ? f.box.y : y)) return;
  const color = s.style.color;
  switch (m.kind) {
    case 'nan':
      p.marker('cross', x, y, 4, { stroke: { color: t.plot, width: 4 } });
      p.marker('cross', x, y, 4, { stroke: { color: t.warning, width: 2 } });
      break;
    case 'diverged':
      p.circle(x, y, 7, { fill: t.plot, stroke: { color: t.warning, width: 1.75 } });
      p.marker('cross', x, y, 3, { stroke: { color: t.warning, width: 2 } });
      break;
    case 'best':
      p.marker('star', x, y, 5, { fill: color, stroke: { color: t.plot, width: 1.25 } });
      break;
    case 'checkpoint':
      p.line([x, f.box.y + f.box.height, x, f.box.y + f.box.height - 9], { color, width: 2 });
      break;
  }
}
