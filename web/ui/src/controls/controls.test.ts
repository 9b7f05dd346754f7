import { expect, test } from 'vitest';
import { filterOptions } from './combobox';
import { intervalText, refuseNumber } from './textfield';

test('numbers are refused in words that name the interval', () => {
  expect(refuseNumber(0.5, { min: 0, max: 1 })).toBe('');
  expect(refuseNumber(0, { min: 0, minOpen: true })).toBe('0 is not in (0, ∞).');
  expect(refuseNumber(1, { min: 0, max: 1, maxOpen: true })).toBe('1 is not in [0, 1).');
  expect(refuseNumber(1.5, { int: true })).toBe('1.5 is not a whole number.');
  expect(refuseNumber(NaN, { int: true, min: 1 })).toBe('Want a whole number in [1, ∞).');
  expect(intervalText({})).toBe('(−∞, ∞)');
});

test('options are found by every word, those that start with it first', () => {
  const options = ['Rosenbrock', 'Himmelblau', 'Rotated rosenbrock'].map((label) => ({ value: label.toLowerCase(), label }));
  expect(filterOptions(options, 'ros').map((o) => o.label)).toEqual(['Rosenbrock', 'Rotated rosenbrock']);
  expect(filterOptions(options, 'rosen rot').map((o) => o.label)).toEqual(['Rotated rosenbrock']);
  expect(filterOptions(options, ' ')).toHaveLength(3);
  expect(filterOptions(options, 'x')).toEqual([]);
});
