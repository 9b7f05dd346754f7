import { Board } from '../../canvas';
import { figureFrame, type Frame } from '../../figure';
import { bytes, plural } from '../../format';
import { announce } from '../../live';
import type { Painter, Rect } from '../../painter';
import { theme } from '../../style';
import type { Table } from '../../table';
import { fit, ticks, unit } from '../../ticks';
import { countText, type Rule, type Told } from './state';

const row = 34;
const foot = 46;
const head = 44;
const parts = [
  { key: 'parameters', name: 'parameters' },
  { key: 'gradients', name: 'gradients' },
  { key: 'state', name: 'state' },
] as const;

/** The bars of all rules, in a frame; up and down keys go from bar to bar. */
export class Bars {
  readonly root: HTMLElement;
  private readonly frame: Frame;
  private readonly board: Board;
  private told: Told = { params: 0, dtype: '', runs: [], command: '' };
  private at = -1;

  constructor() {
    this.board = new Board({ label: 'Memory by rule', role: 'application', paint: (p) => paintBars(p, this.told, this.at) });
    const { root } = this.board;
    root.setAttribute('aria-roledescription', 'bar chart');
    root.style.height = `${head + foot + 8 * row}px`;
    root.addEventListener('keydown', (e) => this.key(e));
    root.addEventListener('blur', () => this.go(-1));
    root.addEventListener('pointermove', (e) => this.go(Math.floor((this.board.toBoard(e).y - head) / row), false));
    root.addEventListener('pointerleave', () => this.go(-1));
    this.frame = figureFrame({
      id: 'memory', title: 'Memory of training', caption: 'Activations are not part of it: they depend on the batch.', body: root,
      paint: (p) => paintBars(p, this.told, -1), table: () => memoryTable(this.told), command: () => this.told.command,
      size: () => ({ width: Math.max(640, this.board.width), height: this.height() }),
    });
    this.root = this.frame.root;
  }

  update(told: Told): void {
    this.told = told;
    this.at = -1;
    const types = { float32: '4', float64: '8' }[told.dtype] ?? '';
    this.frame.update({
      title: `Memory to train ${plural(told.params, 'parameter')} in ${told.dtype}`,
      caption: `${types} bytes a number. Activations are not part of it: they depend on the batch.`,
    });
    this.board.label(`Memory by rule: ${plural(told.runs.length, 'bar')}. Up and down go from bar to bar.`);
    this.board.root.style.height = `${this.height()}px`;
    this.board.redraw();
  }

  destroy(): void {
    this.board.destroy();
  }

  private height(): number {
    return head + foot + row * Math.max(1, this.told.runs.length);
  }

  private key(e: KeyboardEvent): void {
    const n = this.told.runs.length;
    const to = { ArrowDown: this.at + 1, ArrowUp: this.at - 1, Home: 0, End: n - 1 }[e.key];
    if (to === undefined || n === 0) return;
    e.preventDefault();
    this.go(Math.max(0, Math.min(n - 1, to)));
    const r = this.told.runs[this.at];
    if (r) announce(`${r.optimizer}: ${bytes(r.total)}, of it ${bytes(r.parameters)} parameters, ${bytes(r.gradients)} gradients, ${bytes(r.state)} state${this.told.memory ? (r.fits ? '; fits' : '; does not fit') : ''}`);
  }

  private go(to: number, exact = true): void {
    const at = to >= 0 && to < this.told.runs.length ? to : exact ? -1 : this.at;
    if (at === this.at) return;
    this.at = at;
    this.board.redraw();
  }
}

/** All numbers, in bytes. */
export function memoryTable(told: Told): Table {
  const memory = told.memory !== undefined;
  return {
    caption: `Memory in bytes, ${told.params} parameters, ${told.dtype}`,
    columns: [
      { name: 'rule' }, { name: 'state kept' }, { name: 'bytes per parameter', numeric: true }, { name: 'parameters', numeric: true },
      { name: 'gradients', numeric: true }, { name: 'state', numeric: true }, { name: 'total', numeric: true },
      ...(memory ? [{ name: 'fits' }, { name: 'most parameters that fit', numeric: true }] : []),
    ],
    rows: told.runs.map((r) => [
      r.optimizer, r.slots.join(', '), r.bytes_per_parameter, r.parameters, r.gradients, r.state, r.total,
      ...(memory ? [r.fits ? 'yes' : 'no', r.largest] : []),
    ]),
  };
}

function paintBars(p: Painter, told: Told, focus: number): void {
  const t = theme();
  const names = Math.min(0.3 * p.width, 12 + Math.max(60, ...told.runs.map((r) => p.measure(r.optimizer, { size: 13 }))));
  const values = 84;
  const most = Math.max(1, told.memory ? Math.min(told.memory, 4 * greatest(told)) : 0, greatest(told));
  const scale = fit(0, most * 1.02, false);
  const box: Rect = { x: names, y: head, width: p.width - names - values, height: row * told.runs.length };
  const place = (v: number): number => box.x + unit(scale, v) * box.width;
  paintAxis(p, box, scale.hi, place);
  legend(p, names);
  told.runs.forEach((r, i) => {
    const y = box.y + i * row;
    if (i === focus) p.rect({ x: 0, y: y + 1, width: p.width, height: row - 2 }, { fill: { color: t.ink, alpha: 0.06 } });
    p.clip({ x: 0, y, width: names - 8, height: row }, () => p.text(0, y + row / 2, r.optimizer, { size: 13, baseline: 'middle', weight: i === focus ? 600 : 400 }));
    let from = 0;
    parts.forEach((part, k) => {
      const size = r[part.key];
      piece(p, { x: place(from), y: y + 7, width: place(from + size) - place(from), height: row - 14 }, k);
      from += size;
    });
  });
  const line = told.memory !== undefined && told.memory <= scale.hi ? told.memory : undefined;
  const x = place(line ?? 0);
  if (line !== undefined) p.line([x, box.y - 6, x, box.y + box.height], { color: t.warning, width: 1.75, dash: [6, 3] });
  told.runs.forEach((r, i) => {
    const over = told.memory !== undefined && !r.fits;
    p.text(place(r.total) + 7, box.y + (i + 0.5) * row, bytes(r.total), {
      size: 12, baseline: 'middle', weight: over ? 600 : 400, color: over ? t.warning : t.ink, halo: t.paper,
    });
  });
  if (line === undefined) return;
  p.text(x - 5, box.y - 5, `available: ${bytes(line)}`, { align: x > box.x + 110 ? 'right' : 'left', size: 11, color: t.warning, baseline: 'bottom', halo: t.paper });
}

function greatest(told: Told): number {
  return Math.max(0, ...told.runs.map((r) => r.total));
}

/** Ticks at round numbers of a binary unit. */
function paintAxis(p: Painter, box: Rect, most: number, place: (v: number) => number): void {
  const t = theme();
  const power = Math.max(0, Math.min(6, Math.floor(Math.log2(Math.max(1, most)) / 10)));
  const size = 1024 ** power;
  const bottom = box.y + box.height;
  for (const tick of ticks({ lo: 0, hi: most / size, log: false }, Math.max(2, Math.floor(box.width / 90)))) {
    const x = place(tick.value * size);
    p.line([x, box.y, x, bottom], { color: t.grid });
    p.text(x, bottom + 6, tick.text, { align: 'center', baseline: 'top', color: t.muted });
  }
  p.line([box.x, box.y, box.x, bottom], { color: t.muted });
  p.text(box.x + box.width / 2, bottom + 24, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'][power] ?? '', { align: 'center', baseline: 'top', color: t.muted });
}

/** A part of a bar: each kind has its colour and its hatching. */
function piece(p: Painter, rect: Rect, kind: number): void {
  const t = theme();
  const color = t.series[kind] ?? t.ink;
  if (rect.width <= 0) return;
  const inner = { ...rect, width: Math.max(0.5, rect.width - 1.5) };
  p.rect(inner, { fill: { color, alpha: kind === 0 ? 1 : 0.8 } });
  if (kind === 0) return;
  p.clip(inner, () => {
    const gap = kind === 1 ? 7 : 5;
    const first = Math.floor((inner.x - inner.height) / gap) * gap;
    for (let x = first; x < inner.x + inner.width; x += gap) {
      const rising = [x, inner.y + inner.height, x + inner.height, inner.y];
      const upright = [x, inner.y, x, inner.y + inner.height];
      p.line(kind === 1 ? rising : upright, { color: t.plot, alpha: 0.55, width: 1 });
    }
  });
}

function legend(p: Painter, left: number): void {
  let x = p.width < 560 ? 0 : left;
  parts.forEach((part, k) => {
    piece(p, { x, y: 1, width: 18, height: 12 }, k);
    p.text(x + 22, 7, part.name, { size: 12, baseline: 'middle' });
    x += 22 + p.measure(part.name, { size: 12 }) + 16;
  });
}

/** What a memory holds, in a sentence. */
export function verdictOf(told: Told): { kind: 'clear' | 'open' | 'warning'; title: string; text: string } {
  const fitting = told.runs.filter((r) => r.fits);
  const largest = (rs: readonly Rule[]): number => Math.max(0, ...rs.map((r) => r.largest));
  const best = told.runs.filter((r) => r.largest === largest(told.runs)).map((r) => r.optimizer);
  const there = bytes(told.memory ?? 0);
  const more = `The most that fit in ${there} are ${countText(largest(told.runs))} parameters, with ${best.slice(0, 3).join(', ')}${best.length > 3 ? ` and ${best.length - 3} more` : ''}.`;
  if (fitting.length === told.runs.length) return { kind: 'clear', title: `Fits in ${there} with every rule shown`, text: more };
  if (fitting.length === 0) return { kind: 'warning', title: `Does not fit in ${there} with any rule shown`, text: more };
  return { kind: 'open', title: `Fits in ${there} with ${fitting.length} of ${told.runs.length} rules`, text: `These fit: ${fitting.map((r) => r.optimizer).join(', ')}. ${more}` };
}
