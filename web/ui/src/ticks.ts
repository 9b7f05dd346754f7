// Axes: which values are labelled, and how.

export interface Tick {
  value: number;
  /** Empty: a line of the grid without a label. */
  text: string;
}

/** An axis between lo and hi; both are positive when it is logarithmic. */
export interface Scale {
  lo: number;
  hi: number;
  log: boolean;
}

/** A scale that holds lo to hi with a margin on both sides, a share of the span. Equal ends are moved apart. */
export function fit(lo: number, hi: number, log: boolean, margin = 0): Scale {
  if (!(lo <= hi) || (log && !(lo > 0))) return log ? { lo: 0.1, hi: 1, log } : { lo: 0, hi: 1, log };
  if (log) {
    let l = Math.log10(lo);
    let u = Math.log10(hi);
    if (u - l < 1e-9) [l, u] = [l - 0.5, u + 0.5];
    const m = margin * (u - l);
    return { lo: Math.max(10 ** (l - m), Number.MIN_VALUE), hi: Math.min(10 ** (u + m), Number.MAX_VALUE), log };
  }
  const size = Math.max(Math.abs(lo), Math.abs(hi));
  let by = margin * (hi - lo);
  if (hi - lo <= 1e-12 * size || size === 0) by = 0.05 * (size || 1);
  return { lo: Math.max(lo - by, -Number.MAX_VALUE), hi: Math.min(hi + by, Number.MAX_VALUE), log };
}

/** The place of v, 0 at lo and 1 at hi. */
export function unit(s: Scale, v: number): number {
  if (s.log) return v > 0 ? (Math.log(v) - Math.log(s.lo)) / (Math.log(s.hi) - Math.log(s.lo)) : NaN;
  return (v / 2 - s.lo / 2) / (s.hi / 2 - s.lo / 2);
}

/** The value at a place. */
export function valueAt(s: Scale, u: number): number {
  const span = s.hi - s.lo;
  if (!s.log) return Number.isFinite(span) ? s.lo + u * span : s.lo * (1 - u) + s.hi * u;
  const ratio = s.hi / s.lo;
  return Number.isFinite(ratio) ? s.lo * ratio ** u : Math.exp(Math.log(s.lo) * (1 - u) + Math.log(s.hi) * u);
}

/** About n labelled ticks, and lines between them without labels where decades are few. */
export function ticks(s: Scale, n: number): Tick[] {
  return s.log ? logTicks(s, n) : linearTicks(s, n);
}

function linearTicks({ lo, hi }: Scale, n: number): Tick[] {
  const step = niceStep(hi / Math.max(1, n) - lo / Math.max(1, n));
  if (!(step > 0) || !Number.isFinite(step)) return [];
  const first = Math.ceil(lo / step - 1e-9);
  const last = Math.floor(hi / step + 1e-9);
  if (last - first > 100 || Math.max(Math.abs(first), Math.abs(last)) >= 2 ** 53) return [];
  const top = Math.max(Math.abs(first), Math.abs(last)) * step;
  const out: Tick[] = [];
  for (let k = first; k <= last; k++) out.push({ value: k * step, text: label(k * step, step, top) });
  return out;
}

/** The smallest of 1, 2, 2.5, 5 times a power of ten that is not far below v. */
function niceStep(v: number): number {
  if (!(v > 0) || !Number.isFinite(v)) return 0;
  const base = 10 ** Math.floor(Math.log10(v));
  for (const m of [1, 2, 2.5, 5]) {
    if (m * base >= 0.75 * v) return Number((m * base).toPrecision(3));
  }
  return Number((10 * base).toPrecision(3));
}

function label(v: number, step: number, top: number): string {
  if (Math.abs(v) < 1e-9 * step) return '0';
  if (top < 1e-4 || top >= 1e9) return scientific(v);
  if (top >= 1e6 && step >= 1e4) return minus(`${Number((v / 1e6).toPrecision(12))}M`);
  if (step >= 1e3 && step % 100 === 0 && top >= 1e4) return minus(`${Number((v / 1e3).toPrecision(12))}k`);
  return minus(v.toFixed(decimals(step)));
}

function decimals(step: number): number {
  for (let d = 0; d < 12; d++) {
    const scaled = step * 10 ** d;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-9 * scaled) return d;
  }
  return 12;
}

function scientific(v: number): string {
  const [m = '', e = '0'] = v.toExponential(4).split('e');
  return minus(`${Number(m)}e${Number(e)}`);
}

function minus(text: string): string {
  return text.replace(/-/g, '−');
}

function logTicks({ lo, hi }: Scale, n: number): Tick[] {
  const first = Math.ceil(Math.log10(lo) - 1e-9);
  const last = Math.floor(Math.log10(hi) + 1e-9);
  const decades = Math.log10(hi) - Math.log10(lo);
  if (decades < 1.2) {
    // Less than a decade is labelled like a linear axis, or at 1, 2, 5 if that gives enough.
    const even = linearTicks({ lo, hi, log: false }, n);
    if (last < first || decades < 0.7) return even;
  }
  const out: Tick[] = [];
  const every = Math.max(1, Math.ceil((last - first + 1) / Math.max(1, n)));
  const between = every > 1 ? [] : last - first + 1 <= Math.max(2, n / 3) ? [2, 5] : [];
  for (let k = first - 1; k <= last; k++) {
    for (const m of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
      const value = Number(`${m}e${k}`);
      if (value < lo * (1 - 1e-9) || value > hi * (1 + 1e-9)) continue;
      const labelled = (m === 1 && (k - first) % every === 0) || between.includes(m);
      if (labelled) out.push({ value, text: power(m, k) });
      else if ((m === 1 && every <= 5) || (every === 1 && decades <= 6)) out.push({ value, text: '' });
    }
  }
  return out;
}

function power(m: number, k: number): string {
  if (k >= -3 && k <= 3) return k >= 0 ? String(m * 10 ** k) : (m * 10 ** k).toFixed(-k);
  return minus(`${m}e${k}`);
}
