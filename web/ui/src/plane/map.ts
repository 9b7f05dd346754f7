import './map.css';
import { Legend } from '../chart/legend';
import { Board } from '../canvas';
import { button } from '../controls';
import { freshId, h } from '../dom';
import { download, figureFrame, type Frame } from '../figure';
import { number6 } from '../format';
import { announce } from '../live';
import { CanvasPainter, measureText, type Painter } from '../painter';
import { onTheme, reducedMotion, seriesStyle, theme } from '../style';
import { csv } from '../table';
import { Bands } from './bands';
import { gridTable, mapTable, scaleOf, spotSaid, spotsOf, stopAt, stopText, stopsOf, type MapData, type Spot } from './data';
import { arrowOf, boxOf, fromBoard, inside, room, toX, toY, type Geometry } from './geometry';
import { keysOf, paintKey, paintMarks, paintSample, type Key } from './marks';
import { leftRoom, paintAxes, paintCross, paintScale, scaleRoom, ticksOfY } from './paint';
import { ReadingBox, readingText, type Reading } from './reading';

export interface MapOptions {
  id: string;
  title: string;
  caption?: string;
  level?: 2 | 3 | 4;
  command?: () => string;
  /** What else can be downloaded. */
  downloads?: readonly { label: string; on(): void }[];
}

/** Where the rows of the key begin in a download. */
const keyLeft = 12;

/** How long the paths take to come about, in ms. */
const playing = 6000;

/** Heights over two axes with paths or tries on them, in a frame: cursor by pointer and by keys, legend, table, downloads. */
export class PlaneMap {
  readonly root: HTMLElement;
  private readonly frame: Frame;
  private readonly legend: Legend;
  /** What is no line. */
  private readonly keys = h('div', { class: 'legend' });
  private readonly reading = new ReadingBox();
  private readonly blank = h('p', { class: 'chart-empty note' });
  private readonly ground: Board;
  private readonly front: Board;
  private readonly host: HTMLElement;
  private readonly animate;
  private readonly offTheme: () => void;
  private data: MapData | null = null;
  private bands: Bands | null = null;
  private spots: Spot[][] = [];
  private stops: { x: number[]; y: number[] } = { x: [], y: [] };
  private readonly hidden = new Set<string>();
  /** The cursor, as numbers of stops, and the spot that it reads. */
  private cursor: { x: number; y: number } | null = null;
  private spot: Spot | null = null;
  /** The cursor is the keyboard's. */
  private byKeys = false;
  /** The step that is shown while it is animated. */
  private until = Infinity;
  private frameId = 0;

  constructor(private readonly o: MapOptions) {
    const helpId = freshId('map-help');
    this.ground = new Board({ label: '', role: 'presentation', focusable: false, paint: (p) => this.paintGround(p) });
    this.front = new Board({ label: o.title, role: 'application', paint: (p) => this.paintFront(p) });
    this.front.root.setAttribute('aria-roledescription', 'map');
    this.front.root.setAttribute('aria-describedby', helpId);
    this.blank.textContent = 'Asking for the map…';
    this.host = h('div', { class: 'map' }, this.ground.root, this.front.root, this.reading.root, this.blank);
    this.legend = new Legend({ toggle: (name, alone) => this.toggle(name, alone), focus: () => {} });
    this.animate = button({ label: 'Animate', kind: 'quiet', title: 'Show how the paths come about', pressed: false, on: () => (this.frameId === 0 ? this.play() : this.stop()) });
    this.animate.root.hidden = true;
    const help = h('p', { class: 'unseen', id: helpId }, 'Arrow keys move a cursor that reads the map, with Shift further. Page Down and Page Up go from point to point of the path or the tries that are nearest, Home and End to the first and the last, N to the next path. Escape takes the cursor away.');
    this.frame = figureFrame({
      id: o.id, title: o.title, level: o.level ?? 2, ...(o.caption === undefined ? {} : { caption: o.caption }), ...(o.command ? { command: o.command } : {}),
      body: h('div', null, h('div', { class: 'map-legend' }, this.legend.root, this.keys), this.host, help), tools: [this.animate.root],
      paint: (p) => this.paint(p),
      table: () => (this.data ? mapTable(this.data, o.title) : { caption: o.title, columns: [], rows: [] }),
      size: () => ({ width: Math.max(560, this.host.clientWidth), height: Math.max(400, this.host.clientHeight) + 44 }),
      downloads: [{ label: 'Map, CSV', on: () => this.saveGrid() }, ...(o.downloads ?? [])],
    });
    this.root = this.frame.root;
    this.offTheme = onTheme(() => { this.drawKeys(); this.point(); });
    this.listen();
  }

  /** Shows what has been asked for. */
  show(data: MapData): void {
    this.data = data;
    this.bands = new Bands(data.relief);
    this.spots = spotsOf(data);
    this.stops = { x: stopsOf(data.x), y: stopsOf(data.y) };
    this.blank.hidden = true;
    // All of the paths are there for who asked for less movement.
    this.animate.root.hidden = data.paths.length === 0 || reducedMotion();
    this.front.label(`${this.o.title}: ${data.value} over ${data.x.label} and ${data.y.label}, ${data.tries.length > 0 ? `${data.tries.length} tries` : `${data.paths.length} paths`}`);
    this.drawKeys();
    this.ground.redraw();
    this.front.redraw();
    this.frame.refresh();
  }

  /** Says why there is nothing to show. */
  fail(why: string): void {
    this.blank.textContent = why;
  }

  destroy(): void {
    cancelAnimationFrame(this.frameId);
    this.offTheme();
    this.ground.destroy();
    this.front.destroy();
  }

  private drawKeys(): void {
    const d = this.data;
    if (!d) return;
    this.legend.draw(d.paths.map((p) => ({ series: { name: p.name, style: seriesStyle(p.look), x: [], y: [] }, hidden: this.hidden.has(p.name) })));
    this.keys.replaceChildren(...keysOf(d).filter((k) => k.kind !== 'line').map((k) =>
      h('span', { class: 'legend-item map-key' }, this.sample(k), h('span', null, k.name))));
  }

  /** A mark of the key, drawn as the map draws it. */
  private sample(k: Key): HTMLElement {
    const canvas = h('canvas', { class: 'map-sample', 'aria-hidden': true });
    const density = Math.min(window.devicePixelRatio || 1, 3);
    [canvas.width, canvas.height] = [24 * density, 16 * density];
    const context = canvas.getContext('2d');
    context?.scale(density, density);
    if (context) paintSample(new CanvasPainter(context, 24, 16), k, 0, 8);
    return canvas;
  }

  private toggle(name: string, alone: boolean): void {
    const names = this.data?.paths.map((p) => p.name) ?? [];
    if (alone) {
      const only = names.every((n) => n === name || this.hidden.has(n));
      for (const n of names) {
        if (only || n === name) this.hidden.delete(n);
        else this.hidden.add(n);
      }
    } else if (!this.hidden.delete(name)) this.hidden.add(name);
    this.leave();
    this.drawKeys();
    this.front.redraw();
  }

  private readonly shown = (name: string): boolean => !this.hidden.has(name);

  // What is drawn.

  private geometry(p: { width: number; height: number }, d: MapData): Geometry {
    const measure = { measure: measureText };
    const y = scaleOf(d.y);
    const left = leftRoom(measure, ticksOfY(y, p.height - room.top - room.bottom, d.y.choices), d.y.label);
    return { box: boxOf(p.width, p.height, left, scaleRoom(measure, d.relief)), x: scaleOf(d.x), y };
  }

  private paintGround(p: Painter): void {
    const d = this.data;
    if (!d) return;
    const g = this.geometry(p, d);
    const colours = d.colours[theme().name];
    this.bands?.paint(p, g, { xmin: g.x.lo, xmax: g.x.hi, ymin: g.y.lo, ymax: g.y.hi }, colours);
    paintAxes(p, g, d.x, d.y);
    paintScale(p, g.box, d.relief, colours);
  }

  private paintFront(p: Painter): void {
    const d = this.data;
    if (!d) return;
    const g = this.geometry(p, d);
    paintMarks(p, g, d, this.shown, this.until);
    if (Number.isFinite(this.until)) p.text(g.box.x + 8, g.box.y + 8, `step ${Math.round(this.until)}`, { baseline: 'top', halo: theme().halo });
    if (!this.cursor) return;
    const at = this.cursorPlace(g, d);
    this.reading.place(at);
    if (this.spot) {
      const [x, y] = [toX(g, this.spot.x), toY(g, this.spot.y)];
      if (inside(g, x, y)) {
        p.circle(x, y, 7, { stroke: { color: theme().halo, width: 4 } });
        p.circle(x, y, 7, { stroke: { color: theme().ink, width: 1.5 } });
      }
    }
    paintCross(p, at.x, at.y);
  }

  /** All of it with its key, for the downloads. */
  private paint(p: Painter): void {
    const d = this.data;
    if (!d) return;
    const keys = keysOf(d).filter((k) => k.kind !== 'line' || this.shown(k.name));
    const high = paintKey(p, keys, keyLeft, 0, false) + 4;
    p.inset({ x: 0, y: 0, width: p.width, height: p.height - high }, (q) => {
      this.paintGround(q);
      paintMarks(q, this.geometry(q, d), d, this.shown);
    });
    paintKey(p, keys, keyLeft, p.height - high + 4, true);
  }

  // The cursor.

  private cursorPlace(g: Geometry, d: MapData): { x: number; y: number } {
    return { x: toX(g, this.valueAtStop('x', d)), y: toY(g, this.valueAtStop('y', d)) };
  }

  private valueAtStop(which: 'x' | 'y', d: MapData): number {
    return d[which].choices ? this.cursor?.[which] ?? 0 : d[which].at[this.stops[which][this.cursor?.[which] ?? 0] ?? 0] ?? NaN;
  }

  /** The visible spot nearest to a place of the board; of one group alone if it is given. */
  private nearest(g: Geometry, at: { x: number; y: number }, of?: number): Spot | null {
    let best: Spot | null = null;
    let least = Infinity;
    for (const [i, group] of this.spots.entries()) {
      if ((of !== undefined && of !== i) || this.hidden.has(this.data?.paths[i]?.name ?? '')) continue;
      for (const s of group) {
        const [x, y] = [toX(g, s.x), toY(g, s.y)];
        const far = (x - at.x) ** 2 + (y - at.y) ** 2;
        if (far < least && inside(g, x, y)) [best, least] = [s, far];
      }
    }
    return best;
  }

  private read(d: MapData): Reading {
    const { x = 0, y = 0 } = this.cursor ?? {};
    const v = d.relief.values[(this.stops.y[y] ?? 0) * d.relief.n + (this.stops.x[x] ?? 0)] ?? null;
    const s = this.spot;
    const best = s ? d.tries[s.index] : undefined;
    const key = best ? keysOf(d).find((k) => k.name === (best.best ? 'best' : best.diverged ? 'diverged' : 'try')) : undefined;
    return {
      place: `${stopText(d.x, x)}, ${stopText(d.y, y)}`, what: d.value,
      value: v === null ? (d.tries.length > 0 ? 'none, no try is near' : 'undefined') : number6(v),
      nearest: s ? { said: spotSaid(d, s), style: key?.style ?? seriesStyle(d.paths[s.group]?.look ?? 0), mark: key !== undefined } : null,
    };
  }

  /** Shows the cursor and what it reads; by keys it is said as well. */
  private point(say?: 'place' | 'nearest'): void {
    const d = this.data;
    if (!d || !this.cursor) return;
    const reading = this.read(d);
    this.reading.show(reading);
    this.front.redraw();
    if (say) announce(readingText(reading, say));
  }

  private leave(): void {
    if (!this.cursor) return;
    this.cursor = this.spot = null;
    this.reading.hide();
    this.front.redraw();
  }

  /** Puts the cursor beside a spot. */
  private goTo(s: Spot | undefined, d: MapData): void {
    if (!s) return;
    this.cursor = { x: stopAt(d.x, s.x), y: stopAt(d.y, s.y) };
    this.spot = s;
    this.byKeys = true;
    this.point('nearest');
  }

  private key(e: KeyboardEvent): void {
    const d = this.data;
    if (!d || e.ctrlKey || e.metaKey || e.altKey || this.front.width === 0) return;
    const g = this.geometry(this.front, d);
    const by = arrowOf(e.key);
    if (by) {
      const size = e.shiftKey ? 10 : 1;
      const last = { x: this.stops.x.length - 1, y: this.stops.y.length - 1 };
      const from = this.cursor;
      const move = (which: 'x' | 'y', n: number): number =>
        (from ? Math.max(0, Math.min(last[which], from[which] + n * (d[which].choices ? 1 : size))) : Math.round(last[which] / 2));
      this.cursor = { x: move('x', by[0]), y: move('y', by[1]) };
      this.spot = this.nearest(g, this.cursorPlace(g, d));
      this.byKeys = true;
      this.point('place');
    } else if (e.key === 'Escape' && this.cursor) this.leave();
    else if (!this.spotKey(e.key, d)) return;
    e.preventDefault();
    e.stopPropagation();
  }

  /** Goes along a path or from try to try. */
  private spotKey(key: string, d: MapData): boolean {
    const there = this.spots.map((_, i) => i).filter((i) => (this.spots[i]?.length ?? 0) > 0 && !this.hidden.has(d.paths[i]?.name ?? ''));
    const [first] = there;
    if (first === undefined) return false;
    const s = this.spot;
    if (key === 'n' || key === 'N') {
      const next = there[(there.indexOf(s?.group ?? -1) + 1) % there.length] ?? first;
      const group = this.spots[next];
      // At about the same step.
      const step = s ? d.paths[s.group]?.step[s.index] ?? 0 : 0;
      const index = d.paths[next]?.step.findIndex((k) => k >= step) ?? 0;
      this.goTo(group?.at(index < 0 ? -1 : index), d);
      return true;
    }
    const group = this.spots[s?.group ?? first] ?? [];
    const to = { PageDown: s ? s.index + 1 : 0, PageUp: s ? s.index - 1 : 0, Home: 0, End: group.length - 1 }[key];
    if (to === undefined) return false;
    this.goTo(group[Math.max(0, Math.min(group.length - 1, to))], d);
    return true;
  }

  private listen(): void {
    const { root } = this.front;
    root.addEventListener('keydown', (e) => this.key(e));
    root.addEventListener('blur', () => this.leave());
    // A page that scrolls under a pointer at rest takes no cursor from the keys.
    const away = (): void => { if (!this.byKeys) this.leave(); };
    const at = (e: PointerEvent): void => {
      const d = this.data;
      if (!d || this.front.width === 0 || (this.byKeys && e.movementX === 0 && e.movementY === 0 && e.type === 'pointermove')) return;
      const g = this.geometry(this.front, d);
      const place = this.front.toBoard(e);
      if (!inside(g, place.x, place.y)) return away();
      const [x, y] = fromBoard(g, place.x, place.y);
      this.cursor = { x: stopAt(d.x, x), y: stopAt(d.y, y) };
      this.spot = this.nearest(g, place);
      this.byKeys = false;
      this.point();
    };
    root.addEventListener('pointerdown', at);
    root.addEventListener('pointermove', at);
    root.addEventListener('pointerleave', (e) => { if (e.pointerType !== 'touch') away(); });
  }

  // How the paths come about: early steps, in which most happens, take longer.

  private play(): void {
    const total = Math.max(1, ...(this.data?.paths.map((p) => p.step.at(-1) ?? 0) ?? []));
    const began = performance.now();
    const next = (): void => {
      const share = (performance.now() - began) / playing;
      if (share >= 1) return this.stop();
      this.until = total * share * share;
      this.front.redraw();
      this.frameId = requestAnimationFrame(next);
    };
    this.leave();
    this.animate.press(true);
    this.frameId = requestAnimationFrame(next);
  }

  private stop(): void {
    cancelAnimationFrame(this.frameId);
    this.frameId = 0;
    this.until = Infinity;
    this.animate.press(false);
    this.front.redraw();
  }

  private saveGrid(): void {
    if (!this.data) return;
    const name = `${this.o.id}-map.csv`;
    download(name, new Blob([csv(gridTable(this.data, this.o.title))], { type: 'text/csv' }));
    announce(`${name} downloaded`);
  }
}
