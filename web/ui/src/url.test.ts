import { expect, test } from 'vitest';
import { flag, int, json, list, number, oneOf, readQuery, text, writeQuery, type Field } from './url';

interface State {
  name: string;
  rate: number;
  steps: number;
  on: boolean;
  rules: string[];
  axis: 'log' | 'linear';
  at: number[];
}

const codec: { [K in keyof State]: Field<State[K]> } = {
  name: text('adam'), rate: number(0.1), steps: int(500), on: flag(true), rules: list(['adam', 'sgd']), axis: oneOf(['log', 'linear'], 'log'),
  at: json<number[]>([1, 1], (v): v is number[] => Array.isArray(v) && v.every((n) => typeof n === 'number')),
};
const initial: State = readQuery(codec, '');

test('the default leaves the address empty', () => expect(writeQuery(codec, initial)).toBe(''));

test('every state comes back', () => {
  const awkward = ['', '~', '!', '!~', 'a~b', 'a&b=c', '100%', 'x²+y², "z"', '+ #?/', 'sgd:momentum=0.9', '\u{1F600}', ' '];
  for (const one of awkward) {
    for (const two of awkward) {
      const state: State = { name: one, rate: -1.5e-7, steps: -3, on: false, rules: [one, two], axis: 'linear', at: [0.1, -2e10] };
      expect(readQuery(codec, writeQuery(codec, state))).toEqual(state);
    }
    for (const rules of [[one], [], [one, one, one]]) {
      expect(readQuery(codec, writeQuery(codec, { ...initial, rules })).rules).toEqual(rules);
    }
  }
});

test('half of a character is no reason to fail', () => {
  expect(readQuery(codec, writeQuery(codec, { ...initial, name: 'a\ud800b' })).name).toBe('a\ufffdb');
});

test('the address reads well', () => {
  expect(writeQuery(codec, { ...initial, rules: ['sgd:momentum=0.9,nesterov', 'adam'], name: '(x-1)^2' }))
    .toBe('?name=(x-1)%5E2&rules=sgd:momentum=0.9,nesterov~adam');
});

test('what is not a value is the default', () => {
  const state = readQuery(codec, '?rate=fast&steps=1.5&on=maybe&axis=polar&at={&extra=1');
  expect(state).toEqual(initial);
  expect(readQuery(codec, '?at=["a"]').at).toEqual([1, 1]);
  expect(readQuery(codec, '?rate=Infinity').rate).toBe(0.1);
});
