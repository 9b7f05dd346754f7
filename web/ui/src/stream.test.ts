import { expect, test } from 'vitest';
import { EventParser } from './stream';

const wire = 'retry: 100\n\nid: 1\nevent: line\ndata: {"a":1}\n\n: a comment\nid: 2\r\ndata: one\r\ndata:two\r\n\r\ndata: x\n\nevent: none\n\nid: 3\ndata\n\n';
const events = [
  { name: 'line', data: '{"a":1}', id: '1' },
  { name: 'message', data: 'one\ntwo', id: '2' },
  { name: 'message', data: 'x', id: '2' },
  { name: 'message', data: '', id: '3' },
];

test('events are the same however they are cut', () => {
  for (let size = 1; size <= wire.length; size++) {
    const parser = new EventParser();
    const found = [];
    for (let i = 0; i < wire.length; i += size) found.push(...parser.push(wire.slice(i, i + size)));
    expect(found).toEqual(events);
  }
});

test('an event that is not finished is not one', () => {
  const parser = new EventParser();
  expect(parser.push('data: half\n')).toEqual([]);
  expect(parser.push('\n')).toEqual([{ name: 'message', data: 'half', id: '' }]);
});
