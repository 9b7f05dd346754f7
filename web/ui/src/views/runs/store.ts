import { aborted, ApiError, get, stream, type Stream } from '../../api';
import { idQuery } from './state';
import type { Axis, Curve, Drawn, Line, Points, RunDrawn, Status } from './types';
import { isOver } from './types';

/** What is to be drawn. */
interface Ask {
  ids: readonly string[];
  metrics: readonly string[];
  x: Axis;
  smooth: number;
  logx: boolean;
  group: string;
  /** Columns of the picture. */
  width: number;
  /** The part of the axis that is seen. */
  window: { lo: number; hi: number } | null;
}

interface Handlers {
  /** The curves have changed: drawn is what they are. */
  drawn(drawn: Drawn): void;
  status(id: string, status: Status): void;
  failed(error: unknown): void;
}

/** Bands of running runs are asked for again so often. */
const bandsEvery = 2000;

/**
 * The curves of some runs: asked for thinned, then followed as the runs go on. What a stream brings is
 * added behind what is there; when that is more than a picture needs, the curves are asked for again.
 */
export class Curves {
  private ask: Ask | undefined;
  private shown: Drawn | undefined;
  private control: AbortController | undefined;
  private following: Stream | undefined;
  private again: ReturnType<typeof setTimeout> | undefined;
  private frame = 0;
  private extra = 0;
  private key = '';

  constructor(private readonly on: Handlers) {}

  /** Draws something else; the same once more with anew. */
  want(ask: Ask, anew = false): void {
    const key = JSON.stringify(ask);
    if (key === this.key && !anew) return;
    this.key = key;
    this.ask = ask;
    void this.fetch();
  }

  close(): void {
    this.control?.abort();
    this.following?.close();
    this.following = undefined;
    clearTimeout(this.again);
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.key = '';
    this.ask = undefined;
  }

  private query(ask: Ask): URLSearchParams {
    const q = new URLSearchParams(idQuery(ask.ids));
    q.set('x', ask.x);
    q.set('width', String(ask.width));
    for (const name of ask.metrics) q.append('metric', name);
    if (ask.smooth > 0) q.set('smooth', String(ask.smooth));
    if (ask.logx) q.set('logx', '1');
    return q;
  }

  private async fetch(): Promise<void> {
    const { ask } = this;
    if (!ask) return;
    this.control?.abort();
    clearTimeout(this.again);
    this.again = undefined;
    const control = new AbortController();
    this.control = control;
    if (ask.ids.length === 0) {
      this.following?.close();
      this.take({ x: ask.x, runs: [] });
      return;
    }
    const q = this.query(ask);
    if (ask.group !== '') q.set('group', ask.group);
    if (ask.window) {
      q.set('low', String(ask.window.lo));
      q.set('high', String(ask.window.hi));
    }
    try {
      const begin = performance.now();
      const drawn = await get<Drawn>(`/api/runs/curves?${q}`, control.signal);
      if (control.signal.aborted) return;
      this.take(drawn);
      this.follow(ask, drawn);
      requestAnimationFrame(() => performance.measure('runs: asked to drawn', { start: begin }));
    } catch (error) {
      if (control.signal.aborted || aborted(error)) return;
      if (error instanceof ApiError && error.status === 0) this.later(1000);
      else this.on.failed(error);
    }
  }

  private take(drawn: Drawn): void {
    this.shown = drawn;
    this.extra = 0;
    this.on.drawn(drawn);
  }

  private later(ms: number): void {
    this.again ??= setTimeout(() => void this.fetch(), ms);
  }

  private follow(ask: Ask, drawn: Drawn): void {
    this.following?.close();
    this.following = undefined;
    if (drawn.runs.every((r) => isOver(r.status))) return;
    const q = this.query(ask);
    q.set('from', drawn.runs.map((r) => r.place).join(','));
    this.following = stream(`/api/runs/live?${q}`, { event: (name, data) => this.event(ask, name, data) });
  }

  private event(ask: Ask, name: string, data: string): void {
    if (name === 'points') this.points(ask, JSON.parse(data) as Points);
    else if (name === 'status') {
      const { id, status } = JSON.parse(data) as { id: string; status: Status };
      const run = this.shown?.runs.find((r) => r.id === id);
      if (run) run.status = status;
      this.on.status(id, status);
      this.redraw();
    } else if (name === 'rewind') {
      this.later(100);
    }
  }

  private points(ask: Ask, p: Points): void {
    const run = this.shown?.runs.find((r) => r.id === p.id);
    if (!run) return;
    if (run.place !== p.from) return this.later(100);
    extend(run, p);
    this.extra += p.curves.reduce((n, c) => n + c.x.length, 0);
    if (ask.group !== '' || ask.window) this.later(bandsEvery);
    else if (this.extra > 4 * ask.width * ask.ids.length * Math.max(1, ask.metrics.length)) this.later(250);
    this.redraw();
  }

  private redraw(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      if (this.shown) this.on.drawn(this.shown);
    });
  }
}

/** Adds what came to a run's curves. */
export function extend(run: RunDrawn, p: Points): void {
  run.place = p.to;
  if (p.names) run.names = p.names;
  for (const more of p.curves) {
    const have = run.curves.find((c) => c.metric === more.metric);
    if (have) join(have, more);
    else run.curves.push(more);
  }
  if (p.void) run.marks.splice(-p.void);
  run.marks.push(...p.marks ?? []);
  const loss = p.curves.find((c) => c.metric === 'loss');
  const last = loss?.x.at(-1);
  if (last !== undefined) run.steps = Math.max(run.steps, last);
}

function join(have: Curve, more: Curve): void {
  append(have, more);
  have.points += more.points;
  if (more.bad) have.bad = [...have.bad ?? [], ...more.bad];
  if (!more.smooth) return;
  if (have.smooth) append(have.smooth, more.smooth);
  else have.smooth = more.smooth;
}

function append(have: Line, more: Line): void {
  for (let i = 0; i < more.x.length; i++) {
    have.x.push(more.x[i] ?? NaN);
    have.y.push(more.y[i] ?? null);
  }
}
