import { aborted, ApiError, num, post } from '../../api';
import { button } from '../../controls';
import { h } from '../../dom';
import { number6 } from '../../format';
import { announce } from '../../live';
import type { Meta } from '../../meta';
import { Bands } from '../../plane/bands';
import { onServer } from '../../server';
import { seriesStyle } from '../../style';
import { column, Freshest, indexAt, type Conditions, type Paths, type Place, type Rectangle, type Terrain } from './api';
import { conditionsPanel } from './conditions';
import { functionPanel, nameOf, sentence } from './functions';
import { goodRates } from './goodrates';
import { placePanel, StepPanel } from './looking';
import { lossChart } from './loss';
import type { Scene, Track } from './picture';
import { plane } from './plane';
import { pathsTable } from './pathstable';
import { ridersPanel } from './riders';
import { format, named, parse, sorted, spec, type Named, type Rider } from './rules';
import { openState, type Explored, type Point } from './state';
import { Surface } from './surface';
import { transport } from './transport';

/** How long after the last change what is costly to send is asked for, in ms. */
const settle = 120;

/** The whole view: what is asked for, what is drawn. */
export class Explorer {
  private readonly state = openState();
  private seen: Explored;
  private riders: Rider[] = [];
  private terrain: Terrain | null = null;
  /** The function that the terrain, and the one that the paths are of. */
  private terrainOf = '';
  private pathsOf = '';
  private bands: Bands | null = null;
  private tracks: Track[] = [];
  private command = '';
  private peek: number | null = null;
  private cursor: Point | null = null;
  private place: Place | null = null;
  private readonly asksTerrain = new Freshest();
  private readonly asksPaths = new Freshest();
  private readonly asksPlace = new Freshest();
  private detail: ReturnType<typeof setTimeout> | undefined;
  private readonly off: (() => void)[] = [];

  private readonly functions;
  private readonly conditions;
  private readonly ridersPanel;
  private readonly rates;
  private readonly plane;
  private readonly transport;
  private readonly loss;
  private readonly steps;
  private readonly look = placePanel();
  private surface: Surface | null = null;
  private readonly surfacePlace = h('div', { class: 'explore-surface' });
  private readonly toggles: Record<'arrows' | 'curve' | 'surface', ReturnType<typeof button>>;

  constructor(root: HTMLElement, private readonly m: Meta) {
    const s = this.state.get();
    this.seen = s;
    this.riders = this.readRiders(s);
    const toggle = (key: 'arrows' | 'curve' | 'surface', label: string, title: string): ReturnType<typeof button> =>
      button({ label, kind: 'quiet', title, pressed: s[key], on: () => this.state.set({ [key]: !this.state.get()[key] }, key === 'surface' ? 'push' : 'replace') });
    this.toggles = {
      arrows: toggle('arrows', 'Arrows', 'Downhill, thin, and the momentum, filled, at the step that is shown'),
      curve: toggle('curve', 'Curvature', 'The principal directions of the Hessian at the pointer, or where the path is'),
      surface: toggle('surface', '3-D', 'Show the surface'),
    };
    this.functions = functionPanel(m, { f: s.f, start: this.start(), on: (f) => this.state.set({ f, start: null, view: null, at: -1 }, 'replace'), moved: (start) => this.state.set({ start }) });
    this.conditions = conditionsPanel(m, s, (patch) => this.state.set({ ...patch, ...(patch.steps === undefined ? {} : { at: -1 }) }));
    this.ridersPanel = ridersPanel(m, { on: (riders) => this.state.set({ o: riders.map(format) }) });
    this.rates = goodRates({
      conditions: () => this.asked(), riders: () => this.named(),
      take: (rates) => this.state.set({ o: this.riders.map((r) => format({ ...r, lr: rates.get(spec(r)) ?? r.lr })) }, 'push'),
    });
    this.plane = plane({
      scene: () => this.scene(), table: () => pathsTable(this.tracks), command: () => this.command,
      tools: [this.toggles.arrows.root, this.toggles.curve.root, this.toggles.surface.root],
      start: (start) => this.state.set({ start }), view: (view) => this.state.set({ view }),
      look: (p, byKeys) => this.lookAt(p, byKeys),
    });
    this.transport = transport({
      speed: s.speed, speeded: (speed) => this.state.set({ speed }),
      on: (step, ended) => {
        this.state.set({ at: ended ? -1 : step });
        this.stepped();
      },
    });
    this.loss = lossChart({
      command: () => this.command,
      peek: (step) => { this.peek = step; this.stepped(); },
      pick: (step) => { this.transport.stop(); this.state.set({ at: step >= this.total() ? -1 : Math.max(0, step) }); },
    });
    this.steps = new StepPanel((who) => this.state.set({ who }));
    this.build(root);
    let was = false;
    this.off.push(this.state.on((next) => this.changed(next)), onServer((away) => {
      if (was && !away) this.askAll();
      was = away;
    }));
    const keys = (e: KeyboardEvent): void => this.key(e);
    document.addEventListener('keydown', keys);
    this.off.push(() => document.removeEventListener('keydown', keys));
    this.ridersPanel.set(this.riders);
    this.conditions.set(s);
    this.functions.set(s.f, this.start());
    this.transport.set(s.steps, s.at);
    this.loss.expect(this.named());
    this.steps.reserve(this.riders.length);
    this.showSurface();
    this.entitle();
    this.askAll();
  }

  destroy(): void {
    clearTimeout(this.detail);
    for (const ask of [this.asksTerrain, this.asksPaths, this.asksPlace]) ask.cancel();
    this.off.forEach((f) => f());
    this.transport.stop();
    this.plane.destroy();
    this.loss.destroy();
    this.ridersPanel.destroy();
    this.rates.destroy();
    this.surface?.destroy();
  }

  private build(root: HTMLElement): void {
    root.append(h('div', { class: 'explore' },
      h('div', { class: 'explore-stage' },
        this.plane.frame.root, this.transport.root,
        h('p', { class: 'note explore-legend' }, 'Drag the start, or click a place for it. Star: minimum; plus: saddle. Thin arrow: downhill; filled: momentum.'),
        this.steps.root),
      h('div', { class: 'explore-controls' },
        this.functions.root,
        h('h2', null, 'Optimizers'), this.ridersPanel.root, this.rates.root,
        h('h2', null, 'Conditions'), this.conditions.root),
      h('div', { class: 'explore-results' }, this.loss.root, this.surfacePlace, this.look.root)));
  }

  // What is there.

  private readRiders(s: Explored): Rider[] {
    return sorted(s.o.flatMap((text) => parse(text, this.m) ?? []).slice(0, 24), this.m);
  }

  private named(): Named[] {
    return named(this.riders, this.m);
  }

  private start(): Point {
    const { start, f } = this.state.get();
    if (start) return start;
    if (this.terrain && this.terrainOf === f) return this.terrain.start;
    return nameOf(this.m, f)?.start ?? [-1.2, 1];
  }

  private domain(): Rectangle {
    return this.state.get().view ?? this.terrain?.domain ?? this.m.functions[0]?.domain ?? { xmin: -3, xmax: 3, ymin: -3, ymax: 3 };
  }

  private asked(): Conditions {
    const { f, start, schedule, steps, noise, seed } = this.state.get();
    return { function: f, start, schedule, steps, noise, seed };
  }

  private total(): number {
    return Math.max(1, ...this.tracks.map((t) => t.path.step.at(-1) ?? 0));
  }

  private step(): number {
    return Math.max(0, Math.min(this.peek ?? this.transport.step, this.total()));
  }

  private focus(): Track | null {
    const { who } = this.state.get();
    const chosen = this.tracks.find((t) => t.name === who);
    if (chosen) return chosen;
    const sane = this.tracks.filter((t) => !t.path.failed);
    return (sane.length > 0 ? sane : this.tracks).reduce<Track | null>((best, t) =>
      (best === null || num(t.path.final_loss) < num(best.path.final_loss) ? t : best), null);
  }

  private scene(): Scene {
    const s = this.state.get();
    return {
      terrain: this.terrain, bands: this.bands, domain: this.domain(), start: this.start(),
      tracks: this.pathsOf === this.terrainOf ? this.tracks : [], step: this.step(), focus: this.focus(),
      arrows: s.arrows, curve: s.curve, place: this.place, cursor: this.cursor,
    };
  }

  // What changes.

  private changed(next: Explored): void {
    const before = this.seen;
    this.seen = next;
    const differs = (...keys: (keyof Explored)[]): boolean => keys.some((k) => before[k] !== next[k] && JSON.stringify(before[k]) !== JSON.stringify(next[k]));
    if (differs('o')) {
      this.riders = this.readRiders(next);
      this.ridersPanel.set(this.riders);
      // What is ticked off is gone at once; what is new comes with its path.
      const names = new Set(this.named().map((n) => n.name));
      if (this.tracks.some((t) => !names.has(t.name))) {
        this.tracks = this.tracks.filter((t) => names.has(t.name));
        this.drawn();
      }
    }
    if (differs('f', 'start')) this.functions.set(next.f, this.start());
    if (differs('steps', 'schedule', 'noise', 'seed')) this.conditions.set(next);
    if (differs('speed')) this.transport.speed(next.speed);
    if (differs('f', 'view') || (differs('surface') && next.surface && !this.terrain?.relief?.lifts)) this.askTerrain();
    if (differs('f', 'start', 'o', 'steps', 'schedule', 'noise', 'seed')) this.askPaths();
    if (differs('f', 'steps', 'schedule', 'noise', 'seed')) this.rates.outdated();
    if (differs('at') && this.transport.step !== (next.at < 0 ? this.total() : next.at)) {
      this.transport.set(this.total(), next.at);
      this.stepped();
    }
    for (const key of ['arrows', 'curve', 'surface'] as const) this.toggles[key].press(next[key]);
    if (differs('surface')) this.showSurface();
    if (differs('turn', 'tilt')) this.surface?.set(next.turn, next.tilt);
    if (differs('view', 'start')) this.plane.redraw();
    if (differs('arrows', 'curve', 'who')) this.stepped();
  }

  private askAll(): void {
    this.askTerrain();
    this.askPaths();
  }

  private askTerrain(): void {
    const { f, view, surface } = this.state.get();
    this.asksTerrain.ask((signal) => post<Terrain>('/api/explore/function', { function: f, domain: view, surface }, signal), (t) => {
      if (f !== this.state.get().f) return;
      const fresh = this.terrainOf !== f;
      this.terrain = t;
      this.terrainOf = f;
      this.bands = t.relief ? new Bands(t.relief) : null;
      this.functions.error(null);
      this.functions.terrain(t);
      this.functions.set(f, this.start());
      this.entitle(t);
      if (fresh) this.place = null;
      this.drawn();
    }, (error) => this.refused(error));
  }

  /** Names the figure: what the registry says is known before the server has looked at the function. */
  private entitle(t?: Terrain): void {
    const title = t ? !t.own && t.title : nameOf(this.m, this.state.get().f)?.title;
    this.plane.frame.update({ title: title ? `Paths on ${title}` : 'Paths on your function', caption: t?.no_relief ? sentence(t.no_relief) : '' });
  }

  private askPaths(): void {
    clearTimeout(this.detail);
    this.ask(false);
    this.detail = setTimeout(() => this.ask(true), settle);
  }

  private ask(detail: boolean): void {
    const conditions = this.asked();
    const riders = this.named();
    const body = { ...conditions, detail, optimizers: riders.map((n) => ({ spec: spec(n.rider), lr: n.rider.lr })) };
    this.asksPaths.ask((signal) => post<Paths>('/api/explore/paths', body, signal), (answer) => {
      if (conditions.function !== this.state.get().f) return;
      this.pathsOf = conditions.function;
      this.command = answer.command;
      this.tracks = answer.paths.flatMap((path, i) => {
        const n = riders[i];
        return n ? [{ name: n.name, style: seriesStyle(n.style), path, x: column(path.x), y: column(path.y), f: column(path.f) }] : [];
      });
      this.ridersPanel.error(null, '');
      this.conditions.error(null, '');
      this.functions.error(null);
      this.ridersPanel.outcome(answer.paths);
      this.drawn();
    }, (error) => this.refused(error));
  }

  private refused(error: unknown): void {
    if (aborted(error)) return;
    if (!(error instanceof ApiError)) throw error;
    // The shell says that the server is away.
    if (error.status === 0) return;
    const field = error.field ?? '';
    const rider = /^optimizers\.(\d+)/.exec(field);
    if (rider) this.ridersPanel.error(Number(rider[1]), sentence(error.message));
    else if (['steps', 'schedule', 'noise', 'seed'].includes(field)) this.conditions.error(field, error.message);
    else this.functions.error(error);
  }

  /** What is on the plane has changed. */
  private drawn(): void {
    if (this.pathsOf !== this.terrainOf) return;
    this.transport.set(this.total(), this.state.get().at);
    this.loss.update(this.tracks, this.terrain);
    this.plane.redraw();
    this.plane.frame.refresh();
    this.stepped();
  }

  /** The step that is shown has changed. */
  private stepped(): void {
    if (this.pathsOf !== this.terrainOf) return;
    this.plane.moved();
    this.loss.at(this.step(), this.total());
    this.steps.show(this.tracks, this.step(), this.focus());
    this.surface?.redraw();
    this.askPlace();
  }

  private lookAt(p: Point | null, byKeys: boolean): void {
    this.cursor = p;
    this.plane.moved();
    this.askPlace(byKeys && p !== null);
  }

  /** Asks what the function is like at the pointer, or where the chosen path is. */
  private askPlace(say = false): void {
    const focus = this.focus();
    const i = focus ? indexAt(focus.path, this.step()) : 0;
    const p: Point = this.cursor ?? (focus ? [focus.x[i] ?? NaN, focus.y[i] ?? NaN] : this.start());
    const what = this.cursor ? 'At the cursor' : focus ? `${focus.name}, step ${focus.path.step[i] ?? 0}` : 'At the start';
    const track = this.cursor ? null : focus;
    const step = this.step();
    if (this.terrainOf === '' || !p.every(Number.isFinite)) {
      this.place = null;
      return this.plane.moved();
    }
    this.asksPlace.ask((signal) => post<Place>('/api/explore/at', { function: this.terrainOf, x: p[0], y: p[1] }, signal), (place) => {
      this.place = place;
      this.look.show(place, what, track, step);
      this.plane.moved();
      if (say) announce(`x ${number6(place.x)}, y ${number6(place.y)}, f ${number6(num(place.value))}`);
    }, (error) => {
      if (!(error instanceof ApiError)) throw error;
    });
  }

  private showSurface(): void {
    const { surface, turn, tilt } = this.state.get();
    if (!surface) {
      this.surface?.destroy();
      this.surface = null;
      return this.surfacePlace.replaceChildren();
    }
    if (this.surface) return;
    this.surface = new Surface({
      scene: () => this.scene(), table: () => pathsTable(this.tracks), command: () => this.command, turn, tilt,
      turned: (t, b) => this.state.set({ turn: t, tilt: b }),
    });
    this.surfacePlace.replaceChildren(this.surface.frame.root);
  }

  private key(e: KeyboardEvent): void {
    if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || !(e.target instanceof Element)) return;
    if (e.target.closest('input, select, textarea, [role=menu], [role=radiogroup]')) return;
    const at = (selector: string): boolean => (e.target as Element).closest(selector) !== null;
    if (e.key === ' ' && !at('button, a, summary')) this.transport.toggle();
    else if (at('[role=application], [role=region]')) return;
    else if (e.key === 'ArrowRight') this.transport.by(e.shiftKey ? 10 : 1);
    else if (e.key === 'ArrowLeft') this.transport.by(e.shiftKey ? -10 : -1);
    else return;
    e.preventDefault();
  }
}
