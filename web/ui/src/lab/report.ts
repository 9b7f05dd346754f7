import { get, num } from '../api';
import { button, disclosure } from '../controls';
import { Chart, type ChartSpec, type Series } from '../chart';
import { h, type Child } from '../dom';
import { commandLine, download } from '../figure';
import { seriesStyle, theme, type SeriesStyle } from '../style';
import { csv } from '../table';
import { type Real } from './events';
import { jobPath } from './job';
import { labMap } from './map';

// A report of the lab as data: what its page of HTML says, in its order and with its very texts.

export interface ReportCell {
  text: string;
  value?: Real;
}

export interface ReportTable {
  block: 'table';
  file: string;
  caption: string;
  columns: { name: string; numeric?: boolean }[];
  rows: { cells: ReportCell[]; strong?: boolean }[];
  notes?: string[];
}

export interface ReportLine {
  name: string;
  look: number;
  x: number[];
  y: Real[];
  low?: Real[];
  high?: Real[];
  points?: boolean;
  marks?: { x: number; y: Real; kind: 'diverged' | 'best' | 'target'; text: string }[];
}

export interface ReportChart {
  x: { label: string; log?: boolean };
  y: { label: string; log?: boolean };
  lines: ReportLine[];
  levels?: { x: number; y: Real; text: string }[];
  band?: string;
}

export type ReportBlock =
  | { block: 'paragraph'; text: string }
  | { block: 'list'; items: string[] }
  | { block: 'verdict'; kind: 'clear' | 'open' | 'warning'; title: string; text: string }
  | { block: 'facts'; facts: { name: string; value: string }[] }
  | ReportTable
  | { block: 'figure'; file: string; caption: string; alt?: string; command?: string; chart?: ReportChart; plane?: boolean; animated?: boolean }
  | { block: 'command'; for?: string; text: string }
  | { block: 'folded'; title: string; blocks: ReportBlock[] };

export interface ReportSection {
  title: string;
  blocks: ReportBlock[];
  sections?: ReportSection[];
}

export interface Report {
  title: string;
  lead?: string;
  sections: ReportSection[];
}

/** What came of a comparison or a search: its report, and what only a search has. */
export interface LabResult {
  report: Report;
  /** The experiment with the settings that were chosen, for a training. */
  best_experiment?: string;
  importance?: Importance;
}

/** How much each dimension of a search matters. */
export interface Importance {
  shares: { key: string; share: number; spread: number }[];
  interactions: number;
  fit: number;
  log: boolean;
}

export function labResult(job: string, signal?: AbortSignal): Promise<LabResult> {
  return get<LabResult>(jobPath(job, '/report'), signal);
}

/** Something on the page that is to be ended. */
export interface Drawn {
  readonly root: HTMLElement;
  destroy(): void;
}

/** Draws the blocks of a job's report; figures, tables and verdicts that follow one another lie side by side where there is room. Charts and maps are kept in a list, for whoever takes them away to end them. */
export function drawBlocks(job: string, blocks: readonly ReportBlock[], charts: Drawn[], level: 2 | 3 | 4 = 3): HTMLElement[] {
  const drawn: HTMLElement[] = [];
  let last = '';
  for (const b of blocks) {
    const element = drawBlock(job, b, charts, level);
    if (!element) continue;
    const joined = { figure: 'columns figures', table: 'tables', verdict: 'columns verdicts' }[b.block as 'figure' | 'table' | 'verdict'];
    if (joined && last === b.block) drawn.at(-1)?.append(element);
    else drawn.push(joined ? h('div', { class: joined }, element) : element);
    last = b.block;
  }
  return drawn;
}

function drawBlock(job: string, b: ReportBlock, charts: Drawn[], level: 2 | 3 | 4): HTMLElement | null {
  switch (b.block) {
    case 'paragraph':
      return h('p', null, b.text);
    case 'list':
      return h('ul', { class: 'text' }, b.items.map((i) => h('li', null, i)));
    case 'verdict':
      return h('div', { class: `verdict ${b.kind}` }, h('p', { class: 'verdict-title' }, b.title), h('p', null, b.text));
    case 'facts':
      return h('dl', { class: 'report-facts' }, b.facts.map((f) => h('div', null, h('dt', null, f.name), h('dd', null, f.value))));
    case 'table':
      return reportTable(b);
    case 'figure': {
      if (!b.chart && !b.plane) return null;
      const chart = b.chart ? new Chart(chartSpec(b.file, b.caption, b.chart, b.command, level)) : labMap(job, b, splitCaption(b.caption), level);
      charts.push(chart);
      return chart.root;
    }
    case 'command':
      return h('div', { class: 'command' }, b.for ? h('p', null, b.for) : null, commandLine(b.text));
    case 'folded':
      return disclosure({ label: b.title }, drawBlocks(job, b.blocks, charts, level));
  }
}

/** The first sentence of a caption is the title of the figure; the rest stays its caption. */
export function splitCaption(text: string): { title: string; caption: string } {
  const cut = /[:.] /.exec(text);
  if (!cut) return { title: text.replace(/\.$/, ''), caption: '' };
  const rest = text.slice(cut.index + 2);
  return { title: text.slice(0, cut.index), caption: rest.charAt(0).toUpperCase() + rest.slice(1) };
}

export function chartSpec(id: string, text: string, c: ReportChart, command: string | undefined, level: 2 | 3 | 4 = 3): ChartSpec {
  // A band without an upper end reaches as high as anything that is drawn.
  let top = -Infinity;
  for (const l of c.lines) {
    for (const list of [l.y, l.high ?? []]) {
      for (const v of list) if (Number.isFinite(num(v))) top = Math.max(top, num(v));
    }
  }
  const values = (list: readonly Real[]): (number | null)[] => list.map((v) => (Number.isFinite(num(v)) ? num(v) : null));
  const edge = (list: readonly Real[], low: readonly Real[]): (number | null)[] =>
    list.map((v, i) => (num(v) === Infinity && Number.isFinite(num(low[i])) ? top : Number.isFinite(num(v)) ? num(v) : null));
  const named = new Set<number>();
  const series: Series[] = c.lines.map((l) => {
    const first = !named.has(l.look);
    named.add(l.look);
    return {
      name: l.name, x: l.x, y: values(l.y), style: seriesStyle(l.look),
      ...(l.low && l.high ? { low: edge(l.low, l.low), high: edge(l.high, l.low) } : {}),
      ...(l.points ? { points: true } : {}),
      ...(first ? {} : { faint: true }),
      ...(l.marks ? { marks: l.marks.map((m) => ({ x: m.x, y: Number.isFinite(num(m.y)) ? num(m.y) : Infinity, kind: m.kind === 'best' ? 'best' as const : 'diverged' as const, text: m.text })) } : {}),
    };
  });
  for (const l of c.levels ?? []) {
    const xs = c.lines.flatMap((line) => line.x);
    if (xs.length === 0) continue;
    series.push({
      name: l.text, x: [Math.min(...ends(c)), Math.max(...ends(c))], y: [num(l.y), num(l.y)],
      style: levelStyle,
    });
  }
  const { title, caption } = splitCaption(text);
  return {
    id, title, level, caption: c.band && c.lines.some((l) => l.low) ? `${caption} Bands: ${c.band.replace(/^band: /, '')}.`.trim() : caption,
    x: { label: c.x.label, log: c.x.log ?? false, whole: c.x.label === 'trials' }, y: { label: c.y.label, log: c.y.log ?? false },
    series, height: 360, ...(command ? { command: () => command } : {}),
  };
}

const levelStyle: SeriesStyle = {
  get color() { return theme().muted; },
  dash: [2, 4],
  marker: 'circle',
};

/** The first and last steps of the lines. */
function ends(c: ReportChart): number[] {
  return c.lines.flatMap((l) => (l.x.length > 0 ? [l.x[0] ?? 0, l.x.at(-1) ?? 0] : []));
}

/** A table with the texts of the report, sorted by its numbers, and a download of these. */
export function reportTable(t: ReportTable): HTMLElement {
  const body = h('tbody');
  let order = t.rows;
  const fill = (): void => {
    body.replaceChildren(...order.map((r) => h('tr', { class: r.strong ? 'strong' : '' }, r.cells.map((c, i): Child =>
      i === 0 && !t.columns[0]?.numeric
        ? h('th', { scope: 'row' }, h('span', null, c.text))
        : h('td', { class: t.columns[i]?.numeric ? 'number' : '' }, c.text)))));
  };
  const heads = t.columns.map((c, i) =>
    h('th', { scope: 'col', class: c.numeric ? 'number' : '', 'aria-sort': 'none' },
      h('button', { type: 'button', on: { click: () => sort(i) } }, c.name)));
  const sort = (column: number): void => {
    const down = heads[column]?.getAttribute('aria-sort') === 'ascending';
    heads.forEach((head, i) => head.setAttribute('aria-sort', i !== column ? 'none' : down ? 'descending' : 'ascending'));
    order = [...t.rows].sort((a, b) => compareCells(a.cells[column], b.cells[column], down ? -1 : 1));
    fill();
  };
  fill();
  return h('div', { class: 'table report-table', dataset: { table: t.file } },
    h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t.caption },
      h('table', null, h('caption', null, h('span', null, t.caption)), h('thead', null, h('tr', null, heads)), body)),
    (t.notes ?? []).map((n) => h('p', { class: 'note' }, n)),
    h('p', { class: 'get' }, button({
      label: 'Download CSV', kind: 'quiet', title: `Download “${t.caption}” with all digits`,
      on: () => download(`${t.file}.csv`, new Blob([tableCsv(t)], { type: 'text/csv' })),
    }).root));
}

export function tableCsv(t: ReportTable): string {
  return csv({
    caption: t.caption, columns: t.columns,
    rows: t.rows.map((r) => r.cells.map((c) => (c.value !== undefined ? num(c.value) : c.text === '–' ? null : c.text))),
  });
}

/** Numbers by value, then texts, then what is empty, either way. */
export function compareCells(a: ReportCell | undefined, b: ReportCell | undefined, sign: number): number {
  const rank = (c: ReportCell | undefined): number => (!c || c.text === '–' ? 2 : c.value === undefined ? 1 : 0);
  if (rank(a) !== rank(b) || !a || !b) return rank(a) - rank(b);
  if (a.value === undefined || b.value === undefined) return sign * a.text.localeCompare(b.text, 'en', { numeric: true });
  const [x, y] = [num(a.value), num(b.value)];
  return sign * (x < y ? -1 : x > y ? 1 : 0);
}
