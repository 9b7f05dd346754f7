import { expect, test } from 'vitest';
import { fit, ticks, unit, valueAt } from './ticks';

const texts = (lo: number, hi: number, log: boolean, n: number): string[] =>
  ticks({ lo, hi, log }, n).map((t) => t.text).filter((t) => t !== '');

test('linear axes', () => {
  expect(texts(0, 1, false, 5)).toEqual(['0', '0.2', '0.4', '0.6', '0.8', '1.0'].map((t) => (t === '0' ? t : t)));
  expect(texts(-1, 1, false, 4)).toEqual(['−1.0', '−0.5', '0', '0.5', '1.0']);
  expect(texts(0, 5e6, false, 5)).toEqual(['0', '1M', '2M', '3M', '4M', '5M']);
  expect(texts(0, 1e6, false, 4)).toEqual(['0', '0.2M', '0.4M', '0.6M', '0.8M', '1M']);
  expect(texts(0, 50000, false, 5)).toEqual(['0', '10k', '20k', '30k', '40k', '50k']);
  expect(texts(0, 3e-6, false, 3)).toEqual(['0', '1e−6', '2e−6', '3e−6']);
});

test('logarithmic axes', () => {
  expect(texts(1e-6, 1e3, true, 10)).toEqual(['1e−6', '1e−5', '1e−4', '0.001', '0.01', '0.1', '1', '10', '100', '1000']);
  expect(texts(1e-30, 1, true, 4)).toHaveLength(4);
  expect(texts(0.02, 5, true, 6)).toEqual(['0.02', '0.05', '0.1', '0.2', '0.5', '1', '2', '5']);
  expect(texts(2.1, 2.4, true, 4).length).toBeGreaterThan(1);
});

test('every tick lies on its axis, in order, and there are some', () => {
  for (let i = 0; i < 2000; i++) {
    const log = i % 2 === 0;
    const a = 10 ** (-12 + 24 * fraction(i, 7)) * (log || i % 4 === 1 ? 1 : -1);
    const s = fit(Math.min(a, 1), Math.max(a, 1), log, 0.05);
    const found = ticks(s, 2 + (i % 9));
    expect(found.filter((t) => t.text !== '').length).toBeGreaterThan(0);
    found.forEach((t, k) => {
      expect(unit(s, t.value)).toBeGreaterThanOrEqual(-1e-6);
      expect(unit(s, t.value)).toBeLessThanOrEqual(1 + 1e-6);
      if (k > 0) expect(t.value).toBeGreaterThan(found[k - 1]?.value ?? NaN);
    });
    expect(valueAt(s, unit(s, 1))).toBeCloseTo(1, 6);
  }
});

test('values as far apart as numbers can be have ticks, and places that lead back', () => {
  for (const s of [{ lo: -1e308, hi: 1.5e308, log: false }, { lo: -Number.MAX_VALUE, hi: Number.MAX_VALUE, log: false }, { lo: 1e-320, hi: 1e300, log: true }, { lo: 5e-324, hi: Number.MAX_VALUE, log: true }]) {
    expect(ticks(s, 5).filter((t) => t.text !== '').length, JSON.stringify(s)).toBeGreaterThan(1);
    expect(unit(s, s.lo)).toBe(0);
    expect(unit(s, s.hi)).toBe(1);
    for (const u of [0, 0.25, 0.5, 1]) expect(unit(s, valueAt(s, u))).toBeCloseTo(u, 2);
  }
});

test('ends that are equal, missing or at the limits give an axis all the same', () => {
  for (const [lo, hi] of [[0, 0], [5, 5], [Infinity, -Infinity], [-Number.MAX_VALUE, Number.MAX_VALUE], [1e-320, 1e-320], [NaN, NaN]] as const) {
    for (const log of [false, true]) {
      const s = fit(lo, hi, log, 0.05);
      expect(s.lo).toBeLessThan(s.hi);
      expect(Number.isFinite(s.lo) && Number.isFinite(s.hi)).toBe(true);
      expect(ticks(s, 5).length).toBeLessThan(120);
    }
  }
});

function fraction(i: number, by: number): number {
  return (i * by * 0.6180339887498949) % 1;
}
