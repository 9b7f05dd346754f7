import { afterEach, expect, test, vi } from 'vitest';
import { get, type ApiError } from './api';
import { noteBack } from './server';
import { stream } from './stream';

afterEach(() => {
  noteBack();
  vi.unstubAllGlobals();
});

const answer = (chunks: readonly string[], fails = false, type = 'application/json'): Response => new Response(new ReadableStream({
  start(c) {
    for (const chunk of chunks) c.enqueue(new TextEncoder().encode(chunk));
    if (fails) c.error(new TypeError('network error'));
    else c.close();
  },
}), { headers: { 'Content-Type': type } });

test('an answer that breaks off is one of a server that is not there', async () => {
  vi.stubGlobal('fetch', async () => answer(['{"half":'], true));
  await expect(get('/api/x')).rejects.toSatisfy((e: ApiError) => e.name === 'ApiError' && e.status === 0);
});

test('whoever takes an event and fails does not end the stream', async () => {
  const reported: unknown[] = [];
  vi.stubGlobal('reportError', (e: unknown) => reported.push(e));
  vi.stubGlobal('fetch', async () => answer(['event: line\nid: 1\ndata: a\n\nevent: line\nid: 2\ndata: b\n\nevent: end\ndata:\n\n'], false, 'text/event-stream'));
  const seen: string[] = [];
  await new Promise<void>((done) => {
    stream('/api/x/events', {
      event(_name, data) {
        seen.push(data);
        if (data === 'a') (undefined as unknown as { f(): void }).f();
      },
      state: (s) => { if (s === 'ended') done(); },
    });
  });
  expect(seen).toEqual(['a', 'b', '']);
  expect(reported).toHaveLength(1);
});
