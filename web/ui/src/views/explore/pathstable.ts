import { num } from '../../api';
import type { Table } from '../../table';
import type { Path } from './api';
import type { Track } from './picture';

const columns: [string, keyof Path][] = [
  ['x', 'x'], ['y', 'y'], ['f', 'f'], ['lr', 'rate'], ['gradient x', 'gradient_x'], ['gradient y', 'gradient_y'], ['gradient norm', 'gradient_norm'],
  ['distance to minimum', 'distance'], ['momentum x', 'momentum_x'], ['momentum y', 'momentum_y'], ['alpha', 'alpha'],
];

/** Every point of every path, with all that is known there. */
export function pathsTable(tracks: readonly Track[]): Table {
  const there = columns.filter(([, key]) => tracks.some((t) => t.path[key] !== undefined));
  const own = tracks.some((t) => t.path.schedule !== undefined);
  return {
    caption: 'Paths',
    columns: [{ name: 'optimizer' }, ...(own ? [{ name: 'schedule of its own' }] : []), { name: 'lr of the run', numeric: true }, { name: 'step', numeric: true }, ...there.map(([name]) => ({ name, numeric: true }))],
    rows: tracks.flatMap((t) => t.path.step.map((step, i) => [
      t.path.optimizer, ...(own ? [t.path.schedule ?? null] : []), t.path.lr, step,
      ...there.map(([, key]) => {
        const v = (t.path[key] as (number | string)[] | undefined)?.[i];
        return v === undefined ? null : num(v);
      }),
    ])),
  };
}
