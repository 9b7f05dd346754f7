import { h, freshId } from '../../dom';
import { announce } from '../../live';
import { seriesStyle } from '../../style';
import { swatch } from '../../chart/legend';
import { fieldText, fieldTitle, numeric, shortId } from './names';
import { pointsOf, sparkline } from './sparks';
import type { Line, RunRow } from './types';

const rowHeight = 34;
const widths: Record<string, number> = { data: 6.5, model: 7, optimizer: 8, created: 8.5, schedule: 10, name: 9, val_accuracy: 4.75, test_accuracy: 5.25, seconds: 5.75 };
const widthOf = (name: string): number => widths[name] ?? (name.endsWith('loss') ? 5.25 : numeric(name) ? 4.5 : 7);

interface Handlers {
  /** The runs that are drawn now. */
  select(ids: string[]): void;
  sort(field: string): void;
  open(id: string): void;
  remove(ids: string[]): void;
  href(id: string): string;
  /** These rows are in sight. */
  seen(rows: readonly RunRow[]): void;
}

/**
 * The runs as a grid of which only the rows in sight exist. Arrows move, Space selects, Shift extends,
 * Enter opens, Delete deletes, Ctrl and A selects all.
 */
export class RunGrid {
  readonly root: HTMLElement;
  private readonly body = h('div', { class: 'runs-body', role: 'rowgroup' });
  private readonly head = h('div', { class: 'runs-head', role: 'rowgroup' });
  private readonly grid: HTMLElement;
  private readonly base = freshId('runs');
  private rows: RunRow[] = [];
  private columns: string[] = [];
  private sorted = '';
  private active = 0;
  private anchor = 0;
  private selected: string[] = [];
  private styles = new Map<string, number>();
  private readonly drawn = new Map<number, HTMLElement>();
  private frame = 0;
  private headKey = '';
  private room = 0;
  private readonly observer: ResizeObserver;
  private sparks: ReadonlyMap<string, Line> = new Map();

  constructor(private readonly on: Handlers) {
    this.grid = h('div', {
      class: 'runs-grid', role: 'grid', tabindex: '0', 'aria-label': 'Runs', 'aria-multiselectable': 'true',
      on: { keydown: (e) => this.key(e), scroll: () => this.later() },
    }, this.head, this.body);
    this.root = this.grid;
    this.body.addEventListener('click', (e) => this.click(e));
    this.observer = new ResizeObserver(() => this.later());
    this.observer.observe(this.grid);
  }

  destroy(): void {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
  }

  update(o: { rows: RunRow[]; columns: string[]; sort: string; selected: string[]; styles: Map<string, number> }): void {
    const at = this.rows[this.active]?.id;
    this.rows = o.rows;
    this.columns = o.columns;
    this.sorted = o.sort;
    this.selected = o.selected;
    this.styles = o.styles;
    const again = this.rows.findIndex((r) => r.id === at);
    this.active = Math.max(0, again >= 0 ? again : Math.min(this.active, this.rows.length - 1));
    this.grid.setAttribute('aria-rowcount', String(this.rows.length + 1));
    this.grid.setAttribute('aria-colcount', String(this.columns.length + 5));
    this.drawHead();
    this.body.style.height = `${this.rows.length * rowHeight}px`;
    const room = Math.max(4, Math.min(9, this.rows.length)) + 1;
    if (room !== this.room) {
      this.room = room;
      this.grid.style.height = `${room * rowHeight + 2}px`;
    }
    this.drawn.clear();
    this.body.replaceChildren();
    this.draw();
  }

  focus(): void {
    this.grid.focus();
  }

  private drawHead(): void {
    const key = JSON.stringify([this.columns, this.sorted]);
    if (key === this.headKey) return;
    this.headKey = key;
    const names = ['id', 'status', 'curve', ...this.columns, ''];
    const sizes = ['1.75rem', 'var(--id-width)', '5.75rem', '4.5rem', ...this.columns.map((c) => `${widthOf(c)}rem`), 'minmax(4.5rem, 1fr)'];
    this.grid.style.setProperty('--columns', sizes.join(' '));
    const total = 1.75 + 5.75 + 4.5 + 4.5 + this.columns.reduce((n, c) => n + widthOf(c), 0) + 0.5 * (sizes.length + 1);
    this.grid.style.setProperty('--row-width', `calc(${total}rem + var(--id-width))`);
    const field = this.sorted.replace(/^-/, '');
    const row = h('div', { class: 'runs-row', role: 'row', 'aria-rowindex': 1 }, h('span', { role: 'columnheader', class: 'runs-tick' }, h('span', { class: 'unseen' }, 'Drawn')),
      names.map((name, i) => {
        if (i === 2) return h('span', { role: 'columnheader', title: 'The loss against the step; on a logarithmic scale where it spans much' }, 'curve');
        if (name === '') return h('span', { role: 'columnheader' }, 'tags');
        const sort = name === field || (field === '' && name === 'id') ? (this.sorted.startsWith('-') || field === '' ? 'descending' : 'ascending') : 'none';
        return h('span', { role: 'columnheader', 'aria-sort': sort, class: numeric(name) ? 'number' : i === 0 ? 'runs-id' : '' },
          h('button', { type: 'button', title: `Sort by ${name}`, on: { click: () => this.on.sort(name) } }, fieldTitle(name)));
      }));
    this.head.replaceChildren(row);
  }

  private later(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  /** Makes the rows that are in sight, and drops those that are not. */
  private draw(): void {
    const top = this.grid.scrollTop;
    const from = Math.max(0, Math.floor(top / rowHeight) - 8);
    const to = Math.min(this.rows.length, Math.ceil((top + this.grid.clientHeight) / rowHeight) + 8);
    for (const [i, row] of this.drawn) {
      if (i >= from && i < to) continue;
      row.remove();
      this.drawn.delete(i);
    }
    const more = document.createDocumentFragment();
    for (let i = from; i < to; i++) {
      const run = this.rows[i];
      if (!run || this.drawn.has(i)) continue;
      const row = this.row(run, i);
      this.drawn.set(i, row);
      more.append(row);
    }
    this.body.append(more);
    this.mark();
    this.on.seen(this.rows.slice(from, to));
  }

  private row(run: RunRow, i: number): HTMLElement {
    const on = this.selected.includes(run.id);
    const style = this.styles.get(run.id);
    const row = h('div', { class: 'runs-row', role: 'row', id: `${this.base}-${i}`, 'aria-rowindex': i + 2, 'aria-selected': on, dataset: { index: i } },
      h('span', { role: 'gridcell', class: 'runs-tick' }, h('span', { class: 'runs-box', 'aria-hidden': true })),
      h('span', { role: 'gridcell', class: 'runs-id' },
        style === undefined ? h('span', { class: 'runs-noswatch' }) : swatch(seriesStyle(style)),
        h('a', { href: this.on.href(run.id), tabindex: '-1', title: run.id },
          h('span', { class: 'runs-day' }, run.id.slice(0, run.id.length - shortId(run.id).length)), shortId(run.id))),
      h('span', { role: 'gridcell' }, statusBadge(run.status)),
      this.spark(h('span', { role: 'gridcell', class: 'runs-spark' }), run.id),
      this.columns.map((name, k) => {
        const text = fieldText(name, run.cells[k]);
        return h('span', { role: 'gridcell', class: numeric(name) ? 'number' : '', title: text.length > 14 ? text : null }, text);
      }),
      h('span', { role: 'gridcell', class: 'runs-tags' }, run.problem ? h('span', { class: 'badge warning', title: run.problem }, 'damaged') : null,
        run.tags.map((t) => h('span', { class: 'badge' }, t))));
    row.style.transform = `translateY(${i * rowHeight}px)`;
    return row;
  }

  /** Shows the curves of rows as they come. */
  draws(sparks: ReadonlyMap<string, Line>): void {
    this.sparks = sparks;
    for (const [i, row] of this.drawn) {
      const cell = row.querySelector<HTMLElement>('.runs-spark');
      const run = this.rows[i];
      if (cell && run && cell.dataset.points !== pointsOf(sparks.get(run.id))) this.spark(cell, run.id);
    }
  }

  private spark(cell: HTMLElement, id: string): HTMLElement {
    const line = this.sparks.get(id);
    cell.dataset.points = pointsOf(line);
    const style = this.styles.get(id);
    cell.replaceChildren(...(line ? sparkline(line, style === undefined ? undefined : seriesStyle(style).color) : []));
    return cell;
  }

  /** Shows which row the keys are at. */
  private mark(): void {
    const now = this.drawn.get(this.active);
    for (const row of this.drawn.values()) row.classList.toggle('active', row === now);
    if (now) this.grid.setAttribute('aria-activedescendant', now.id);
    else this.grid.removeAttribute('aria-activedescendant');
  }

  private rowOf(target: EventTarget | null): RunRow | undefined {
    const element = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null;
    return element ? this.rows[Number(element.dataset.index)] : undefined;
  }

  private click(e: MouseEvent): void {
    const run = this.rowOf(e.target);
    if (!run || (e.target instanceof Element && e.target.closest('a'))) return;
    const i = this.rows.indexOf(run);
    this.active = i;
    // The rows were drawn anew between the two clicks of a double one: no event dblclick names its row.
    if (e.detail === 2) {
      this.toggle(run.id); // as it was before the first
      this.on.open(run.id);
    } else if (e.shiftKey) this.range(this.anchor, i);
    else {
      this.anchor = i;
      this.toggle(run.id);
    }
  }

  private toggle(id: string): void {
    const on = this.selected.includes(id);
    this.on.select(on ? this.selected.filter((s) => s !== id) : [...this.selected, id]);
    announce(on ? `${id} is not drawn any more` : `${id} is drawn`);
  }

  private range(a: number, b: number): void {
    const ids = this.rows.slice(Math.min(a, b), Math.max(a, b) + 1).map((r) => r.id);
    this.on.select([...new Set([...this.selected, ...ids])]);
  }

  private key(e: KeyboardEvent): void {
    if (e.target !== this.grid || this.rows.length === 0 || e.altKey) return;
    const page = Math.max(1, Math.floor(this.grid.clientHeight / rowHeight) - 2);
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[e.key];
    const run = this.rows[this.active];
    if (move !== undefined && !e.ctrlKey && !e.metaKey) {
      const from = this.active;
      this.active = Math.max(0, Math.min(this.rows.length - 1, this.active + move));
      this.show(this.active);
      if (e.shiftKey) this.range(from, this.active);
      else this.anchor = this.active;
    } else if (e.key === ' ' && run) {
      this.anchor = this.active;
      this.toggle(run.id);
    } else if (e.key === 'Enter' && run) this.on.open(run.id);
    else if (e.key === 'Delete' && run) this.on.remove(this.selected.includes(run.id) ? this.selected : [run.id]);
    else if (e.key === 'a' && (e.ctrlKey || e.metaKey)) this.on.select(this.rows.map((r) => r.id));
    else if (e.key === 'Escape' && this.selected.length > 0) this.on.select([]);
    else return;
    e.preventDefault();
  }

  private show(i: number): void {
    const top = i * rowHeight;
    const room = this.grid.clientHeight - this.head.offsetHeight;
    if (top < this.grid.scrollTop) this.grid.scrollTop = top;
    else if (top + rowHeight > this.grid.scrollTop + room) this.grid.scrollTop = top + rowHeight - room;
    this.draw();
  }
}

/** The status of a run, which its form tells as well as its colour. */
export function statusBadge(status: string): HTMLElement {
  const kind = { running: 'accent', finished: 'clear', converged: 'clear', paused: 'open', stopped: '', interrupted: 'open', queued: '' }[status] ?? 'warning';
  return h('span', { class: `badge ${kind}`, dataset: { status } }, status === 'running' ? h('span', { class: 'runs-pulse', 'aria-hidden': true }) : null, status);
}
