import { aborted, get } from '../../api';
import { h, s } from '../../dom';
import { number4 } from '../../format';
import { idQuery } from './state';
import { isOver, type Line, type RunRow } from './types';

/** As many runs as one request asks for. */
const most = 40;
const settle = 120;

/** The small curves of the rows that are in sight: asked for together, once they stay there, and again while a run goes on. */
export class Sparks {
  private readonly have = new Map<string, { line: Line; status: string }>();
  private wanted: readonly RunRow[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private control: AbortController | undefined;

  constructor(private readonly drawn: (sparks: ReadonlyMap<string, Line>) => void) {}

  want(rows: readonly RunRow[]): void {
    this.wanted = rows;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.ask(false);
    }, settle);
  }

  /** Asks for those again that go on. */
  again(): void {
    if (!this.control && this.timer === undefined) void this.ask(true);
  }

  close(): void {
    clearTimeout(this.timer);
    this.control?.abort();
  }

  private missing(again: boolean): RunRow[] {
    return this.wanted.filter((r) => {
      const had = this.have.get(r.id);
      return again ? had !== undefined && !isOver(r.status) : had?.status !== r.status;
    }).slice(0, most);
  }

  private async ask(again: boolean): Promise<void> {
    const rows = this.missing(again);
    if (rows.length === 0) return;
    this.control?.abort();
    const control = new AbortController();
    this.control = control;
    try {
      const { sparks } = await get<{ sparks: ({ id: string } & Line)[] }>(`/api/runs/sparks?${idQuery(rows.map((r) => r.id))}`, control.signal);
      if (control.signal.aborted) return;
      for (const { id, x, y } of sparks) this.have.set(id, { line: { x, y }, status: rows.find((r) => r.id === id)?.status ?? '' });
      this.drawn(new Map([...this.have].map(([id, { line }]) => [id, line])));
      this.control = undefined;
      // The rest, unless the rows move on.
      if (this.timer === undefined && sparks.length > 0) await this.ask(false);
    } catch (error) {
      // They are an addition: without them the list is whole; the next time they are asked for again.
      if (!aborted(error) && this.control === control) this.control = undefined;
    }
  }
}

const width = 68;
const height = 22;

/** What a curve is drawn from, as a key. */
export function pointsOf(line: Line | undefined): string {
  return line ? `${line.x.length} ${String(line.x.at(-1))} ${String(line.y.at(-1))}` : '';
}

/** The path of a curve in its box; logarithmic where it spans much. */
export function sparkPath({ x, y }: Line): string {
  const values = y.filter((v): v is number => v !== null && Number.isFinite(v));
  if (values.length < 2) return '';
  let lo = Math.min(...values);
  let hi = Math.max(...values);
  const log = lo > 0 && hi > 20 * lo;
  const on = log ? Math.log : (v: number): number => v;
  [lo, hi] = [on(lo), on(hi)];
  const first = x[0] ?? 0;
  const span = (x.at(-1) ?? 1) - first || 1;
  let d = '';
  let down = false;
  y.forEach((v, i) => {
    if (v === null || !Number.isFinite(v)) {
      down = false;
      return;
    }
    const px = 1 + ((width - 2) * ((x[i] ?? 0) - first)) / span;
    const py = hi > lo ? height - 2 - ((height - 4) * (on(v) - lo)) / (hi - lo) : height / 2;
    d += `${down ? 'L' : 'M'}${px.toFixed(1)} ${py.toFixed(1)}`;
    down = true;
  });
  return d;
}

/** The curve, and in words where it began and ended. */
export function sparkline(line: Line, color?: string): Node[] {
  const d = sparkPath(line);
  if (d === '') return [];
  const values = line.y.filter((v) => v !== null);
  return [
    s('svg', { viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': true }, s('path', { d, fill: 'none', stroke: color ?? 'currentColor', 'stroke-width': 1.25, 'stroke-linejoin': 'round' })),
    h('span', { class: 'unseen' }, `loss from ${number4(values[0] ?? NaN)} to ${number4(values.at(-1) ?? NaN)}`),
  ];
}
