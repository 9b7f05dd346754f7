import { num } from '../../api';
import { h, replace } from '../../dom';
import { fitting, number4, number6 } from '../../format';
import { indexAt, type Path, type Place } from './api';
import type { Track } from './picture';

/** The columns of numbers: their names, and for how many characters there is room. */
const columns: readonly { name: string; of: keyof Path; room: number; brief?: boolean }[] = [
  { name: 'step', of: 'step', room: 6 }, { name: 'x', of: 'x', room: 7 }, { name: 'y', of: 'y', room: 7 }, { name: 'f', of: 'f', room: 8 },
  { name: '|∇f|', of: 'gradient_norm', room: 8 }, { name: 'lr', of: 'rate', room: 7 }, { name: 'distance', of: 'distance', room: 8, brief: true },
  { name: 'α', of: 'alpha', room: 7, brief: true },
];

/** A number of the table as it fits, and as the command line writes it. */
interface Cell {
  text: string;
  whole: string;
}

/** Where every rule is at a step, and what it does: a row for each, as wide as the columns are. */
function stepRows(tracks: readonly Track[], step: number): { name: string; room: number; cells: Cell[] }[] {
  const distances = tracks.some((t) => t.path.distance !== undefined);
  return columns.filter((c) => c.of !== 'distance' || distances).map(({ name, of, room, brief }) => ({
    name, room,
    cells: tracks.map(({ path }) => {
      const v = (path[of] as (number | string)[] | undefined)?.[indexAt(path, step)];
      const value = v === undefined ? NaN : num(v);
      // A start has no rate and no α; elsewhere NaN is what has become of the path.
      if (v === undefined || (Number.isNaN(value) && (of === 'rate' || of === 'alpha'))) return { text: '–', whole: '–' };
      if (of === 'step') return { text: String(value), whole: String(value) };
      return { text: fitting(value, room), whole: brief ? number4(value) : number6(value) };
    }),
  }));
}

/** The table, its rows chosen from: the one that is looked into is marked. */
export class StepPanel {
  private readonly inner = h('div', { class: 'explore-steps-room' });
  readonly root = h('div', { class: 'explore-steps' }, this.inner);
  private key = '';

  constructor(private readonly choose: (name: string) => void) {}

  /** Keeps the room of so many rows. */
  reserve(rows: number): void {
    this.root.style.setProperty('--rows', String(rows));
  }

  show(tracks: readonly Track[], step: number, focus: Track | null): void {
    if (tracks.length === 0) {
      this.key = '';
      return this.inner.replaceChildren();
    }
    const shown = stepRows(tracks, step);
    const key = JSON.stringify([step, tracks.map((t) => t.name), shown, focus?.name]);
    if (key === this.key) return;
    this.key = key;
    const had = this.root.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.rule : undefined;
    // On a narrow page rows are drawn as blocks; the roles say that it is a table all the same.
    replace(this.inner, h('table', { role: 'table' },
      h('caption', null, `Step ${step}`),
      h('colgroup', null, h('col'), shown.map(({ room }) => {
        const col = h('col');
        col.style.width = `calc(${room}ch + .5rem)`;
        return col;
      })),
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, h('th', { scope: 'col', role: 'columnheader' }, 'optimizer'),
        shown.map((c) => h('th', { scope: 'col', role: 'columnheader', class: 'number' }, c.name)))),
      h('tbody', { role: 'rowgroup' }, tracks.map((track, i) => h('tr', { role: 'row' },
        h('th', { scope: 'row', role: 'rowheader' }, h('button', {
          type: 'button', class: 'explore-pick', 'aria-pressed': track === focus, dataset: { rule: track.name },
          title: `Look into ${track.name}`, on: { click: () => this.choose(track.name) },
        }, track.name)),
        shown.map(({ name, cells }) => h('td', { role: 'cell', class: 'number', dataset: { name }, title: cells[i]?.whole ?? '' }, h('span', null, cells[i]?.text ?? ''))))))));
    if (had) this.root.querySelector<HTMLElement>(`[data-rule="${CSS.escape(had)}"]`)?.focus();
  }
}

/** What the function is like at a point, in numbers. */
export function placePanel(): { root: HTMLElement; show(p: Place | null, what: string, track: Track | null, step: number): void } {
  const title = h('h3', { hidden: true });
  const facts = h('dl', { class: 'facts explore-place' });
  const root = h('section', { class: 'explore-look', 'aria-label': 'At a point' }, title, facts);
  return {
    root,
    show(p, what, track, step) {
      title.textContent = what;
      title.hidden = what === '';
      if (!p) return;
      const pair = (a: unknown, b: unknown): string => `(${number6(num(a))}, ${number6(num(b))})`;
      const alpha = track ? num(track.path.alpha?.[indexAt(track.path, step)]) : NaN;
      const rows: [string, string, string][] = [
        ['point', pair(p.x, p.y), ''],
        ['f', number6(num(p.value)), ''],
        ['∇f', `${pair(p.gradient[0], p.gradient[1])}, norm ${number6(num(p.gradient_norm))}`, ''],
        ['eigenvalues', pair(p.eigenvalues[0], p.eigenvalues[1]), 'Of the Hessian: how the function bends along its two principal directions'],
        ['condition', number6(num(p.condition)), 'The larger eigenvalue over the smaller, in magnitude'],
        ['kind', p.kind, p.why],
        ['step α', Number.isFinite(alpha) ? `${number6(alpha)}, ${alphaText(alpha)}` : '–', 'Where on its line the last step ended: −1 is where it began, 0 the minimum along the line, 1 as high on the other side'],
      ];
      replace(facts, rows.map(([name, value, help]) => [h('dt', { title: help || null }, name), h('dd', { title: help || null }, value)]));
    },
  };
}

/** What α says of a step. */
export function alphaText(alpha: number): string {
  if (alpha < -1) return 'uphill';
  if (alpha <= -0.9) return 'short';
  if (alpha < -0.1) return 'before the minimum of its line';
  if (alpha <= 0.1) return 'at the minimum of its line';
  if (alpha < 1) return 'past the minimum of its line';
  return alpha === 1 ? 'as high on the other side' : 'higher on the other side';
}
