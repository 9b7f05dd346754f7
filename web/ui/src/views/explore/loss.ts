import { Chart, type ChartSpec, type Series } from '../../chart';
import { number6 } from '../../format';
import { seriesStyle } from '../../style';
import type { Terrain } from './api';
import type { Track } from './picture';

export interface LossOptions {
  command(): string;
  /** The cursor is at a step; null: it has left. */
  peek(step: number | null): void;
  pick(step: number): void;
}

/** The loss against the step, its cursor that of the plane. */
export function lossChart(o: LossOptions): {
  root: HTMLElement;
  /** Names the lines before their numbers are there, so that the legend has its room. */
  expect(lines: readonly { name: string; style: number }[]): void;
  update(tracks: readonly Track[], terrain: Terrain | null): void;
  at(step: number, total: number): void;
  destroy(): void;
} {
  const spec = (tracks: readonly Track[], terrain: Terrain | null): ChartSpec => {
    const lowest = terrain?.minima.find((m) => m.global)?.value ?? 0;
    const series: Series[] = tracks.map((t) => {
      const { path } = t;
      const y = Array.from(t.f, (v) => (Number.isFinite(v) ? v - lowest : null));
      const last = path.step.at(-1) ?? 0;
      return {
        name: t.name, x: path.step, y, style: t.style,
        ...(path.failed ? { marks: [{ x: lastFinite(path.step, y), kind: 'diverged' as const, text: `diverged at step ${path.diverged?.step ?? last}` }] } : {}),
      };
    });
    const log = series.length > 0 && series.every((s) => Array.from(s.y).every((v) => v === null || v >= 0));
    return {
      id: 'loss', title: 'Loss', x: { label: 'step' }, y: { label: lowest === 0 ? 'f' : `f above its minimum ${number6(lowest)}`, log },
      series: log ? series.map((s) => ({ ...s, y: Array.from(s.y, (v) => (v === 0 ? null : v)) })) : series,
      height: 250, empty: 'Tick an optimizer.', command: o.command, level: 2,
      on: { point: (x) => o.peek(x === null ? null : Math.round(x)), pick: (x) => o.pick(Math.round(x)) },
    };
  };
  let chart: Chart | undefined;
  const root = document.createElement('div');
  const show = (next: ChartSpec): void => {
    if (chart) return chart.update(next);
    chart = new Chart(next);
    root.append(chart.root);
  };
  return {
    root,
    expect: (lines) => show({ ...spec([], null), empty: '', series: lines.map((l) => ({ name: l.name, x: [], y: [], style: seriesStyle(l.style) })) }),
    update: (tracks, terrain) => show(spec(tracks, terrain)),
    at: (step, total) => chart?.verticals(step < total ? [{ x: step, text: `step ${step}` }] : []),
    destroy: () => chart?.destroy(),
  };
}

function lastFinite(steps: readonly number[], y: readonly (number | null)[]): number {
  let i = y.length - 1;
  while (i > 0 && y[i] === null) i--;
  return steps[i] ?? 0;
}
