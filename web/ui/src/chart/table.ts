import type { Table } from '../table';
import { at, type ChartSpec } from './spec';

/** The numbers of a chart: a row for every point of every line, hidden ones too. */
export function chartTable(spec: ChartSpec): Table {
  const bands = spec.series.some((s) => s.low && s.high);
  const marked = spec.series.some((s) => s.marks?.length);
  const rows = spec.series.flatMap((s) => {
    const notes = new Map<number, string[]>();
    for (const m of s.marks ?? []) notes.set(m.x, [...(notes.get(m.x) ?? []), m.text]);
    const out: (string | number | null)[][] = [];
    const add = (x: number, y: number | null, low: number | null, high: number | null): void => {
      out.push([s.name, x, y, ...(bands ? [low, high] : []), ...(marked ? [notes.get(x)?.join('; ') ?? ''] : [])]);
      notes.delete(x);
    };
    for (let i = 0; i < s.x.length; i++) {
      const edge = (v: ArrayLike<number | null> | undefined): number | null => (v ? at(v, i) : null);
      add(s.x[i] ?? NaN, s.y[i] ?? null, edge(s.low), edge(s.high));
    }
    // Marks between points have rows of their own.
    for (const m of s.marks ?? []) if (notes.has(m.x)) add(m.x, m.y ?? null, null, null);
    return out;
  });
  return {
    caption: `${spec.title}: ${spec.y.label} over ${spec.x.label}`,
    columns: [
      { name: 'line' }, { name: spec.x.label, numeric: true }, { name: spec.y.label, numeric: true },
      ...(bands ? [{ name: 'low', numeric: true }, { name: 'high', numeric: true }] : []),
      ...(marked ? [{ name: 'note' }] : []),
    ],
    rows,
  };
}
