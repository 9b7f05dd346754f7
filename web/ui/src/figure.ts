import { button, copyText, menu } from './controls';
import { h, freshId } from './dom';
import { announce } from './live';
import { CanvasPainter, SvgPainter, type Painter } from './painter';
import { seldom } from './seldom';
import { theme, withTheme } from './style';
import { csv, tableJson, tableView, type Table, type TableView } from './table';

export interface FigureOptions {
  /** Names the files that are downloaded. */
  id: string;
  title: string;
  caption?: string;
  body: HTMLElement;
  /** Draws the figure without its title, for the downloads. */
  paint(p: Painter): void;
  table(): Table;
  /** The command that makes the figure, as one would type it. */
  command?: () => string;
  /** The size that paint draws in; default: that of the body on the screen, and at least 480 wide. */
  size?: () => { width: number; height: number };
  /** Further controls for the toolbar, before its own. */
  tools?: readonly HTMLElement[];
  /** The level of the title; default 2. */
  level?: 2 | 3 | 4;
  /** What can be downloaded beside the picture and its data. */
  downloads?: readonly { label: string; on(): void }[];
}

export interface Frame {
  readonly root: HTMLElement;
  update(o: { title?: string; caption?: string }): void;
  /** Draws the table anew if it is shown: what it shows has changed. */
  refresh(): void;
}

/** The frame of every figure: a title, the figure, its caption, its table and its downloads. */
export function figureFrame(o: FigureOptions): Frame {
  const titleId = freshId('figure');
  const tableId = freshId('table');
  const level = o.level ?? 2;
  const title = h(`h${level}`, { class: 'figure-title', id: titleId }, o.title);
  const caption = h('figcaption', { hidden: !o.caption }, o.caption ?? '');
  const table = h('div', { class: 'figure-table', id: tableId, hidden: true });
  const command = h('div', { class: 'figure-command', hidden: true });

  const toggle = button({
    label: 'Table', kind: 'quiet', title: 'Show the numbers of this figure as a table',
    on: () => {
      table.hidden = !table.hidden;
      toggle.root.setAttribute('aria-expanded', String(!table.hidden));
      refresh();
    },
  });
  toggle.root.setAttribute('aria-expanded', 'false');
  toggle.root.setAttribute('aria-controls', tableId);

  let view: TableView | undefined;
  let said = '';
  /** A table of a figure that changes many times a second takes its time. */
  const rows = seldom(() => {
    if (view) return view.update(o.table());
    view = tableView(o.table(), { sortable: true });
    table.replaceChildren(view.root);
  });
  const refresh = (): void => {
    if (!table.hidden) rows.ask();
    const text = command.hidden ? '' : o.command?.() ?? '';
    if (text === '' || text === said) return;
    said = text;
    command.replaceChildren(commandLine(text));
  };

  const downloads = menu({
    label: 'Download', kind: 'quiet', title: 'Download this figure',
    items: [
      { label: 'SVG', on: () => save('svg') },
      { label: 'PNG', on: () => save('png') },
      { label: 'Data, CSV', on: () => save('csv') },
      { label: 'Data, JSON', on: () => save('json') },
      ...(o.downloads ?? []),
    ],
  });

  const showCommand = o.command && button({
    label: 'Command', kind: 'quiet', title: 'Show the command that makes this figure',
    on: () => {
      command.hidden = !command.hidden;
      showCommand?.root.setAttribute('aria-expanded', String(!command.hidden));
      refresh();
    },
  });
  showCommand?.root.setAttribute('aria-expanded', 'false');

  const save = async (kind: 'svg' | 'png' | 'csv' | 'json'): Promise<void> => {
    const name = `${fileName(o.id)}.${kind}`;
    if (kind === 'csv') download(name, new Blob([csv(o.table())], { type: 'text/csv' }));
    else if (kind === 'json') download(name, new Blob([tableJson(o.table())], { type: 'application/json' }));
    else if (kind === 'svg') download(name, new Blob([drawSvg(current())], { type: 'image/svg+xml' }));
    else download(name, await drawPng(current()));
    announce(`${name} downloaded`);
  };
  const current = (): Drawing => {
    const box = o.body.getBoundingClientRect();
    const size = o.size?.() ?? { width: Math.max(480, box.width), height: Math.max(240, box.height) };
    return { title: title.textContent ?? '', caption: caption.textContent ?? '', paint: o.paint, ...size };
  };

  const root = h('figure', { class: 'figure', 'aria-labelledby': titleId, dataset: { figure: o.id } },
    h('div', { class: 'figure-head' }, title,
      h('div', { class: 'figure-tools' }, o.tools ?? [], toggle.root, showCommand ? showCommand.root : null, downloads.root)),
    h('div', { class: 'figure-body' }, o.body), caption, command, table);

  return {
    root,
    refresh,
    update(next) {
      if (next.title !== undefined) title.textContent = next.title;
      if (next.caption !== undefined) {
        caption.textContent = next.caption;
        caption.hidden = next.caption === '';
      }
      refresh();
    },
  };
}

/** A command with a button that copies it. */
export function commandLine(text: string): HTMLElement {
  return h('div', { class: 'command-line' },
    h('pre', { tabindex: '0', role: 'region', 'aria-label': 'Command' }, h('code', null, text)),
    button({ label: 'Copy', kind: 'quiet', on: () => copyText(text) }).root);
}

interface Drawing {
  title: string;
  caption: string;
  width: number;
  height: number;
  paint(p: Painter): void;
}

const margin = 16;

/** The whole picture as a file holds it, with its title, on white. */
function drawWhole(p: Painter, d: Drawing): void {
  p.rect({ x: 0, y: 0, width: p.width, height: p.height }, { fill: theme().paper });
  p.text(margin, margin + 12, d.title, { size: 15, weight: 600 });
  p.inset({ x: margin, y: margin + 24, width: d.width, height: d.height }, d.paint);
}

function wholeSize(d: Drawing): { width: number; height: number } {
  return { width: Math.ceil(d.width + 2 * margin), height: Math.ceil(d.height + 24 + 2 * margin) };
}

export function drawSvg(d: Drawing): string {
  const { width, height } = wholeSize(d);
  const p = new SvgPainter(width, height, { title: d.title, desc: d.caption });
  withTheme('light', () => drawWhole(p, d));
  return p.toString();
}

/** At twice the size of the screen's, for print. */
async function drawPng(d: Drawing): Promise<Blob> {
  const { width, height } = wholeSize(d);
  const canvas = document.createElement('canvas');
  canvas.width = 2 * width;
  canvas.height = 2 * height;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser cannot draw on a canvas.');
  context.scale(2, 2);
  withTheme('light', () => drawWhole(new CanvasPainter(context, width, height), d));
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The picture is too large for this browser.'))), 'image/png');
  });
}

/** Has the browser save a file. */
export function download(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  keep(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Has the browser save what an address answers. */
export function keep(address: string, name: string): void {
  const link = h('a', { href: address, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
}

function fileName(id: string): string {
  return id.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '').slice(0, 80) || 'figure';
}
