import { describe, expect, test, vi } from 'vitest';
import type { Meta } from '../../meta';
import { column, Freshest, indexAt } from './api';
import { inPlace } from './functions';
import { fromBoard, geometry, moved, tidyPoint, toX, toY, zoomed } from './geometry';
import { alphaText } from './looking';
import { pathsTable } from './pathstable';
import type { Track } from './picture';
import { format, named, ordered, parse, sorted, spec } from './rules';

const rule = (name: string, rate: number, hypers: { name: string; text: string }[]) => ({ name, title: name.toUpperCase(), rate, hypers });
const meta = {
  classic: [{ name: 'sgd' }, { name: 'adam' }],
  rules: [rule('adam', 0.001, [{ name: 'beta1', text: '0.9' }]), rule('lion', 0.0001, []), rule('sgd', 0.01, [{ name: 'nesterov', text: 'false' }])],
} as unknown as Meta;

test('parameters stand in an expression as numbers, those below zero in brackets', () => {
  const values = new Map([['a', 20], ['b', -0.2], ['c', 1e-7]]);
  expect(inPlace('a*(1 - exp(-b*sqrt(x^2))) + e - exp(cos(c*x))', values)).toBe('20*(1 - exp(-(-0.2)*sqrt(x^2))) + e - exp(cos(1e-7*x))');
});

describe('rules', () => {
  test.each([
    ['adam', 'adam:lr=0.001', 'adam'],
    ['adam:lr=0.1,beta1=0.5', 'adam:lr=0.1,beta1=0.5', 'adam:beta1=0.5'],
    ['adam: beta1=0.9, lr = 2', 'adam:lr=2', 'adam'],
    ['sgd:nesterov', 'sgd:lr=0.01,nesterov=true', 'sgd:nesterov=true'],
    ['lion:lr=0', 'lion:lr=0', 'lion'],
    ['adam:lr=1,schedule=cosine:min=0.1', 'adam:lr=1,schedule=cosine:min=0.1', 'adam:schedule=cosine:min=0.1'],
    ['sgd:schedule=(step:every=30,gamma=0.5),lr=2,nesterov', 'sgd:lr=2,nesterov=true,schedule=(step:every=30,gamma=0.5)', 'sgd:nesterov=true,schedule=(step:every=30,gamma=0.5)'],
    ['lion:schedule=((cosine))', 'lion:lr=0.0001,schedule=cosine', 'lion:schedule=cosine'],
    ['lion:schedule=(hold:steps=3)+(step:every=3,gamma=0.5)', 'lion:lr=0.0001,schedule=((hold:steps=3)+(step:every=3,gamma=0.5))', 'lion:schedule=((hold:steps=3)+(step:every=3,gamma=0.5))'],
  ])('%s is read and written', (text, whole, short) => {
    const rider = parse(text, meta)!;
    expect(format(rider)).toBe(whole);
    expect(spec(rider)).toBe(short);
    expect(parse(format(rider), meta)).toEqual(rider);
  });
  test.each(['', 'adom', 'adam:beta3=1', 'adam:lr=-1', 'adam:lr=x'])('%s is refused', (text) => expect(parse(text, meta)).toBeUndefined());

  test('names and looks stay while others come and go', () => {
    expect(ordered(meta).map((r) => r.name)).toEqual(['sgd', 'adam', 'lion']);
    const riders = ['lion', 'adam', 'adam:lr=1,schedule=cosine', 'sgd:schedule=warmup:steps=100+cosine:min=0.1'].map((t) => parse(t, meta)!);
    const all = named(sorted(riders, meta), meta);
    expect(all.map((n) => n.title)).toEqual(['SGD', 'ADAM', 'ADAM (2)', 'LION']);
    expect(all.map((n) => n.name)).toEqual(['SGD, warmup:steps=100+cosine…', 'ADAM', 'ADAM (2), cosine', 'LION']);
    expect(new Set(all.map((n) => n.style)).size).toBe(4);
    expect(named([parse('lion', meta)!], meta)[0]?.style).toBe(all[3]?.style);
  });
});

describe('paths', () => {
  test('numbers that JSON lacks', () => expect([...column([1, 'NaN', '+Inf', '-Inf'])]).toEqual([1, NaN, Infinity, -Infinity]));
  test.each([[0, 0], [3, 0], [4, 1], [9, 2], [10, 3], [99, 3]])('step %d of one with every fourth point', (step, index) => {
    expect(indexAt({ step: [0, 4, 8, 10], stride: 4 }, step)).toBe(index);
  });
});

describe('the plane', () => {
  const g = geometry(700, 500, { xmin: -2, xmax: 2, ymin: -1, ymax: 3 });
  test('there and back', () => {
    for (const [x, y] of [[-2, -1], [0.25, 2.5], [2, 3]] as const) {
      const [u, v] = fromBoard(g, toX(g, x), toY(g, y));
      expect(u).toBeCloseTo(x, 10);
      expect(v).toBeCloseTo(y, 10);
    }
    expect(toX(g, 1e300)).toBeLessThan(1e5);
  });
  test('moved, zoomed and back', () => {
    expect(moved(g.domain, 0.25, -0.5)).toEqual({ xmin: -1, xmax: 3, ymin: -3, ymax: 1 });
    expect(zoomed(g.domain, 0.5, [2, 3])).toEqual({ xmin: 0, xmax: 2, ymin: 1, ymax: 3 });
    let d = g.domain;
    for (let i = 0; i < 1000; i++) d = zoomed(d, 0.5, [1, 1]) ?? d;
    expect(d.xmin).toBeLessThan(d.xmax);
  });
  test('no more digits than pixels', () => expect(tidyPoint([1 / 3, 2 / 3], g.domain)).toEqual([0.333, 0.667]));
});

test('what α says', () => {
  expect([-2, -1, -0.5, 0, 0.5, 1, 2].map(alphaText)).toEqual([
    'uphill', 'short', 'before the minimum of its line', 'at the minimum of its line', 'past the minimum of its line',
    'as high on the other side', 'higher on the other side',
  ]);
});

describe('the freshest', () => {
  test('of those that wait only the newest is asked', async () => {
    const asked: number[] = [];
    const got: number[] = [];
    const release: (() => void)[] = [];
    const f = new Freshest();
    for (let i = 0; i < 5; i++) {
      f.ask(() => new Promise<number>((done) => { asked.push(i); release.push(() => done(i)); }), (v) => got.push(v), () => {});
    }
    expect(asked).toEqual([0]);
    release[0]?.();
    await vi.waitFor(() => expect(asked).toEqual([0, 4]));
    release[1]?.();
    await vi.waitFor(() => expect(got).toEqual([0, 4]));
  });
  test('what takes long is given up for a newer one', async () => {
    const got: string[] = [];
    const f = new Freshest();
    f.ask((signal) => new Promise<string>((_, failed) => signal.addEventListener('abort', () => failed(new Error('given up')))), (v) => got.push(v), () => got.push('failed'));
    f.ask(() => Promise.resolve('new'), (v) => got.push(v), () => {});
    await vi.waitFor(() => expect(got).toEqual(['new']), 2000);
  });
});

test('the table of the paths tells rules apart that differ in their schedules', () => {
  const track = (schedule?: string): Track => ({ path: { optimizer: 'adam', lr: 0.1, step: [0, 1], x: [1, 'NaN'], y: [0, 2], f: [3, 4], ...(schedule === undefined ? {} : { schedule }) } }) as unknown as Track;
  const table = pathsTable([track(), track('cosine')]);
  expect(table.columns.map((c) => c.name)).toEqual(['optimizer', 'schedule of its own', 'lr of the run', 'step', 'x', 'y', 'f']);
  expect(table.rows.map((r) => r.slice(0, 5))).toEqual([['adam', null, 0.1, 0, 1], ['adam', null, 0.1, 1, NaN], ['adam', 'cosine', 0.1, 0, 1], ['adam', 'cosine', 0.1, 1, NaN]]);
  expect(pathsTable([track()]).columns.map((c) => c.name)).not.toContain('schedule of its own');
});
