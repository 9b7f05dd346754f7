import { describe, expect, it, test } from 'vitest';
import type { Painter, Points } from '../painter';
import { Bands } from './bands';
import { gridTable, mapTable, scaleOf, spotSaid, spotsOf, stopAt, stopText, stopsOf, type MapAxis, type MapData } from './data';
import { boxOf, clipped, fromBoard, lastSeen, routeOf, toX, toY } from './geometry';
import { keysOf, reached } from './marks';
import { readingText } from './reading';
import type { Relief } from './relief';

const n = 7;
const even = (lo: number, hi: number): number[] => Array.from({ length: n }, (_, i) => lo + ((hi - lo) * i) / (n - 1));
const lr: MapAxis = { label: 'lr', log: true, at: even(-3, 3).map((e) => 10 ** e) };
const rule: MapAxis = { label: 'optimizer', choices: ['sgd', 'adam', 'lion'], at: even(-0.5, 2.5) };
const heights = Array.from({ length: n * n }, (_, k) => (k % n) / (n - 1));
const relief: Relief = { n, values: heights.map((v, k) => (k < n ? null : v)), heights, min: '0', max: '1', undefined: n, bands: 4, marks: [], title: 'f' };
const colours = { light: ['a', 'b', 'c', 'd'], dark: ['a', 'b', 'c', 'd'] };
const search: MapData = {
  x: lr, y: rule, value: 'mean loss nearby', relief, paths: [], minima: [], colours,
  tries: [
    { number: 4, x: 0.1, y: 0.2, at: ['0.1', 'sgd'], loss: 2, best: true },
    { number: 9, x: 10, y: 2.1, at: ['10', 'lion'], loss: '+Inf', diverged: true },
  ],
};
const contour: MapData = {
  x: { label: 'x', at: even(-1, 1) }, y: { label: 'y', at: even(0, 3) }, value: 'f', relief, tries: [], minima: [{ x: 0, y: 1 }], colours,
  paths: [
    { name: 'sgd', look: 0, x: [0, 0.5], y: [0, 1], f: [3, 1e-20], step: [0, 40] },
    { name: 'adam', look: 1, x: [0, 7], y: [0, 9], f: [3, '+Inf'], step: [0, 3], diverged: 'diverged at step 4: the loss is +Inf' },
  ],
};

describe('where a cursor stops', () => {
  it('is every place of a number, and the middle of each choice', () => {
    expect(stopsOf(lr)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(stopsOf(rule)).toEqual([1, 3, 5]);
    expect(stopsOf(rule).map((i) => rule.at[i])).toEqual([0, 1, 2]);
  });
  test.each([[1e-9, 0], [0.0011, 0], [0.09, 2], [1, 3], [500, 6], [1e9, 6], [NaN, 0]])('a rate of %d is at stop %d', (v, stop) => expect(stopAt(lr, v)).toBe(stop));
  test.each([[-0.5, 0], [0.4, 0], [0.6, 1], [2.5, 2]])('%d is choice %d', (v, stop) => expect(stopAt(rule, v)).toBe(stop));
  it('is said', () => {
    expect(stopText(lr, 2)).toBe('lr 0.1');
    expect(stopText(rule, 1)).toBe('optimizer adam');
  });
});

test('there and back, on a logarithmic axis and on one of choices', () => {
  const g = { box: boxOf(600, 400, 60, 80), x: scaleOf(lr), y: scaleOf(rule) };
  const [x, y] = fromBoard(g, toX(g, 0.2), toY(g, 1.5));
  expect(x).toBeCloseTo(0.2, 10);
  expect(y).toBeCloseTo(1.5, 10);
  expect(toX(g, 1)).toBeCloseTo(g.box.x + g.box.width / 2, 10);
});

test('level lines lie where the grid says, on the axes as they are drawn', () => {
  const g = { box: { x: 10, y: 20, width: 600, height: 300 }, x: scaleOf(lr), y: scaleOf(rule) };
  const areas: { rings: readonly Points[]; fill: unknown }[] = [];
  const p = { clip: (_: unknown, draw: () => void) => draw(), area: (rings: readonly Points[], shape: { fill?: unknown }) => areas.push({ rings, fill: shape.fill }) } as unknown as Painter;
  new Bands(relief).paint(p, g, { xmin: 1e-3, xmax: 1e3, ymin: -0.5, ymax: 2.5 }, colours.light);
  expect(areas.slice(0, 4).map((a) => a.fill)).toEqual(['a', 'b', 'c', 'd']);
  const edges = areas.slice(1, 4).map(({ rings }) => Math.min(...rings.flatMap((r) => Array.from(r).filter((_, i) => i % 2 === 0))));
  // A quarter, a half and three quarters of the way.
  [160, 310, 460].forEach((x, i) => expect(edges[i]).toBeCloseTo(x, 0));
  // The lowest row has no values.
  expect(areas).toHaveLength(5);
});

describe('a path that goes far away', () => {
  const g = { box: { x: 0, y: 0, width: 100, height: 100 }, x: { lo: 0, hi: 1, log: false }, y: { lo: 0, hi: 1, log: false } };
  it('keeps its direction', () => {
    const route = routeOf(g, [0.5, 1e9], [0.5, 1e8], 1);
    expect(route.slice(0, 2)).toEqual([50, 50]);
    expect(Math.max(...route.map(Math.abs))).toBeLessThanOrEqual(20_000);
    expect(((route[3] ?? 0) - 50) / ((route[2] ?? 0) - 50)).toBeCloseTo(-0.1, 6);
  });
  it('comes back', () => {
    const route = routeOf(g, [0.5, 1e9, 0.5, NaN, 0.25], [0.5, 0.5, 0.25, 0.5, 0.75], 4);
    expect(route.slice(0, 4)).toEqual([50, 50, 20_000, 50]);
    expect(route.slice(4, 6)).toEqual([NaN, NaN]);
    expect(route.slice(8)).toEqual([50, 75, NaN, NaN, 25, 25]);
  });
  it('is last seen where it leaves', () => {
    expect(lastSeen(g, [0.5, 0.75, 2], [0.5, 0.5, 0.5])).toEqual([100, 50]);
    expect(lastSeen(g, [0.5, NaN], [0.25, NaN])).toEqual([50, 75]);
    expect(lastSeen(g, [-1, 2, 9], [-0.5, 2.5, 9])).toEqual([50, 0]);
    expect(lastSeen(g, [3, 4], [3, 4])).toBeUndefined();
  });
  test.each([[[0, 0], [9, 9], [1, 1, 3, 3]], [[2, 2], [2, 2], [2, 2, 2, 2]], [[0, 2], [0, 9], undefined], [[0, 9], [9, 9], undefined]] as const)(
    'from %j to %j within a square', (from, to, want) => expect(clipped(from, to, { x: 1, y: 1, width: 2, height: 2 })).toEqual(want));
});

describe('what is read', () => {
  it('of a path', () => {
    const [sgd, adam] = spotsOf(contour);
    expect(spotSaid(contour, sgd![1]!)).toEqual({ name: 'sgd, step 40', place: 'x 0.5, y 1', value: '1e-20', note: '', lost: false });
    expect(spotSaid(contour, adam![1]!)).toEqual({ name: 'adam, step 3', place: 'x 7, y 9, beyond the map', value: '+Inf', note: 'diverged at step 4: the loss is +Inf', lost: true });
  });
  it('of a try', () => {
    const [tries] = spotsOf(search);
    expect(spotSaid(search, tries![0]!)).toEqual({ name: 'try 4', place: 'lr 0.1, optimizer sgd', value: '2', note: 'the best', lost: false });
    expect(spotSaid(search, tries![1]!)).toMatchObject({ name: 'try 9', value: '', note: 'diverged', lost: true });
  });
  it('in a sentence', () => {
    const nearest = { said: spotSaid(search, spotsOf(search)[0]![1]!), style: { color: '', dash: [], marker: 'circle' as const }, mark: true };
    const r = { place: 'lr 1, optimizer adam', what: 'mean', value: '0.5', nearest };
    expect(readingText(r, 'place')).toBe('lr 1, optimizer adam: mean 0.5. Nearest: try 9, lr 10, optimizer lion, diverged');
    expect(readingText(r, 'nearest')).toBe('try 9, lr 10, optimizer lion, diverged');
    expect(readingText({ ...r, nearest: null }, 'nearest')).toBe('lr 1, optimizer adam: mean 0.5');
  });
});

describe('as rows', () => {
  it('paths with all digits', () => {
    const t = mapTable(contour, 'Paths');
    expect(t.columns.map((c) => c.name)).toEqual(['rule', 'step', 'x', 'y', 'f', 'end']);
    expect(t.rows).toEqual([
      ['sgd', 0, 0, 0, 3, null], ['sgd', 40, 0.5, 1, 1e-20, 'end'],
      ['adam', 0, 0, 0, 3, null], ['adam', 3, 7, 9, Infinity, 'diverged at step 4: the loss is +Inf'],
    ]);
  });
  it('tries', () => expect(mapTable(search, 'Tries').rows).toEqual([[4, 0.1, 'sgd', 2, 'the best'], [9, 10, 'lion', Infinity, 'diverged']]));
  it('the map', () => {
    const t = gridTable(search, 'Map');
    expect(t.rows).toHaveLength(n * n);
    expect(t.rows[3]).toEqual([1, 'sgd', null]);
    expect(t.rows[3 * n + 6]).toEqual([1000, 'adam', 1]);
  });
});

test.each([[0, 0], [2, 0], [4, 1], [9, 2], [10, 3], [1e9, 3]])('at step %d a path is at point %d', (step, index) => {
  expect(reached({ step: [0, 4, 8, 10] }, step)).toBe(index);
});

test('the key names what there is', () => {
  expect(keysOf(contour).map((k) => k.name)).toEqual(['sgd', 'adam', 'start', 'minimum', 'diverged', 'undefined']);
  expect(keysOf(search).map((k) => k.name)).toEqual(['best', 'diverged', 'no try near']);
});
