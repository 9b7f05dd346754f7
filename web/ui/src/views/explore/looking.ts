import { num } from '../../api';
import { h, replace } from '../../dom';
import { number4, number6 } from '../../format';
import { tableElement, type Table } from '../../table';
import { indexAt, type Path, type Place } from './api';
import type { Track } from './picture';

/** The table of the step that is shown: where every rule is, and what it does. */
export function stepTable(tracks: readonly Track[], step: number): Table {
  const distances = tracks.some((t) => t.path.distance !== undefined);
  return {
    caption: `Step ${step}`,
    columns: [
      { name: 'optimizer' },
      ...['step', 'x', 'y', 'f', '|∇f|', 'lr', ...(distances ? ['distance'] : []), 'α'].map((name) => ({ name, numeric: true })),
    ],
    rows: tracks.map((t) => {
      const i = indexAt(t.path, step);
      const at = (c: keyof Path): number | null => {
        const v = (t.path[c] as (number | string)[] | undefined)?.[i];
        return v === undefined ? null : num(v);
      };
      const unless = (v: number | null): number | null => (v === null || Number.isNaN(v) ? null : v);
      return [
        t.name, t.path.step[i] ?? null, at('x'), at('y'), at('f'), at('gradient_norm'), unless(at('rate')),
        ...(distances ? [brief(at('distance'))] : []), brief(unless(at('alpha'))),
      ];
    }),
  };
}

const brief = (v: number | null): string | null => (v === null ? null : number4(v));

/** The table, its rows chosen from: the one that is looked into is marked. */
export class StepPanel {
  readonly root = h('div', { class: 'explore-steps' });
  private key = '';

  constructor(private readonly choose: (name: string) => void) {}

  /** Keeps the room of so many rows. */
  reserve(rows: number): void {
    this.root.style.minHeight = `${3.9 + 2.2 * rows}rem`;
  }

  show(tracks: readonly Track[], step: number, focus: Track | null): void {
    const table = stepTable(tracks, step);
    if (tracks.length === 0) {
      this.key = '';
      return this.root.replaceChildren();
    }
    const key = JSON.stringify([table.rows, focus?.name]);
    if (key === this.key) return;
    this.key = key;
    const had = this.root.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.rule : undefined;
    const element = tableElement(table);
    [...element.querySelectorAll<HTMLTableRowElement>('tbody tr')].forEach((row, i) => {
      const track = tracks[i];
      const head = row.querySelector('th');
      if (!track || !head) return;
      replace(head, h('button', {
        type: 'button', class: 'explore-pick', 'aria-pressed': track === focus, dataset: { rule: track.name },
        title: 'Look into this one', on: { click: () => this.choose(track.name) },
      }, track.name));
    });
    this.root.replaceChildren(element);
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
