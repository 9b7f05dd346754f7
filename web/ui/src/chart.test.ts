import { expect, test } from 'vitest';
import { lowerBound, nearest, scales, showable } from './chart/extent';
import { paintChart, paintSeries, room, roomLeft, trace } from './chart/paint';
import type { ChartSpec, Series } from './chart/spec';
import { chartTable } from './chart/table';
import { SvgPainter } from './painter';
import { seriesStyle } from './style';

const line = (x: number[], y: (number | null)[], more: Partial<Series> = {}): Series => ({ name: 'a', x, y, style: seriesStyle(0), ...more });
const spec = (series: Series[], log = false): ChartSpec => ({ id: 'c', title: 'Loss', x: { label: 'step' }, y: { label: 'loss', log }, series });

test('places in x', () => {
  const x = [1, 2, 2, 4];
  expect([0, 1, 2, 3, 4, 5].map((v) => lowerBound(x, v))).toEqual([0, 0, 1, 3, 3, 4]);
  expect([0, 1.4, 2.9, 3.1, 9].map((v) => nearest(x, v))).toEqual([0, 0, 2, 3, 3]);
  expect(nearest([], 1)).toBe(-1);
  expect(nearest([1, 100], 11, true)).toBe(1);
  expect(nearest([1, 100], 9, true)).toBe(0);
});

test('axes hold what is finite, and on a logarithm what is positive', () => {
  const s = spec([line([0, 1, 2, 3], [1, NaN, null, 1000])]);
  expect(scales(s, s.series, null).y.lo).toBeLessThan(1);
  expect(scales(s, s.series, null).y.hi).toBeGreaterThan(1000);
  const l = spec([line([0, 1, 2, 3], [-5, 0, 0.01, Infinity])], true);
  const { y } = scales(l, l.series, null);
  expect(y.lo).toBeGreaterThan(0);
  expect(y.lo).toBeLessThanOrEqual(0.01);
  expect(scales(s, s.series, { lo: 2.5, hi: 3 }).x).toEqual({ lo: 2.5, hi: 3, log: false });
});

test('what a logarithmic axis cannot show is known', () => {
  const of = (...y: (number | null)[]) => [line(y.map((_, i) => i), y)];
  expect([of(-1, 0), of(-1, 2), of(NaN, null), of(), of(Infinity)].map((s) => showable(s, true))).toEqual([false, true, false, false, true]);
  expect([of(-1, 0), of(NaN, null), of()].map((s) => showable(s, false))).toEqual([true, false, false]);
});

test('a million points become few, and no spike is lost', () => {
  const n = 1_000_000;
  const x = Float64Array.from({ length: n }, (_, i) => i);
  const y = Float64Array.from({ length: n }, (_, i) => Math.sin(i / 50_000));
  y[123_456] = 9;
  y[765_432] = -9;
  const series = { ...line([], []), x, y };
  const s = spec([series]);
  const f = { box: { x: 0, y: 0, width: 800, height: 300 }, ...scales(s, s.series, null) };
  const started = performance.now();
  const points = trace(f, series);
  expect(performance.now() - started).toBeLessThan(1000);
  expect(points.length / 2).toBeLessThan(4 * 2 * 801);
  const ys = points.filter((_, i) => i % 2 === 1);
  const top = (1 - (9 - f.y.lo) / (f.y.hi - f.y.lo)) * 300;
  const bottom = (1 - (-9 - f.y.lo) / (f.y.hi - f.y.lo)) * 300;
  expect(Math.min(...ys)).toBeCloseTo(top, 6);
  expect(Math.max(...ys)).toBeCloseTo(bottom, 6);
});

test('gaps stay gaps when points are thinned', () => {
  const x = Array.from({ length: 20_000 }, (_, i) => i);
  const y = x.map((v) => (v > 8000 && v < 12_000 ? NaN : 1));
  const series = line(x, y);
  const f = { box: { x: 0, y: 0, width: 400, height: 100 }, x: { lo: 0, hi: 19_999, log: false }, y: { lo: 0, hi: 2, log: false } };
  const points = trace(f, series);
  const inside = points.filter((_, i) => i % 2 === 0 && (points[i] ?? 0) > 165 && (points[i] ?? 0) < 235 && !Number.isNaN(points[i + 1]));
  expect(inside).toEqual([]);
  expect(points.some(Number.isNaN)).toBe(true);
});

test('the download draws every line with its name, dash and marks', () => {
  const p = new SvgPainter(640, 360);
  p.measure = (text) => 7 * text.length;
  const s = spec([
    line([0, 1, 2], [3, 2, 1], { low: [2, 1, 0], high: [4, 3, 2] }),
    { ...line([0, 1, 2], [1, 2, null]), name: '<b>', style: seriesStyle(1), marks: [{ x: 2, kind: 'diverged', text: 'diverged at step 2' }] },
  ]);
  paintChart(p, s, s.series, scales(s, s.series, null));
  const svg = p.toString();
  expect(svg).toContain('&lt;b&gt;');
  expect(svg).toContain('stroke-dasharray="8 3"');
  expect(svg).toContain('fill-opacity="0.16"');
  expect(svg).toContain('>step</text>');
  expect(svg).not.toContain('NaN');
});

test('the table has every point, band and note', () => {
  const t = chartTable(spec([line([0, 1], [3, null], { low: [2, 1], high: [4, 3], marks: [{ x: 1, kind: 'nan', text: 'NaN' }, { x: 1.5, kind: 'diverged', text: 'over' }] })]));
  expect(t.columns.map((c) => c.name)).toEqual(['line', 'step', 'loss', 'low', 'high', 'note']);
  expect(t.rows).toEqual([['a', 0, 3, 2, 4, ''], ['a', 1, null, 1, 3, 'NaN'], ['a', 1.5, null, null, null, 'over']]);
});

test('the axis makes room for its widest label', () => {
  const p = { measure: (text: string) => 7 * text.length };
  expect(roomLeft(p, [])).toBe(room.left);
  expect(roomLeft(p, ['0', '10'])).toBe(room.left);
  const wide = roomLeft(p, ['0.0030', '1e−13', '0']);
  expect(wide).toBeGreaterThanOrEqual(42 + 18 + 4); // the label, the name of the axis, and a gap
  const svg = new SvgPainter(640, 360);
  svg.measure = p.measure;
  const s = spec([line([0, 1], [0.0001234, 0.0001236])]);
  paintChart(svg, s, s.series, scales(s, s.series, null));
  const labels = [...svg.toString().matchAll(/<text x="([\d.]+)"[^>]*text-anchor="end"[^>]*>([^<]+)</g)].map(([, x = '', text = '']) => Number(x) - 7 * text.length);
  expect(labels.length).toBeGreaterThan(2);
  expect(Math.min(...labels)).toBeGreaterThanOrEqual(18);
});

test('the names of the lines stay on the picture, also where the axis makes room', () => {
  const svg = new SvgPainter(640, 360);
  svg.measure = (text) => 7 * text.length;
  const s = spec(['a', 'b'].map((c) => ({ ...line([0, 1], [1.0001234, 1.0001236]), name: c.repeat(34) })));
  paintChart(svg, s, s.series, scales(s, s.series, null));
  const ends = [...svg.toString().matchAll(/<text x="([\d.]+)"[^>]*>(a+|b+)</g)].map(([, x = '', text = '']) => Number(x) + 7 * text.length);
  expect(ends).toHaveLength(2);
  expect(Math.max(...ends)).toBeLessThanOrEqual(640);
});

test('a marker on the edge of the plot is drawn whole, one beyond it not at all', () => {
  const f = { box: { x: 60, y: 10, width: 100, height: 100 }, x: { lo: 0, hi: 1, log: false }, y: { lo: 0, hi: 1, log: false } };
  const svg = new SvgPainter(200, 200);
  const s = spec([{ ...line([0, 1, 2], [0, 1, 1]), points: true }]);
  paintSeries(svg, f, s, s.series);
  const text = svg.toString();
  const reach = [...text.matchAll(/<clipPath[^>]*><rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g)].map(([, x = '', width = '']) => [Number(x), Number(x) + Number(width)]);
  expect(Math.min(...reach.map(([from = 0]) => from))).toBeLessThanOrEqual(55);
  expect(Math.max(...reach.map(([, to = 0]) => to))).toBeGreaterThanOrEqual(165);
  expect(text.match(/<circle/g)).toHaveLength(2);
});
