import { expect, test } from 'vitest';
import { csv, tableJson } from './table';

const table = {
  caption: 'a "caption"',
  columns: [{ name: 'name' }, { name: 'loss, final', numeric: true }],
  rows: [['adam', 0.1], ['a "b",\nc', NaN], ['=1+2', Infinity], ['-0.5', -Infinity], [null, 1e-300]],
};

test('CSV quotes what needs it, keeps every digit and starts no formula', () => {
  expect(csv(table)).toBe([
    'name,"loss, final"', 'adam,0.1', '"a ""b"",\nc",NaN', "'=1+2,+Inf", '-0.5,-Inf', ',1e-300', '',
  ].join('\r\n'));
});

test('JSON is JSON', () => {
  expect(JSON.parse(tableJson(table))).toEqual({
    caption: 'a "caption"', columns: ['name', 'loss, final'],
    rows: [['adam', 0.1], ['a "b",\nc', 'NaN'], ['=1+2', '+Inf'], ['-0.5', '-Inf'], [null, 1e-300]],
  });
});
