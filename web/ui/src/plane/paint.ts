import { cutText, type Painter, type Rect } from '../painter';
import { theme } from '../style';
import { ticks, type Scale, type Tick } from '../ticks';
import { toX, toY, type Geometry } from './geometry';
import type { Relief } from './relief';

/** How an axis is labelled. */
export interface AxisLook {
  label: string;
  /** Names of the places 0, 1, …, which alone are labelled then. */
  choices?: readonly string[];
}

const mostName = 110;

/** The labels of the upright axis, on so many pixels. */
export function ticksOfY(s: Scale, height: number, choices?: readonly string[]): Tick[] {
  return choices ? named(choices) : ticks(s, Math.max(3, Math.floor(height / 60)));
}

function ticksOfX(s: Scale, width: number, choices?: readonly string[]): Tick[] {
  return choices ? named(choices) : ticks(s, Math.max(3, Math.floor(width / 90)));
}

const named = (choices: readonly string[]): Tick[] => choices.map((text, value) => ({ value, text }));

/** The room on the left that these labels need, and the name of the axis. */
export function leftRoom(p: Pick<Painter, 'measure'>, labels: readonly Tick[], label: string): number {
  const widest = Math.min(mostName, Math.max(0, ...labels.map((tick) => p.measure(tick.text))));
  return Math.max(44, Math.ceil(widest) + (label.length > 1 ? 30 : 24));
}

/** Draws the frame of a plane with its axes. */
export function paintAxes(p: Painter, g: Geometry, x: AxisLook, y: AxisLook): void {
  const t = theme();
  const { box } = g;
  const bottom = box.y + box.height;
  p.rect(box, { stroke: { color: t.muted, width: 1 } });
  const across = x.choices ? box.width / x.choices.length - 8 : Infinity;
  for (const tick of ticksOfX(g.x, box.width, x.choices)) {
    const at = toX(g, tick.value);
    p.line([at, bottom, at, bottom + (tick.text ? 4 : 2)], { color: t.muted });
    p.text(at, bottom + 7, cutText(p, tick.text, across), { align: 'center', baseline: 'top', color: t.muted });
  }
  const heights: number[] = [];
  for (const tick of ticksOfY(g.y, box.height, y.choices)) {
    const at = toY(g, tick.value);
    if (tick.text) heights.push(at);
    p.line([box.x - (tick.text ? 4 : 2), at, box.x, at], { color: t.muted });
    p.text(box.x - 7, at, cutText(p, tick.text, mostName), { align: 'right', baseline: 'middle', color: t.muted });
  }
  p.text(box.x + box.width / 2, bottom + 37, x.label, { align: 'center', baseline: 'bottom', color: t.muted });
  if (y.label.length > 1) {
    p.text(8, box.y + box.height / 2, cutText(p, y.label, box.height), { align: 'center', baseline: 'middle', color: t.muted, rotate: -90 });
    return;
  }
  // Between two labels, which it could else lie on.
  const [above = box.y, below = bottom] = heights.slice(Math.max(0, Math.floor(heights.length / 2) - 1));
  p.text(10, (above + below) / 2, y.label, { align: 'center', baseline: 'middle', color: t.muted });
}

/** The room on the right that the scale of colours needs. */
export function scaleRoom(p: Pick<Painter, 'measure'>, r: Relief): number {
  const style = { size: 11 };
  return Math.ceil(14 + Math.max(16 + Math.max(0, ...r.marks.map((m) => p.measure(m.text, style))), p.measure(r.title, style)) + 6);
}

/** Draws the scale of colours right of a plane. */
export function paintScale(p: Painter, box: Rect, r: Relief, colours: readonly string[]): void {
  const t = theme();
  const bar = { x: box.x + box.width + 14, y: box.y + 18, width: 10, height: box.height - 18 };
  p.text(bar.x, box.y + 9, r.title, { size: 11, color: t.muted, baseline: 'middle' });
  for (let k = 0; k < r.bands; k++) {
    const top = bar.y + bar.height * (1 - (k + 1) / r.bands);
    p.rect({ x: bar.x, y: top, width: bar.width, height: bar.height / r.bands + 0.5 }, { fill: colours[k] ?? t.plot });
  }
  p.rect(bar, { stroke: { color: t.muted } });
  let above = Infinity;
  for (const m of r.marks) {
    const y = bar.y + bar.height * (1 - m.height);
    if (above - y < 13) continue;
    above = y;
    p.line([bar.x + bar.width, y, bar.x + bar.width + 3, y], { color: t.muted });
    p.text(bar.x + bar.width + 6, y, m.text, { size: 11, color: t.muted, baseline: 'middle' });
  }
}

/** A star where a function has a known minimum. */
export function paintMinimum(p: Painter, x: number, y: number): void {
  const t = theme();
  p.marker('star', x, y, 5.5, { fill: t.paper, stroke: { color: t.ink, width: 1.25 } });
}

/** A cross where something has diverged. */
export function paintDiverged(p: Painter, x: number, y: number, color: string, r = 6): void {
  p.marker('cross', x, y, r, { stroke: { color: theme().paper, width: r - 1 } });
  p.marker('cross', x, y, r, { stroke: { color, width: r > 5 ? 2.5 : 2 } });
}

/** Hair lines about the place of a cursor, which stays free. */
export function paintCross(p: Painter, x: number, y: number): void {
  const t = theme();
  for (const stroke of [{ color: t.halo, width: 3 }, { color: t.ink, width: 1 }]) {
    p.line([x - 9, y, x - 3, y], stroke);
    p.line([x + 3, y, x + 9, y], stroke);
    p.line([x, y - 9, x, y - 3], stroke);
    p.line([x, y + 3, x, y + 9], stroke);
  }
}
