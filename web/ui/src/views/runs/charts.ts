import { Chart, type ChartSpec, type Mark, type Series } from '../../chart';
import { num } from '../../api';
import { plural } from '../../format';
import { h } from '../../dom';
import { seriesStyle } from '../../style';
import { curveLabel, curveTitle, logarithmic, usualCurves } from './names';
import { isOver, type Axis, type Curve, type Drawn, type RunDrawn } from './types';

export interface Look {
  x: Axis;
  logx: boolean;
  logy: boolean;
  smooth: number;
  group: string;
  /** What runs are called, and the number of their style. */
  name(id: string): string;
  style(id: string): number;
  /** The command that draws the same. */
  command(): string;
  window: { lo: number; hi: number } | null;
}

/** More marks than that on a line hide it. */
const mostMarks = 60;

/** The curves that there are to draw: those that were chosen, or the usual ones. */
export function curvesOf(drawn: Drawn, chosen: readonly string[]): string[] {
  const have = new Set(drawn.runs.flatMap((r) => r.names));
  if (chosen.length > 0) return chosen.filter((c) => have.has(c));
  return usualCurves.filter((c) => have.has(c));
}

/** The spec of the chart of a curve. */
export function chartOf(metric: string, drawn: Drawn, look: Look, zoomed: (window: { lo: number; hi: number } | null) => void): ChartSpec {
  const grouped = look.group !== '' && (drawn.groups?.length ?? 0) > 0;
  const series = grouped ? bands(metric, drawn) : drawn.runs.flatMap((r) => lines(metric, r, drawn, look));
  return {
    id: `runs-${metric.replaceAll(/[^\w.-]+/g, '-')}`,
    title: curveTitle(metric),
    caption: caption(metric, drawn, look, grouped),
    x: { label: look.x, log: look.logx },
    y: { label: curveLabel(metric), log: look.logy && logarithmic(metric) },
    series,
    group: 'runs',
    level: 3,
    height: 260,
    command: look.command,
    verticals: drawn.runs.length === 1 ? drawn.runs[0]?.marks.filter((m) => m.kind === 'resumed').map((m) => ({ x: m.x, text: 'resumed' })) ?? [] : [],
    empty: 'No run that is drawn has this curve yet.',
    onZoom: zoomed,
  };
}

function caption(metric: string, drawn: Drawn, look: Look, grouped: boolean): string {
  const parts: string[] = [];
  if (grouped) {
    const edges = new Set(drawn.groups?.flatMap((g) => g.bands.filter((b) => b.metric === metric).map((b) => b.edges)));
    parts.push(`Medians of groups by ${look.group === 'all' ? 'nothing' : look.group}; bands from ${[...edges].join(' or ')}.`);
    if (drawn.runs.some((r) => r.marks.some((m) => m.kind === 'diverged'))) parts.push('A run that diverged counts as above all others from there on.');
  }
  if (look.smooth > 0) parts.push(`Average with decay ${look.smooth}, without the bias of its beginning${grouped ? '' : '; the values themselves are faint'}.`);
  const thinned = grouped ? 0 : Math.max(0, ...drawn.runs.map((r) => curve(r, metric)).map((c) => (c && c.points > c.x.length + (c.bad?.length ?? 0) ? c.points : 0)));
  if (thinned > 0) parts.push(`${plural(thinned, 'point')}, of which the lowest and highest of every column are drawn.`);
  const bad = drawn.runs.reduce((n, r) => n + (curve(r, metric)?.bad ?? []).reduce((k, b) => k + 1 + (b.more ?? 0), 0), 0);
  if (bad > 0) parts.push(`${plural(bad, 'step')} without a number or an update.`);
  return parts.join(' ');
}

function curve(r: RunDrawn, metric: string): Curve | undefined {
  return r.curves.find((c) => c.metric === metric);
}

function lines(metric: string, r: RunDrawn, drawn: Drawn, look: Look): Series[] {
  const c = curve(r, metric);
  const name = look.name(r.id);
  const style = seriesStyle(look.style(r.id));
  // One that goes on has its place in the legend before it has the curve, which else would move the plot when it came.
  if (!c) return isOver(r.status) ? [] : [{ name, x: [], y: [], style }];
  const main: Series = { name, x: c.smooth?.x ?? c.x, y: c.smooth?.y ?? c.y, style, marks: marks(metric, c, r, drawn) };
  if (c.x.length <= 24) main.points = true;
  return c.smooth ? [{ name, x: c.x, y: c.y, faint: true, style }, main] : [main];
}

function marks(metric: string, c: Curve, r: RunDrawn, drawn: Drawn): Mark[] {
  const list: Mark[] = [];
  for (const b of (c.bad ?? []).slice(-mostMarks)) {
    const more = b.more ? `, and ${plural(b.more, 'step')} beside it` : '';
    const value = num(b.value);
    const text = b.skipped ? `step ${b.step} skipped${Number.isFinite(value) ? '' : `, ${String(b.value)}`}` : `${String(b.value)} at step ${b.step}`;
    list.push({ x: b.x, y: Infinity, kind: 'nan', text: text + more });
  }
  if (metric === 'loss') {
    for (const m of r.marks) if (m.kind === 'diverged') list.push({ x: m.x, y: Infinity, kind: 'diverged', text: m.text });
    if (drawn.runs.length === 1) {
      for (const m of r.marks.filter((k) => k.kind === 'checkpoint').slice(-20)) list.push({ x: m.x, kind: 'checkpoint', text: `checkpoint ${m.text}` });
    }
  }
  if (metric === 'val_loss') {
    let best = -1;
    c.y.forEach((y, i) => {
      if (y !== null && (best < 0 || y < (c.y[best] ?? Infinity))) best = i;
    });
    if (best >= 0) list.push({ x: c.x[best] ?? NaN, y: c.y[best] ?? NaN, kind: 'best', text: 'lowest validation loss' });
  }
  return list.sort((a, b) => a.x - b.x);
}

function bands(metric: string, drawn: Drawn): Series[] {
  return (drawn.groups ?? []).flatMap((g, i) => {
    const b = g.bands.find((k) => k.metric === metric);
    if (!b) return [];
    return [{ name: `${g.name} (${plural(b.runs, 'run')})`, x: b.x, y: b.mid, low: b.low, high: b.high, style: seriesStyle(i) }];
  });
}

/** The charts of some curves, side by side where there is room. */
export class Charts {
  readonly root = h('div', { class: 'columns runs-charts' });
  private readonly charts = new Map<string, Chart>();
  private zooming = false;

  constructor(private readonly zoomed: (window: { lo: number; hi: number } | null) => void) {}

  draw(metrics: readonly string[], drawn: Drawn, look: Look): void {
    for (const [metric, chart] of this.charts) {
      if (metrics.includes(metric)) continue;
      chart.destroy();
      chart.root.remove();
      this.charts.delete(metric);
    }
    metrics.forEach((metric, i) => {
      const spec = chartOf(metric, drawn, look, (w) => this.zoom(w));
      let chart = this.charts.get(metric);
      if (chart) chart.update(spec);
      else {
        chart = new Chart(spec);
        this.charts.set(metric, chart);
      }
      if (this.root.children[i] !== chart.root) this.root.insertBefore(chart.root, this.root.children[i] ?? null);
    });
  }

  destroy(): void {
    for (const chart of this.charts.values()) chart.destroy();
    this.charts.clear();
    this.root.replaceChildren();
  }

  /** All charts of the group zoom together, and say so one after the other. */
  private zoom(w: { lo: number; hi: number } | null): void {
    if (this.zooming) return;
    this.zooming = true;
    queueMicrotask(() => {
      this.zooming = false;
      this.zoomed(w);
    });
  }
}
