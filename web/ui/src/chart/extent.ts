import { fit, type Scale } from '../ticks';
import { at, type Axis, type ChartSpec, type Series } from './spec';

export interface Window {
  lo: number;
  hi: number;
}

/** The first index whose x is at least v. */
export function lowerBound(x: ArrayLike<number>, v: number): number {
  let lo = 0;
  let hi = x.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if ((x[mid] ?? Infinity) < v) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

/** The index whose x is closest to v; −1 without points. */
export function nearest(x: ArrayLike<number>, v: number, log = false): number {
  if (x.length === 0) return -1;
  const i = lowerBound(x, v);
  if (i === 0) return 0;
  if (i === x.length) return i - 1;
  const a = x[i - 1] ?? NaN;
  const b = x[i] ?? NaN;
  return log && a > 0 ? (v / a < b / v ? i - 1 : i) : v - a <= b - v ? i - 1 : i;
}

/** Whether some value can be shown, which on a logarithmic axis is one above zero. */
export function showable(series: readonly Series[], log: boolean): boolean {
  return series.some((s) => {
    for (let i = 0; i < s.y.length; i++) if (at(s.y, i) > (log ? 0 : -Infinity)) return true;
    return false;
  });
}

/** The scales that show the series, x within the window if there is one. */
export function scales(spec: ChartSpec, series: readonly Series[], zoom: Window | null): { x: Scale; y: Scale } {
  const x = zoom ? { ...zoom, log: spec.x.log ?? false } : scaleOf(spec.x, extentX(spec, series), 0);
  const log = spec.y.log ?? false;
  let lo = Infinity;
  let hi = -Infinity;
  const take = (v: number): void => {
    if (!Number.isFinite(v) || (log && v <= 0)) return;
    if (v < lo) lo = v;
    if (v > hi) hi = v;
  };
  for (const s of series) {
    // One point beyond either end, so that a line that crosses the window shows.
    const from = Math.max(0, lowerBound(s.x, x.lo) - (zoom ? 1 : 0));
    const to = Math.min(s.x.length, lowerBound(s.x, x.hi) + 1);
    for (let i = from; i < to; i++) {
      take(at(s.y, i));
      if (s.low) take(at(s.low, i));
      if (s.high) take(at(s.high, i));
    }
    for (const m of s.marks ?? []) if (m.y !== undefined && m.x >= x.lo && m.x <= x.hi) take(m.y);
  }
  return { x, y: scaleOf(spec.y, { lo, hi }, 0.05) };
}

function extentX(spec: ChartSpec, series: readonly Series[]): Window {
  let lo = Infinity;
  let hi = -Infinity;
  for (const s of series) {
    const first = spec.x.log ? lowerBound(s.x, Number.MIN_VALUE) : 0;
    if (first >= s.x.length) continue;
    lo = Math.min(lo, s.x[first] ?? Infinity);
    hi = Math.max(hi, s.x[s.x.length - 1] ?? -Infinity);
    for (const m of s.marks ?? []) hi = Math.max(hi, m.x);
  }
  return { lo, hi };
}

function scaleOf(axis: Axis, { lo, hi }: Window, margin: number): Scale {
  const fitted = fit(lo, hi, axis.log ?? false, margin);
  const low = axis.min ?? fitted.lo;
  const high = axis.max ?? fitted.hi;
  return low < high && (!axis.log || low > 0) ? { lo: low, hi: high, log: fitted.log } : fitted;
}
