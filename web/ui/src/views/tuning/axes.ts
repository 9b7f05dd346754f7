import { type Dimension } from '../../lab/events';
import { number4 } from '../../format';
import { logLosses, type Search, type Try } from './tries';

/** An axis of parallel ones: a dimension of the space, or the loss at the end. */
export interface ParallelAxis {
  key: string;
  label: string;
  log: boolean;
  low: number;
  high: number;
  choices?: string[];
  /** Steps of the keys: of whole numbers and choices each one. */
  whole: boolean;
  value(t: Try): number;
}

/** No setting has this name. */
const lossKey = '.loss';

export function axesOf(s: Search): ParallelAxis[] {
  const axes = s.dimensions.map((d, i) => dimensionAxis(d, (t) => t.values[i] ?? NaN));
  const losses = s.tries.filter((t) => !t.diverged).map((t) => t.loss);
  const log = logLosses(s.tries);
  const used = log ? losses.filter((v) => v > 0) : losses;
  let [low, high] = extent(used);
  if (!(low <= high)) [low, high] = [0.1, 1];
  if (low === high) [low, high] = log ? [low / 2, high * 2] : [low - 1, high + 1];
  // A loss of zero has no place on a logarithmic axis: it lies at its lower end.
  return [...axes, { key: lossKey, label: s.objective, log, low, high, whole: false, value: (t) => (log && t.loss <= 0 ? low : t.loss) }];
}

/** The lowest and the highest of some numbers, which may be many; in the wrong order where there are none. */
export function extent(values: readonly number[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return [low, high];
}

function dimensionAxis(d: Dimension, value: (t: Try) => number): ParallelAxis {
  if (d.choices) return { key: d.key, label: d.key, log: false, low: 0, high: Math.max(d.choices.length - 1, 1), choices: d.choices, whole: true, value };
  return { key: d.key, label: d.key, log: d.log ?? false, low: d.low ?? 0, high: d.high ?? 1, whole: d.int ?? false, value };
}

/** The place of a number on an axis, 0 to 1 from below. What has none there is NaN. */
export function unitOf(a: ParallelAxis, v: number): number {
  const u = a.log ? Math.log(v / a.low) / Math.log(a.high / a.low) : (v - a.low) / (a.high - a.low);
  return Number.isFinite(u) ? Math.min(1, Math.max(0, u)) : v === Infinity ? 1 : NaN;
}

/** The number at a place. */
export function valueOf(a: ParallelAxis, u: number): number {
  const at = Math.min(1, Math.max(0, u));
  if (at === 0) return a.low;
  if (at === 1) return a.high;
  const v = a.log ? a.low * (a.high / a.low) ** at : a.low + at * (a.high - a.low);
  return a.whole ? Math.round(v) : Number(v.toPrecision(6));
}

export function axisText(a: ParallelAxis, v: number): string {
  return a.choices ? a.choices[Math.round(v)] ?? '' : number4(v);
}

/** Whether a try is within the brushes. One that does not exist on a brushed axis is not. */
export function inBrush(axes: readonly ParallelAxis[], brushes: Record<string, [number, number]>, t: Try): boolean {
  return axes.every((a) => {
    const b = brushes[a.key];
    if (!b) return true;
    const v = a.value(t);
    // Ends were rounded where they were chosen.
    const slack = 1e-9 * Math.max(Math.abs(b[0]), Math.abs(b[1]));
    return v >= b[0] - slack && v <= b[1] + slack;
  });
}

/** The next place of one end of a brush: a step, a page, or all the way. */
export function stepped(a: ParallelAxis, v: number, key: string): number | undefined {
  const moves: Record<string, number> = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 5, PageDown: -5, Home: -Infinity, End: Infinity };
  const by = moves[key];
  if (by === undefined) return undefined;
  if (!Number.isFinite(by)) return by < 0 ? a.low : a.high;
  if (a.whole) {
    // At least one, and about a fortieth of where it is on a wide axis.
    const size = Math.max(1, Math.round((a.log ? v : a.high - a.low) / 40));
    return Math.min(a.high, Math.max(a.low, Math.round(v + by * size)));
  }
  return valueOf(a, unitOf(a, v) + by / 40);
}
