import { expect, test } from 'vitest';
import { pointsOf, sparkPath } from './sparks';

test('a small curve reaches from edge to edge', () => {
  expect(sparkPath({ x: [0, 50, 100], y: [2, 1, 1.5] })).toBe('M1.0 2.0L34.0 20.0L67.0 11.0');
  expect(sparkPath({ x: [1, 2], y: [3, 3] })).toBe('M1.0 11.0L67.0 11.0');
});

test('what spans much is logarithmic, and a gap stays one', () => {
  expect(sparkPath({ x: [0, 1, 2], y: [100, 10, 1] })).toBe('M1.0 2.0L34.0 11.0L67.0 20.0');
  expect(sparkPath({ x: [0, 1, 2, 3, 4], y: [1, 0, null, 0, 1] })).toBe('M1.0 2.0L17.5 20.0M50.5 20.0L67.0 2.0');
  expect(sparkPath({ x: [], y: [] })).toBe('');
  expect(sparkPath({ x: [1], y: [1] })).toBe('');
});

test('what a curve is drawn from changes with its end', () => {
  expect(pointsOf(undefined)).toBe('');
  expect(pointsOf({ x: [1, 2], y: [3, 4] })).not.toBe(pointsOf({ x: [1, 3], y: [3, 4] }));
});
