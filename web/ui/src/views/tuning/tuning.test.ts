import { describe, expect, it } from 'vitest';
import { type LabEvent } from '../../lab/events';
import { axesOf, axisText, inBrush, stepped, unitOf, valueOf, type ParallelAxis } from './axes';
import { formatDimension, parseDimension } from './dimension';
import { emptySearch, improvements, logLosses, paretoFront, ranked, takeEvents, type Search, type Try } from './tries';

const one = (number: number, loss: number, more: Partial<Try> = {}): Try => ({
  number, loss, configuration: {}, values: [loss], share: 1, pruned: false, diverged: !Number.isFinite(loss), seconds: number, ...more,
});

describe('dimensions', () => {
  it.each([
    'lr=1e-4..1 log', 'batch={16,32,64}', 'width=8..256 int log', 'optimizer.beta1=0.5..0.99', 'clip-norm=0..5 step 0.5',
    'optimizer={adam,sgd}', 'optimizer.momentum=0..0.99 if optimizer=sgd', 'schedule.gamma=0.1..0.9 if schedule={step:every=100|exponential}',
    'depth=1..4 int', 'x=-2.5..-1', 'schedule={constant|onecycle}',
  ])('%s is read and written', (text) => {
    const d = parseDimension(text);
    expect(d).toBeDefined();
    expect(d && formatDimension(d)).toBe(text);
  });
  it('reads ends, scale and condition', () => {
    expect(parseDimension(' lr = 1e-4..1  log  if optimizer=sgd ')).toEqual({ key: 'lr', kind: 'log', low: '1e-4', high: '1', step: '', choices: '', when: 'optimizer=sgd' });
    expect(parseDimension('a=.5...9')?.kind).toBe('linear');
  });
  it.each(['', 'lr', 'lr=', 'lr=1', '=1..2', 'a={1,2} log', 'a=1..2 dance'])('leaves %j to a field for text', (text) => {
    expect(parseDimension(text)).toBeUndefined();
  });
});

describe('tries', () => {
  const tries = [one(1, 3), one(2, Infinity), one(3, 1, { pruned: true, share: 0.3 }), one(4, 2, { seconds: 9 }), one(5, 2.5, { seconds: 0.5 })];
  it('ranks those trained to their end before those ended early and those that diverged', () => {
    expect(ranked(tries).map((t) => t.number)).toEqual([4, 5, 1, 3, 2]);
  });
  it('knows which improved on all before', () => {
    expect(improvements(tries).map((t) => t.number)).toEqual([1, 4]);
  });
  it('knows whom none is quicker and better than', () => {
    expect(paretoFront(tries).map((t) => t.number)).toEqual([5, 4]);
  });
  it('has a logarithmic axis where no loss is negative', () => {
    expect(logLosses(tries)).toBe(true);
    expect(logLosses([one(1, -1), one(2, 4)])).toBe(false);
    expect(logLosses([one(1, 0)])).toBe(false);
  });
  it('takes events: later rungs win, and tries are in order', () => {
    const s: Search = emptySearch();
    const look = (number: number, share: number, loss: number | string, pruned = false): LabEvent =>
      ({ event: 'try_looked', t: 0, number, configuration: { lr: '1' }, values: [1, 'NaN'], rung: 1, share, loss, pruned, seconds: 1 });
    const start: LabEvent = { event: 'tuning_started', t: 0, trainings: 9, task: 'a', objective: 'value', measure: 'value', budget: 1, sampler: 'tpe', pruner: 'asha', seeds: 1, space: { params: [{ key: 'lr' }, { key: 'b' }] } };
    expect(takeEvents(s, [start, look(2, 0.3, 5, true)])).toBe(true);
    expect(takeEvents(s, [look(1, 1, '+Inf'), look(2, 1, 4), look(2, 0.6, 3)])).toBe(true); // the last one came late
    expect(s.tries.map((t) => [t.number, t.loss, t.pruned, t.diverged])).toEqual([[1, Infinity, false, true], [2, 4, false, false]]);
    expect(s.tries[0]?.values[1]).toBeNaN();
    expect(takeEvents(s, [{ event: 'searching', t: 0, stage: 'x', spent: 1, budget: 2 }])).toBe(false);
    takeEvents(s, [look(7, 1, 1), start]);
    expect(s.tries).toEqual([]);
  });
});

describe('parallel axes', () => {
  const axis = (more: Partial<ParallelAxis>): ParallelAxis => ({ key: 'a', label: 'a', log: false, low: 0, high: 1, whole: false, value: (t) => t.values[0] ?? NaN, ...more });
  it('places numbers and reads places', () => {
    const log = axis({ log: true, low: 1e-4, high: 1 });
    expect(unitOf(log, 1e-2)).toBeCloseTo(0.5);
    expect(valueOf(log, 0.5)).toBeCloseTo(1e-2);
    expect([valueOf(log, -1), valueOf(log, 2)]).toEqual([1e-4, 1]);
    expect(unitOf(log, Infinity)).toBe(1);
    expect(unitOf(log, NaN)).toBeNaN();
  });
  it('moves an end by keys and stays within the axis', () => {
    const whole = axis({ low: 1, high: 4, whole: true });
    expect(stepped(whole, 2, 'ArrowUp')).toBe(3);
    expect(stepped(whole, 4, 'ArrowUp')).toBe(4);
    expect(stepped(whole, 3, 'Home')).toBe(1);
    expect(stepped(axis({}), 1, 'ArrowDown')).toBeCloseTo(0.975);
    expect(stepped(axis({}), 1, 'x')).toBeUndefined();
  });
  it('has an axis for each dimension and one for the loss', () => {
    const s: Search = { ...emptySearch(), objective: 'value', dimensions: [{ key: 'r', choices: ['sgd', 'adam'] }, { key: 'lr', low: 1e-3, high: 1, log: true }], tries: [one(1, 2, { values: [1, 0.1] }), one(2, Infinity, { values: [0, NaN] })] };
    const axes = axesOf(s);
    expect(axes.map((a) => [a.key, a.label, a.log])).toEqual([['r', 'r', false], ['lr', 'lr', true], ['.loss', 'value', true]]);
    expect(axes[0] && axisText(axes[0], 1)).toBe('adam');
    const within = (b: Record<string, [number, number]>): number[] => s.tries.filter((t) => inBrush(axes, b, t)).map((t) => t.number);
    expect(within({})).toEqual([1, 2]);
    expect(within({ lr: [0.05, 1] })).toEqual([1]);
    expect(within({ r: [0, 0] })).toEqual([2]);
    expect(within({ gone: [0, 0] })).toEqual([1, 2]);
  });
});
