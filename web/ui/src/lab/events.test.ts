import { expect, test, vi } from 'vitest';
import type * as api from '../api';
import { followJob } from './events';

const streams: { event(name: string, data: string, id: string): void; open: boolean }[] = [];

vi.mock('../api', async (original) => ({
  ...await original<typeof api>(),
  stream: (_path: string, on: { event(name: string, data: string, id: string): void }) => {
    const s = { event: on.event.bind(on), open: true };
    streams.push(s);
    return { close: () => { s.open = false; } };
  },
}));

test('a job whose events were cut back is followed from the first one that counts', () => {
  vi.useFakeTimers();
  const told: string[] = [];
  const follower = followJob('a', { events: (batch) => told.push(...batch.map((e) => e.event)), restart: () => told.push('restart'), job: () => {} });
  const line = (event: string): void => streams.at(-1)?.event('line', JSON.stringify({ event, t: 0 }), '9-x');
  line('trial_done');
  vi.advanceTimersByTime(100);
  line('trial_done');
  streams.at(-1)?.event('rewind', '', '0'); // all of them come again by this stream
  expect(streams).toHaveLength(1);
  line('interrupted');
  vi.advanceTimersByTime(100);
  expect(told).toEqual(['trial_done', 'restart', 'interrupted']);
  streams.at(-1)?.event('rewind', '', '40-y'); // those before come by another one
  expect(streams.map((s) => s.open)).toEqual([false, true]);
  line('trial_done');
  vi.advanceTimersByTime(100);
  expect(told).toEqual(['trial_done', 'restart', 'interrupted', 'restart', 'trial_done']);
  follower.close();
  expect(streams.map((s) => s.open)).toEqual([false, false]);
  vi.useRealTimers();
});
