import { noteAway, noteBack, onServer } from './server';

export type StreamState = 'live' | 'lost' | 'ended';

export interface Stream {
  close(): void;
}

interface Handlers {
  event(name: string, data: string, id: string): void;
  state?(s: StreamState): void;
}

/**
 * Follows a stream of server-sent events. A connection that breaks is made again with the id of the
 * last event, so that none is missed or seen twice. It is 'ended' for good when the server sends an
 * event called "end", answers 204, or refuses. While the page is hidden there is no connection:
 * browsers allow six to a host, for all tabs together.
 */
export function stream(path: string, on: Handlers): Stream {
  const control = new AbortController();
  let lastId = '';
  let pause = 0;
  let wake: () => void = () => {};
  const unsubscribe = onServer((away) => {
    if (!away) wake();
  });

  const close = (): void => {
    unsubscribe();
    control.abort();
    wake();
  };
  const end = (): void => {
    close();
    on.state?.('ended');
  };

  const connect = async (hiding: AbortSignal): Promise<boolean> => {
    const headers: Record<string, string> = { Accept: 'text/event-stream' };
    if (lastId !== '') headers['Last-Event-ID'] = lastId;
    const response = await fetch(path, { headers, cache: 'no-store', signal: AbortSignal.any([control.signal, hiding]) });
    noteBack();
    if (response.status === 429 || response.status >= 500) return true;
    if (!response.ok || response.status === 204 || response.body === null) return false;
    on.state?.('live');
    const parser = new EventParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return true;
      pause = 0;
      for (const event of parser.push(value)) {
        if (control.signal.aborted) return false;
        lastId = event.id;
        try {
          on.event(event.name, event.data, event.id);
        } catch (error) {
          reportError(error); // of whoever takes it: the connection is sound
        }
        if (event.name === 'end') return false;
      }
    }
  };

  const follow = async (): Promise<void> => {
    while (!control.signal.aborted) {
      await shown(control.signal);
      if (control.signal.aborted) return;
      let again = true;
      const hiding = hidden();
      try {
        again = await connect(hiding.signal);
      } catch (error) {
        if (control.signal.aborted) return;
        if (error instanceof TypeError) noteAway();
        else if (!(error instanceof DOMException)) throw error;
      } finally {
        hiding.forget();
      }
      if (control.signal.aborted) return;
      if (!again) return end();
      if (isHidden()) continue;
      on.state?.('lost');
      pause = Math.min(pause === 0 ? 200 : pause * 2, 3000);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pause);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  void follow();
  return { close };
}

const isHidden = (): boolean => typeof document !== 'undefined' && document.hidden;

/** A signal that aborts when the page is hidden, until it is forgotten. */
function hidden(): { signal: AbortSignal; forget(): void } {
  const control = new AbortController();
  const look = (): void => {
    if (isHidden()) control.abort();
  };
  look();
  if (typeof document !== 'undefined') document.addEventListener('visibilitychange', look, { signal: control.signal });
  return { signal: control.signal, forget: () => control.abort() };
}

/** Waits until the page can be seen, or the signal aborts. */
function shown(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (isHidden() && !signal.aborted) return;
      document.removeEventListener('visibilitychange', look);
      signal.removeEventListener('abort', look);
      resolve();
    };
    if (!isHidden()) return resolve();
    document.addEventListener('visibilitychange', look);
    signal.addEventListener('abort', look);
  });
}

export interface ServerEvent {
  name: string;
  data: string;
  id: string;
}

/** Cuts text that arrives in pieces into events, as the HTML standard defines them. */
export class EventParser {
  private rest = '';
  private name = '';
  private id = '';
  private data: string[] = [];

  push(piece: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    const text = this.rest + piece;
    let from = 0;
    for (;;) {
      let to = from;
      while (to < text.length && text[to] !== '\n' && text[to] !== '\r') to++;
      // A carriage return at the very end may be half of a line break.
      if (to === text.length || (text[to] === '\r' && to + 1 === text.length)) break;
      this.line(text.slice(from, to), events);
      from = text[to] === '\r' && text[to + 1] === '\n' ? to + 2 : to + 1;
    }
    this.rest = text.slice(from);
    return events;
  }

  private line(line: string, events: ServerEvent[]): void {
    if (line === '') {
      if (this.data.length > 0) {
        events.push({ name: this.name || 'message', data: this.data.join('\n'), id: this.id });
      }
      this.name = '';
      this.data = [];
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? '' : line.slice(colon + 1);
    if (value.startsWith(' ')) value = value.slice(1);
    if (field === 'event') this.name = value;
    else if (field === 'data') this.data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.id = value;
  }
}
