import { expect, test } from 'vitest';
import { flagsOf, trainCommand, valuesOf } from './create';
import { conditionOf } from './filter';
import { chartOf, type Look } from './charts';
import { fieldText, runNames, shortId } from './names';
import { listCommand, listQuery, shellLine, usualColumns, type State } from './state';
import { extend } from './store';
import type { SettingInfo } from '../../meta';
import type { Drawn, RunDrawn } from './types';

const state: State = {
  run: '', tab: 'curves', where: ['lr<0.01', 'optimizer=adam'], tag: ["it's"], status: ['finished', 'running'], sort: '-val_loss', columns: usualColumns, selected: [],
  x: 'step', smooth: 0, logx: false, logy: false, group: '', curves: [], new: false, set: [], limit: 0,
};

test('a list is asked for as the command line asks', () => {
  const q = new URLSearchParams(listQuery(state, 'abc'));
  expect(q.getAll('where')).toEqual(['lr<0.01', 'optimizer=adam']);
  expect(q.getAll('status')).toEqual(['finished', 'running']);
  expect(q.get('seen')).toBe('abc');
  expect(listCommand('descent', state, 'my runs')).toBe(
    String.raw`descent runs --runs 'my runs' --where 'lr<0.01' --where optimizer=adam --tag 'it'\''s' --status finished,running --sort -val_loss`);
  expect(shellLine(['a', '', '$(x)'])).toBe("a '' '$(x)'");
});

test('text without an operator is part of an ID', () => {
  expect(conditionOf(' lr<0.1 ')).toBe('lr<0.1');
  expect(conditionOf('adam')).toBe('id~adam');
  expect(conditionOf('=x')).toBe('id~=x');
  expect(conditionOf('  ')).toBe('');
});

test('fields are written as the command line writes them', () => {
  expect(fieldText('val_accuracy', 0.5)).toBe('50.00 %');
  expect(fieldText('final_loss', 0.123456)).toBe('0.1235');
  expect(fieldText('steps', 12345)).toBe('12,345');
  expect(fieldText('lr', '0.10')).toBe('0.10');
  expect(fieldText('final_loss', 'NaN')).toBe('NaN');
  expect(fieldText('x', null)).toBe('');
});

test('runs are named by as little as tells them apart', () => {
  const ids = ['20261122-101010-mlp-adam-aaaa', '20261122-101011-mlp-sgd-bbbb', '20261122-101012-mlp-sgd-cccc'];
  const settings = [
    { field: 'seed', values: ['1', '1', '2'] }, { field: 'optimizer', values: ['adam', 'sgd', 'sgd'] }, { field: 'name', values: ['x', 'y', 'z'] }, { field: 'lr', values: ['1', '0.1', '0.2'] },
  ];
  expect([...runNames({ ids, settings, metrics: [] }).values()]).toEqual(['adam, lr 1', 'sgd, lr 0.1', 'sgd, lr 0.2']);
  expect([...runNames({ ids, settings: [{ field: 'seed', values: ['1', '1', '1'] }], metrics: [] }).values()]).toEqual(ids.map(shortId));
});

test('what a stream brings stands behind what is there', () => {
  const run: RunDrawn = {
    id: 'a', place: '10-x', status: 'running', names: ['loss'], epochs: false, planned: 0, steps: 2, seconds: 0, skipped: 0, clipped: 0, marks: [], finished: false,
    curves: [{ metric: 'loss', x: [1, 2], y: [3, null], points: 2, smooth: { x: [1, 2], y: [3, 3] } }],
  };
  extend(run, {
    id: 'a', from: '10-x', to: '20-y', names: ['loss', 'val_loss'], marks: [{ kind: 'checkpoint', x: 3, step: 3, text: 'c' }],
    curves: [{ metric: 'loss', x: [3], y: [1], points: 1, smooth: { x: [3], y: [2] }, bad: [{ x: 3, step: 3, value: 'NaN' }] }, { metric: 'val_loss', x: [3], y: [9], points: 1 }],
  });
  expect(run.place).toBe('20-y');
  expect(run.curves[0]).toMatchObject({ x: [1, 2, 3], y: [3, null, 1], points: 3, smooth: { x: [1, 2, 3], y: [3, 3, 2] } });
  expect(run.curves[0]?.bad).toHaveLength(1);
  expect(run.curves[1]).toMatchObject({ metric: 'val_loss', x: [3] });
  expect(run.steps).toBe(3);
  expect(run.marks).toHaveLength(1);
  extend(run, { id: 'a', from: '20-y', to: '19-z', curves: [], void: 1, marks: [{ kind: 'resumed', x: 3, step: 3, text: 'c' }] });
  expect(run.marks.map((m) => m.kind)).toEqual(['resumed']);
});

test('a form asks for what differs from the defaults', () => {
  const setting = (key: string, type: SettingInfo['type'], value: string): SettingInfo => ({ key, type, default: value, optional: false, doc: '', part: '', free: false });
  const settings = [setting('data', 'text', 'digits'), setting('lr', 'number', ''), setting('cycle-momentum', 'switch', 'true'), setting('tags', 'list', '')];
  const flags = flagsOf(valuesOf(['data=digits', 'lr=0.1', 'cycle-momentum=false', 'tags=a, b=c,', 'nonsense']), settings);
  expect(flags).toEqual({ lr: '0.1', 'cycle-momentum': false, tags: ['a', 'b=c'] });
  expect(trainCommand('descent', flags)).toBe('descent train --lr 0.1 --cycle-momentum=false --tags a,b=c');
});

test('a run that goes on has its place in every legend, one that has ended only where it has a curve', () => {
  const run = (id: string, status: RunDrawn['status'], ...metrics: string[]): RunDrawn => ({
    id, place: '', status, names: metrics, epochs: true, planned: 0, steps: 2, seconds: 0, skipped: 0, clipped: 0, marks: [], finished: status !== 'running',
    curves: metrics.map((metric) => ({ metric, x: [1, 2], y: [2, 1], points: 2 })),
  });
  const drawn: Drawn = { x: 'step', runs: [run('a', 'finished', 'loss', 'val_loss'), run('b', 'running', 'loss'), run('c', 'stopped', 'loss')] };
  const look: Look = { x: 'step', logx: false, logy: false, smooth: 0, group: '', name: (id) => id, style: () => 0, command: () => '', window: null };
  const lines = (metric: string): string[] => chartOf(metric, drawn, look, () => {}).series.map((s) => s.name);
  expect(lines('loss')).toEqual(['a', 'b', 'c']);
  expect(lines('val_loss')).toEqual(['a', 'b']);
});
