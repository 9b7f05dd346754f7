import { h } from './dom';
import { number6 } from './format';

/** What a figure shows, as rows. Numbers keep all their digits in what is downloaded. */
export interface Table {
  caption: string;
  columns: readonly { name: string; numeric?: boolean }[];
  rows: readonly (readonly (string | number | null)[])[];
}

// More rows than this are not for reading: they are in the downloads.
const shown = 500;

/** A table that may change while somebody reads it: its order, its place and the focus stay. */
export interface TableView {
  readonly root: HTMLElement;
  update(t: Table): void;
}

/** Makes a table that is drawn once. */
export function tableElement(t: Table, o: { sortable?: boolean } = {}): HTMLElement {
  return tableView(t, o).root;
}

/** Makes a table; with sortable, the heads of its columns are buttons. */
export function tableView(first: Table, o: { sortable?: boolean } = {}): TableView {
  let t = first;
  let by = -1; // the column that orders the rows
  let down = false;
  let heads: HTMLElement[] = [];
  const title = h('span');
  const row = h('tr');
  const body = h('tbody');
  const note = h('p', { class: 'note' });
  const scroll = h('div', { class: 'scroll', tabindex: '0', role: 'region' },
    h('table', null, h('caption', null, title), h('thead', null, row), body));

  const head = (): void => {
    heads = t.columns.map((c, i) => h('th', { scope: 'col', class: c.numeric ? 'number' : '' },
      o.sortable ? h('button', { type: 'button', on: { click: () => sort(i) } }, c.name) : c.name));
    row.replaceChildren(...heads);
  };
  const fill = (): void => {
    const order = by < 0 ? t.rows : [...t.rows].sort((a, b) => compare(a[by] ?? null, b[by] ?? null, down ? -1 : 1));
    const fragment = document.createDocumentFragment();
    for (const one of order.slice(0, shown)) {
      fragment.append(h('tr', null, t.columns.map((c, i) => {
        const cell = one[i] ?? null;
        const kind = c.numeric ? { class: 'number' } : null;
        return i === 0 && !c.numeric ? h('th', { scope: 'row' }, display(cell)) : h('td', kind, display(cell));
      })));
    }
    body.replaceChildren(fragment);
    if (o.sortable) heads.forEach((th, i) => th.setAttribute('aria-sort', i !== by ? 'none' : down ? 'descending' : 'ascending'));
    title.textContent = t.caption;
    scroll.setAttribute('aria-label', t.caption);
    note.textContent = order.length > shown ? `The first ${shown} of ${order.length} rows; the download has all.` : '';
    note.hidden = order.length <= shown;
  };
  const sort = (column: number): void => {
    down = by === column && !down;
    by = column;
    fill();
  };
  head();
  fill();
  return {
    root: h('div', { class: 'table' }, scroll, note),
    update(next) {
      const same = JSON.stringify(next.columns) === JSON.stringify(t.columns);
      t = next;
      if (!same) {
        by = -1;
        head();
      }
      fill();
    },
  };
}

/** The table as RFC 4180 has it: a line of names, then the rows, lines ended by CR LF. */
export function csv(t: Table): string {
  const quote = (cell: string | number | null): string => {
    let text = cell === null ? '' : typeof cell === 'number' ? numeral(cell) : cell;
    // A spreadsheet would run a text that looks like a formula.
    if (typeof cell === 'string' && /^[=+\-@\t\r]/.test(text) && !Number.isFinite(Number(text))) text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  return [t.columns.map((c) => c.name), ...t.rows].map((row) => row.map(quote).join(',') + '\r\n').join('');
}

/** The table as JSON: {caption, columns, rows}; a number that JSON lacks is "NaN", "+Inf" or "-Inf". */
export function tableJson(t: Table): string {
  const cell = (c: string | number | null): string =>
    JSON.stringify(typeof c === 'number' && !Number.isFinite(c) ? numeral(c) : c);
  const rows = t.rows.map((row) => `    [${row.map(cell).join(', ')}]`).join(',\n');
  return `{\n  "caption": ${JSON.stringify(t.caption)},\n  "columns": ${JSON.stringify(t.columns.map((c) => c.name))},\n  "rows": [\n${rows}\n  ]\n}\n`;
}

function numeral(v: number): string {
  if (Number.isNaN(v)) return 'NaN';
  if (!Number.isFinite(v)) return v > 0 ? '+Inf' : '-Inf';
  return String(v);
}

function display(cell: string | number | null): string {
  if (cell === null) return '–';
  return typeof cell === 'number' ? (Number.isSafeInteger(cell) && Math.abs(cell) < 1e9 ? String(cell) : number6(cell)) : cell;
}

/** Numbers by size, texts by the alphabet; what is missing or not a number comes last either way. */
function compare(a: string | number | null, b: string | number | null, sign: number): number {
  const missing = (c: string | number | null): boolean => c === null || (typeof c === 'number' && Number.isNaN(c));
  if (missing(a) || missing(b)) return Number(missing(a)) - Number(missing(b));
  if (typeof a === 'number' && typeof b === 'number') return sign * (a < b ? -1 : a > b ? 1 : 0);
  return sign * String(a).localeCompare(String(b), 'en', { numeric: true });
}
