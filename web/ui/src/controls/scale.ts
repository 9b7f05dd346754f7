/** How a slider's places and its values belong together. */
export interface ScaleOptions {
  min: number;
  max: number;
  /** Equal ratios at equal distances; min must be positive. */
  log?: boolean;
  /** Equal ratios of 1 - v: 0.9, 0.99 and 0.999 are as far apart as what they remember; max must be below 1. */
  complement?: boolean;
  /** The lower end of a logarithmic slider is 0; min comes one place after it. */
  zero?: boolean;
  /** The grid of a linear slider; default: a hundredth of the span. */
  step?: number;
}

export interface Scale {
  /** The last place; the first is 0. */
  readonly steps: number;
  place(v: number): number;
  value(place: number): number;
}

const perDecade = 20;

/** Returns the scale of a slider. */
export function scale(o: ScaleOptions): Scale {
  if (!(o.min < o.max)) throw new RangeError(`controls: ${o.min} to ${o.max}, want min < max`);
  if (o.complement) {
    if (!(o.max < 1)) throw new RangeError(`controls: a complement up to ${o.max}, want less than 1`);
    const mirrored = logarithmic(1 - o.max, 1 - o.min, false);
    const flip = (p: number): number => mirrored.steps - p;
    return {
      steps: mirrored.steps,
      place: (v) => flip(mirrored.place(1 - v)),
      value: (p) => (p <= 0 ? o.min : p >= mirrored.steps ? o.max : Number((1 - mirrored.value(flip(p))).toPrecision(12))),
    };
  }
  if (o.log) {
    if (!(o.min > 0)) throw new RangeError(`controls: a logarithm from ${o.min}, want more than 0`);
    return logarithmic(o.min, o.max, o.zero ?? false);
  }
  return linear(o.min, o.max, o.step ?? (o.max - o.min) / 100);
}

function logarithmic(min: number, max: number, zero: boolean): Scale {
  const inner = Math.max(20, Math.round(Math.log10(max / min) * perDecade));
  const first = zero ? 1 : 0;
  return {
    steps: inner + first,
    place(v) {
      if (zero && v <= 0) return 0;
      return first + within(Math.log(Math.max(v, min) / min) / Math.log(max / min), inner);
    },
    value(p) {
      if (zero && p <= 0) return 0;
      const at = p - first;
      if (at <= 0) return min;
      if (at >= inner) return max;
      return Number((min * (max / min) ** (at / inner)).toPrecision(2));
    },
  };
}

function linear(min: number, max: number, step: number): Scale {
  const steps = Math.max(1, Math.round((max - min) / step));
  return {
    steps,
    place: (v) => within((v - min) / (max - min), steps),
    value: (p) => (p <= 0 ? min : p >= steps ? max : Number((min + (p / steps) * (max - min)).toPrecision(10))),
  };
}

function within(share: number, steps: number): number {
  return Math.round(Math.max(0, Math.min(1, share)) * steps);
}
