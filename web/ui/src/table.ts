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

/** Makes the table; with sortable, the heads of its columns are buttons. */
export function tableElement(t: Table, o: { sortable?: boolean } = {}): HTMLElement {
  const body = h('tbody');
  const note = h('p', { class: 'note' });
  const heads = t.columns.map((c, i) =>
    h('th', { scope: 'col', class: c.numeric ? 'number' : '', 'aria-sort': o.sortable ? 'none' : null },
      o.sortable ? h('button', { type: 'button', on: { click: () => sort(i) } }, c.name) : c.name));
  let order = t.rows;

  const fill = (): void => {
    const fragment = document.createDocumentFragment();
    for (const row of order.slice(0, shown)) {
      fragment.append(h('tr', null, t.columns.map((c, i) => {
        const cell = row[i] ?? null;
        const kind = c.numeric ? { class: 'number' } : null;
        return i === 0 && !c.numeric ? h('th', { scope: 'row' }, display(cell)) : h('td', kind, display(cell));
      })));
    }
    body.replaceChildren(fragment);
    note.textContent = order.length > shown ? `The first ${shown} of ${order.length} rows; the download has all.` : '';
    note.hidden = order.length <= shown;
  };
  const sort = (column: number): void => {
    const down = heads[column]?.getAttribute('aria-sort') === 'ascending';
    heads.forEach((head, i) => head.setAttribute('aria-sort', i !== column ? 'none' : down ? 'descending' : 'ascending'));
    order = [...t.rows].sort((a, b) => compare(a[column] ?? null, b[column] ?? null, down ? -1 : 1));
    fill();
  };
  fill();
  return h('div', { class: 'table' },
    h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t.caption },
      h('table', null, h('caption', null, h('span', null, t.caption)), h('thead', null, h('tr', null, heads)), body)),
    note);
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
