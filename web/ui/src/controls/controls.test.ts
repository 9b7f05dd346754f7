import { expect, test } from 'vitest';
import { filterOptions } from './combobox';
import { intervalText, readNumber, refuseNumber } from './textfield';

test('numbers are refused in words that name the interval', () => {
  expect(refuseNumber(0.5, { min: 0, max: 1 })).toBe('');
  expect(refuseNumber(0, { min: 0, minOpen: true })).toBe('0 is not in (0, ∞).');
  expect(refuseNumber(1, { min: 0, max: 1, maxOpen: true })).toBe('1 is not in [0, 1).');
  expect(refuseNumber(1.5, { int: true })).toBe('1.5 is not a whole number.');
  expect(refuseNumber(NaN, { int: true, min: 1 })).toBe('Want a whole number in [1, ∞).');
  expect(intervalText({})).toBe('(−∞, ∞)');
});

test.each([
  ['0.5', false, 0.5], ['0,5', false, 0.5], ['−3', false, -3], ['1e−5', false, 1e-5], [' 7 ', true, 7], ['', false, NaN], ['x', false, NaN],
  ['10,000', true, 10_000], ['1,234,567', true, 1_234_567], ['1,234,567', false, 1_234_567], ['1,234.5', false, 1234.5],
  ['10,000', false, NaN], ['0,125', false, 0.125], ['1,2,3', true, NaN], ['12,34', true, 12.34],
])('%s is read as a number is written (whole: %s)', (text, int, v) => expect(readNumber(text, int)).toBe(v));

test('options are found by every word, those that start with it first', () => {
  const options = ['Rosenbrock', 'Himmelblau', 'Rotated rosenbrock'].map((label) => ({ value: label.toLowerCase(), label }));
  expect(filterOptions(options, 'ros').map((o) => o.label)).toEqual(['Rosenbrock', 'Rotated rosenbrock']);
  expect(filterOptions(options, 'rosen rot').map((o) => o.label)).toEqual(['Rotated rosenbrock']);
  expect(filterOptions(options, ' ')).toHaveLength(3);
  expect(filterOptions(options, 'x')).toEqual([]);
});
