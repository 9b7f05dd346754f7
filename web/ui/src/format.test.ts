import { expect, test } from 'vitest';
import { num } from './api';
import cases from './format.cases.json';
import { bytes, count, duration, exact, fitting, general, number4, number6, percent, when } from './format';

interface Case {
  value: string;
  brief: string;
  short: string;
  percent?: string;
  duration?: string;
  grouped?: string;
  bytes?: string;
}

// The table is written by the tests of the command line.
test.each(cases as Case[])('$value is written as the command line writes it', (c) => {
  const v = /[a-z]{3}/i.test(c.value) ? num(c.value) : Number(c.value);
  expect(number4(v)).toBe(c.brief);
  expect(number6(v)).toBe(c.short);
  if (c.percent !== undefined) expect(percent(v)).toBe(c.percent);
  if (c.duration !== undefined) expect(duration(v)).toBe(c.duration);
  if (c.grouped !== undefined) expect(count(v)).toBe(c.grouped);
  if (c.bytes !== undefined) expect(bytes(v)).toBe(c.bytes);
});

test('the table is not empty', () => expect(cases.length).toBeGreaterThan(50));

test('all digits come back', () => {
  for (const v of [0.1, 1 / 3, 1e-300, 123456789.125, -0.30000000000000004]) expect(Number(exact(v))).toBe(v);
});

test('halves that are exact go to the even digit', () => {
  expect(general(0.125, 2)).toBe('0.12');
  expect(general(0.375, 2)).toBe('0.38');
  expect(general(25, 1)).toBe('2e+1');
});

test('a moment is written to the minute', () => {
  expect(when('2026-03-01T14:05:59')).toBe('2026-03-01 14:05');
  expect(when('never')).toBe('');
});

test('numbers of the server', () => {
  expect(num(1.5)).toBe(1.5);
  expect(num('NaN')).toBeNaN();
  expect(num('+Inf')).toBe(Infinity);
  expect(num('-Inf')).toBe(-Infinity);
  expect(num(null)).toBeNaN();
  expect(num('12')).toBeNaN();
});

test.each([
  [0, 7, '0'], [-1.84604, 7, '-1.846'], [-1.23456, 8, '-1.23456'], [6.26217e-5, 8, '6.262e-5'], [-6.26217e-5, 7, '-6.3e-5'], [-1.23e-300, 7, '-1e-300'],
  [123456.7, 7, '123457'], [123456.7, 5, '1e+5'], [0.00209, 8, '0.00209'], [-0.000123456, 8, '-0.00012'], [NaN, 2, 'NaN'], [-Infinity, 7, '-Inf'], [-1.6e-300, 3, '-2e-300'],
])('%d in %d characters is %s', (v, room, text) => expect(fitting(v, room)).toBe(text));
