import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import './chart.css';
import { nearest, scales, showable, type Window } from './chart/extent';
import { Legend } from './chart/legend';
import { axisTicks, countX, countY, markPlace, paintChart, paintFocus, paintSeries, placeX, placeY, room, roomLeft, type Frame } from './chart/paint';
import { Readout } from './chart/readout';
import { at, type ChartSpec, type Series } from './chart/spec';
import { chartTable } from './chart/table';
import { Board } from './canvas';
import { button } from './controls';
import { freshId, h } from './dom';
import { figureFrame, type Frame as Figure } from './figure';
import { number4, number6 } from './format';
import { announce } from './live';
import { CanvasPainter, fontOf, measureText, type Painter } from './painter';
import { onTheme, theme } from './style';
import { unit, valueAt, type Scale } from './ticks';

export type { Axis, ChartSpec, Mark, Series } from './chart/spec';

const groups = new Map<string, Set<Chart>>();

/** A line chart in a frame: legend that toggles, cursor by pointer and by keys, zoom, table, downloads. */
export class Chart {
  readonly root: HTMLElement;
  private readonly figure: Figure;
  private readonly host: HTMLElement;
  private readonly blank: HTMLElement;
  private readonly legend: Legend;
  private readonly readout = new Readout();
  /** The line that stands out, over the others: to move from line to line is not to draw them all. */
  private readonly over = new Board({ label: '', role: 'presentation', focusable: false, paint: (p) => this.paintOver(p) });
  private readonly reset;
  private readonly observer: ResizeObserver;
  private readonly offTheme: () => void;
  private readonly hidden = new Map<string, boolean>();
  private plot: uPlot | undefined;
  private window: { x: Scale; y: Scale };
  private zoom: Window | null = null;
  private focus = -1;
  /** The keyboard's place: a series by name, and an index in it. */
  private cursor: { name: string; index: number } | null = null;

  constructor(private spec: ChartSpec) {
    const helpId = freshId('chart-help');
    this.window = scales(spec, this.shown(), null);
    this.blank = h('p', { class: 'chart-empty note' });
    this.host = h('div', {
      class: 'chart-plot', tabindex: '0', role: 'application', 'aria-roledescription': 'chart', 'aria-describedby': helpId,
      on: { keydown: (e) => this.key(e), blur: () => this.unpoint(true) },
    });
    this.legend = new Legend({
      toggle: (name, alone) => this.toggle(name, alone),
      focus: (name) => this.stress(name === null ? -1 : this.shown().findIndex((s) => s.name === name && !s.faint)),
    });
    this.reset = button({ label: 'Show all', kind: 'quiet', title: 'Undo the zoom (key 0, or a double click)', on: () => this.setZoom(null) });
    this.reset.root.classList.add('chart-reset');
    const help = h('p', { class: 'unseen', id: helpId },
      'Left and right move along a line, up and down to another line, plus and minus zoom, 0 shows all.');
    this.figure = figureFrame({
      id: spec.id, title: spec.title, level: spec.level ?? 2, tools: [this.reset.root],
      ...(spec.caption === undefined ? {} : { caption: spec.caption }),
      body: h('div', { class: 'chart' }, this.legend.root, h('div', { class: 'chart-area' }, this.host, this.over.root, this.blank, this.readout.root), help),
      paint: (p) => this.paint(p),
      table: () => chartTable(this.spec),
      ...(spec.command ? { command: () => this.spec.command?.() ?? '' } : {}),
      size: () => ({ width: Math.max(560, this.host.clientWidth), height: Math.max(340, this.height + 20) }),
    });
    this.root = this.figure.root;
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.host);
    this.offTheme = onTheme(() => {
      this.legend.draw(this.legendItems());
      this.redraw();
    });
    this.join(spec.group);
    this.refresh();
  }

  update(spec: ChartSpec): void {
    const before = this.spec;
    this.spec = spec;
    if (before.group !== spec.group) {
      this.part(before.group);
      this.join(spec.group);
    }
    if (before.x.log !== spec.x.log || before.x.label !== spec.x.label) this.zoom = null;
    if (before.x.label !== spec.x.label || before.y.label !== spec.y.label) {
      this.plot?.destroy();
      this.plot = undefined;
    }
    this.figure.update({ title: spec.title, caption: spec.caption ?? '' });
    this.refresh();
  }

  /** Moves the vertical lines alone. */
  verticals(lines: NonNullable<ChartSpec['verticals']>): void {
    this.spec = { ...this.spec, verticals: lines };
    this.redraw();
  }

  destroy(): void {
    this.part(this.spec.group);
    this.observer.disconnect();
    this.over.destroy();
    this.offTheme();
    this.plot?.destroy();
    this.plot = undefined;
  }

  private get height(): number {
    return this.spec.height ?? 300;
  }

  private shown(): readonly Series[] {
    return this.spec.series.filter((s) => !(this.hidden.get(s.name) ?? s.hidden ?? false));
  }

  private legendItems(): { series: Series; hidden: boolean }[] {
    return this.spec.series.filter((s) => !s.faint)
      .map((series) => ({ series, hidden: this.hidden.get(series.name) ?? series.hidden ?? false }));
  }

  /** Fits the scales to what is shown, and draws. */
  private refresh(): void {
    const series = this.shown();
    this.window = scales(this.spec, series, this.zoom);
    const empty = !series.some((s) => s.x.length > 0);
    const below = !empty && (this.spec.y.log ?? false) && showable(series, false) && !showable(series, true);
    this.blank.textContent = empty ? (this.spec.empty ?? 'Nothing to draw yet.') : below ? 'No value is above zero, as a logarithmic axis has them.' : '';
    this.blank.hidden = !empty && !below;
    this.host.style.height = `${this.height}px`;
    this.host.setAttribute('aria-label', `${this.spec.title}: ${this.spec.y.label} over ${this.spec.x.label}, ${series.filter((s) => !s.faint).length} lines`);
    this.legend.draw(this.legendItems());
    this.reset.root.classList.toggle('off', this.zoom === null);
    this.reset.disable(this.zoom === null);
    if (!this.plot) return this.resize();
    this.redraw();
    if (this.cursor) this.point();
  }

  /** Draws when this task ends, always with the axes: a drawing without them would undo one that has them. */
  private redraw(): void {
    this.plot?.redraw(false, true);
  }

  private resize(): void {
    const width = this.host.clientWidth;
    if (width === 0) return;
    if (!this.plot) this.plot = this.make(width);
    else if (this.plot.width !== width || this.plot.height !== this.height) this.plot.setSize({ width, height: this.height });
  }

  private make(width: number): uPlot {
    const axis = (scale: 'x' | 'y'): uPlot.Axis => ({
      scale,
      side: scale === 'x' ? 2 : 3,
      size: (_u, values) => (scale === 'x' ? room.bottom : roomLeft({ measure: measureText }, values ?? [])) - 18,
      label: scale === 'x' ? this.spec.x.label : this.spec.y.label,
      labelSize: 18,
      labelGap: 0,
      gap: 4,
      font: fontOf(),
      labelFont: fontOf(),
      stroke: () => theme().muted,
      grid: { stroke: () => theme().grid, width: 1 },
      ticks: { show: false },
      border: { show: true, stroke: () => theme().muted, width: 1 },
      splits: (u) => this.axisTicks(u, scale).map((t) => unit(this.window[scale], t.value)),
      values: (u) => this.axisTicks(u, scale).map((t) => t.text),
      filter: (_u, splits) => splits,
    });
    // Its own scales are always from 0 to 1: where a value lies between, this class knows, also where
    // values are so far apart that the axes of uPlot give up.
    const scale: uPlot.Scale = { time: false, auto: false, range: [0, 1] };
    return new uPlot({
      width,
      height: this.height,
      padding: [room.top, room.right, 0, 0],
      legend: { show: false },
      scales: { x: scale, y: { ...scale } },
      axes: [axis('x'), axis('y')],
      series: [{}, { paths: () => null, points: { show: false } }],
      cursor: {
        y: false, points: { show: false }, drag: { x: true, y: false, setScale: false, dist: 5 },
        bind: { dblclick: () => () => { this.setZoom(null); return null; } },
      },
      hooks: {
        draw: [(u) => this.paintScreen(u)],
        setCursor: [(u) => this.pointed(u)],
        setSelect: [(u) => this.selected(u)],
        ready: [(u) => this.touch(u)],
      },
    }, [[0, 1], [0, 1]], this.host);
  }

  private axisTicks(u: uPlot, which: 'x' | 'y'): { value: number; text: string }[] {
    const size = which === 'x' ? u.bbox.width : u.bbox.height;
    const n = (which === 'x' ? countX : countY)(size / uPlot.pxRatio);
    return axisTicks(this.spec[which], this.window[which], n);
  }

  private frame(u: uPlot): Frame {
    const r = uPlot.pxRatio;
    return { box: { x: u.bbox.left / r, y: u.bbox.top / r, width: u.bbox.width / r, height: u.bbox.height / r }, ...this.window };
  }

  private paintScreen(u: uPlot): void {
    const f = this.frame(u);
    const r = uPlot.pxRatio;
    u.ctx.save();
    u.ctx.setTransform(r, 0, 0, r, 0, 0);
    const p = new CanvasPainter(u.ctx, u.width, u.height);
    paintSeries(p, f, this.spec, this.shown());
    this.over.redraw();
    u.ctx.restore();
  }

  private paintOver(p: Painter): void {
    const s = this.shown()[this.focus];
    if (!s || !this.plot) return;
    const f = this.frame(this.plot);
    paintFocus(p, f, s, this.focus);
  }

  private paint(p: Painter): void {
    paintChart(p, this.spec, this.shown(), this.window);
  }

  /** The pointer, a finger or another chart of the group has moved the cursor. */
  private pointed(u: uPlot): void {
    const { left, top } = u.cursor;
    if (left === undefined || top === undefined || left < 0 || u.over.clientWidth === 0) return this.unpoint(true);
    const x = valueAt(this.window.x, left / u.over.clientWidth);
    this.show(x, this.cursor ? null : top);
    this.spec.on?.point?.(x);
    for (const other of groups.get(this.spec.group ?? '') ?? []) if (other !== this) other.follow(x);
  }

  /** Shows the values of every line at x; top is where the pointer is, if there is one. */
  private show(x: number, top: number | null): void {
    const u = this.plot;
    if (!u) return;
    const f = this.frame(u);
    const rows = this.shown().flatMap((s, i) => {
      const index = s.faint ? -1 : nearest(s.x, x, this.window.x.log);
      if (index < 0) return [];
      const px = placeX(f, s.x[index] ?? NaN) - f.box.x;
      const py = placeY(f, at(s.y, index)) - f.box.y;
      const mark = (s.marks ?? []).find((m) => Math.abs(markPlace(f, s, m).x - f.box.x - unit(this.window.x, x) * f.box.width) < 8);
      // A line that ended long ago has nothing to say here.
      if (Math.abs(px - unit(this.window.x, x) * f.box.width) > Math.max(24, f.box.width / 20) && !mark) return [];
      return [{ series: s, order: i, x: s.x[index] ?? NaN, y: at(s.y, index), px, py, text: mark?.text ?? '' }];
    });
    let close = -1;
    if (top !== null) {
      let best = 24;
      for (const row of rows) {
        const d = Math.abs(row.py - top);
        if (d < best) [best, close] = [d, row.order];
      }
    } else if (this.cursor) close = this.shown().findIndex((s) => s.name === this.cursor?.name && !s.faint);
    if (rows.length > 1 || close < 0) this.stress(rows.length > 1 ? close : -1);
    this.readout.show(rows, { xLabel: this.spec.x.label, left: f.box.x, top: f.box.y, width: f.box.width, height: f.box.height, at: unit(this.window.x, x) * f.box.width, pointer: top, close });
  }

  private follow(x: number): void {
    const u = this.plot;
    if (!u) return;
    const left = unit(this.window.x, x) * u.over.clientWidth;
    if (!(left >= 0 && left <= u.over.clientWidth)) return this.unpoint(false);
    u.setCursor({ left, top: -1 }, false);
    this.show(x, null);
  }

  private unpoint(tell: boolean): void {
    this.cursor = null;
    this.readout.hide();
    this.stress(-1);
    this.plot?.setCursor({ left: -10, top: -10 }, false);
    if (tell) this.spec.on?.point?.(null);
    if (tell) for (const other of groups.get(this.spec.group ?? '') ?? []) if (other !== this) other.unpoint(false);
  }

  private stress(i: number): void {
    if (i === this.focus) return;
    this.focus = i;
    this.over.redraw();
  }

  private selected(u: uPlot): void {
    const { left, width } = u.select;
    if (width < 5) return;
    const size = u.over.clientWidth;
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.setZoom({ lo: valueAt(this.window.x, left / size), hi: valueAt(this.window.x, (left + width) / size) });
  }

  private setZoom(zoom: Window | null, tell = true): void {
    const usable = zoom && zoom.hi > zoom.lo && zoom.hi - zoom.lo > 1e-12 * Math.max(Math.abs(zoom.lo), Math.abs(zoom.hi)) ? zoom : null;
    if (zoom !== null && usable === null) return;
    this.zoom = usable;
    this.refresh();
    this.spec.onZoom?.(usable);
    if (!tell) return;
    announce(usable ? `${this.spec.x.label} ${number4(usable.lo)} to ${number4(usable.hi)}` : 'All of it');
    for (const other of groups.get(this.spec.group ?? '') ?? []) if (other !== this) other.setZoom(usable, false);
  }

  /** Zooms by a factor round a place, 0 to 1. */
  private zoomBy(factor: number, round: number): void {
    const u = (v: number): number => valueAt(this.window.x, v);
    const half = factor / 2;
    const all = scales(this.spec, this.shown(), null).x;
    const middle = factor < 1 ? round : 0.5;
    const lo = Math.max(u(middle - half), all.lo);
    const hi = Math.min(u(middle + half), all.hi);
    this.setZoom(lo <= all.lo && hi >= all.hi ? null : { lo, hi });
  }

  private toggle(name: string, alone: boolean): void {
    const names = this.legendItems().map((i) => i.series.name);
    if (alone) {
      const only = names.every((n) => n === name || (this.hidden.get(n) ?? false));
      for (const n of names) this.hidden.set(n, !only && n !== name);
    } else this.hidden.set(name, !(this.hidden.get(name) ?? this.spec.series.find((s) => s.name === name)?.hidden ?? false));
    this.focus = -1;
    this.refresh();
  }

  private key(e: KeyboardEvent): void {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const lines = this.shown().filter((s) => !s.faint && s.x.length > 0);
    const [first] = lines;
    if (!first) return;
    const line = lines.find((s) => s.name === this.cursor?.name) ?? first;
    const index = this.cursor?.index ?? Math.max(0, Math.min(nearest(line.x, this.window.x.lo), line.x.length - 1));
    const page = Math.max(1, Math.round(line.x.length / 10));
    const move = { ArrowRight: this.cursor ? 1 : 0, ArrowLeft: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[e.key];
    const other = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    const place = this.cursor ? unit(this.window.x, line.x[index] ?? NaN) : 0.5;
    if (move !== undefined) this.place(line, index + move);
    else if (other !== undefined) {
      const next = lines[(lines.indexOf(line) + (this.cursor ? other : 0) + lines.length) % lines.length] ?? line;
      this.place(next, nearest(next.x, line.x[index] ?? 0, this.window.x.log));
    } else if (e.key === '+' || e.key === '=') this.zoomBy(0.5, place);
    else if (e.key === '-' || e.key === '_') this.zoomBy(2, place);
    else if (e.key === '0') this.setZoom(null);
    else if (e.key === 'Escape' && this.cursor) this.unpoint(true);
    else if (e.key === 'Enter' && this.cursor && this.spec.on?.pick) this.spec.on.pick(line.x[index] ?? NaN);
    else return;
    e.preventDefault();
    e.stopPropagation();
  }

  /** Puts the keyboard's cursor on a point, into sight, and says what it is. */
  private place(s: Series, to: number): void {
    const index = Math.max(0, Math.min(s.x.length - 1, to));
    const x = s.x[index] ?? NaN;
    this.cursor = { name: s.name, index };
    if (this.zoom && (x < this.zoom.lo || x > this.zoom.hi)) {
      const span = this.zoom.hi - this.zoom.lo;
      this.setZoom({ lo: x - span / 2, hi: x + span / 2 });
    }
    const y = at(s.y, index);
    this.point();
    const marks = (s.marks ?? []).filter((m) => m.x === x).map((m) => `, ${m.text}`).join('');
    const band = s.low && s.high ? `, from ${number4(at(s.low, index))} to ${number4(at(s.high, index))}` : '';
    announce(`${s.name}, ${this.spec.x.label} ${number6(x)}: ${Number.isFinite(y) ? number6(y) : 'no number'}${band}${marks}`);
  }

  /** Draws the keyboard's cursor where it is. */
  private point(): void {
    const u = this.plot;
    const s = this.shown().find((line) => line.name === this.cursor?.name && !line.faint);
    if (!u || !s || !this.cursor) return;
    const x = s.x[Math.min(this.cursor.index, s.x.length - 1)] ?? NaN;
    const y = at(s.y, this.cursor.index);
    u.setCursor({ left: unit(this.window.x, x) * u.over.clientWidth, top: Math.max(0, (1 - unit(this.window.y, y)) * u.over.clientHeight || 0) }, true);
  }

  /** A finger moves the cursor sideways; up and down it scrolls the page. */
  private touch(u: uPlot): void {
    u.over.addEventListener('pointerdown', (e) => { if (e.pointerType !== 'mouse') this.finger(u, e); });
    u.over.addEventListener('pointermove', (e) => { if (e.pointerType !== 'mouse') this.finger(u, e); });
    u.over.addEventListener('pointermove', () => { this.cursor = null; });
    u.over.addEventListener('click', (e) => {
      const box = u.over.getBoundingClientRect();
      if (e.detail < 2) this.spec.on?.pick?.(valueAt(this.window.x, (e.clientX - box.left) / box.width));
    });
  }

  private finger(u: uPlot, e: PointerEvent): void {
    const box = u.over.getBoundingClientRect();
    this.cursor = null;
    u.setCursor({ left: e.clientX - box.left, top: e.clientY - box.top }, true);
  }

  private join(group: string | undefined): void {
    if (!group) return;
    const all = groups.get(group) ?? new Set();
    all.add(this);
    groups.set(group, all);
  }

  private part(group: string | undefined): void {
    if (!group) return;
    groups.get(group)?.delete(this);
    if (groups.get(group)?.size === 0) groups.delete(group);
  }
}
