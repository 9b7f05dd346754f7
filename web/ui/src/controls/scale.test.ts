import { describe, expect, test } from 'vitest';
import { scale, type ScaleOptions } from './scale';

const scales: [string, ScaleOptions][] = [
  ['linear', { min: -2, max: 3 }],
  ['linear on a grid', { min: 1, max: 10, step: 1 }],
  ['log', { min: 1e-5, max: 1, log: true }],
  ['log with zero', { min: 1e-6, max: 1, log: true, zero: true }],
  ['complement', { min: 0, max: 0.9999, complement: true }],
];

describe.each(scales)('%s', (_, o) => {
  const s = scale(o);
  test('every place has a value that is at that place, and they rise', () => {
    let before = -Infinity;
    for (let p = 0; p <= s.steps; p++) {
      const v = s.value(p);
      expect(v).toBeGreaterThan(before);
      expect(Math.abs(s.place(v) - p)).toBeLessThanOrEqual(o.log || o.complement ? 1 : 0);
      before = v;
    }
  });
  test('the ends are exact, and values outside are at an end', () => {
    expect(s.value(0)).toBe(o.zero ? 0 : o.min);
    expect(s.value(s.steps)).toBe(o.max);
    expect(s.place(o.max + 10)).toBe(s.steps);
    expect(s.place(o.min - 10)).toBe(0);
  });
});

test('complement puts what people write where it can be found', () => {
  const s = scale({ min: 0, max: 0.9999, complement: true });
  for (const v of [0, 0.9, 0.99, 0.999, 0.9999]) expect(s.value(s.place(v))).toBe(v);
  expect(s.place(0.99) - s.place(0.9)).toBe(s.place(0.999) - s.place(0.99));
});

test('what is no scale is refused', () => {
  expect(() => scale({ min: 1, max: 1 })).toThrow('want min < max');
  expect(() => scale({ min: 0, max: 1, log: true })).toThrow('want more than 0');
  expect(() => scale({ min: 0, max: 1, complement: true })).toThrow('want less than 1');
});
