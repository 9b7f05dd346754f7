import './runs.css';
import { ApiError, get } from '../../api';
import { button } from '../../controls';
import { h, replace } from '../../dom';
import { commandLine } from '../../figure';
import type { Meta } from '../../meta';
import { onTheme, seriesStyle } from '../../style';
import { swatch } from '../../chart/legend';
import type { UrlState } from '../../url';
import type { View } from '../../view';
import { removeRuns, trainings } from './actions';
import { Bar } from './bar';
import { Charts, curvesOf } from './charts';
import { Comparing } from './comparing';
import { Form } from './create';
import { differences } from './diff';
import { choose, Filter } from './filter';
import { RunGrid } from './list';
import { curveTitle, usualCurves } from './names';
import { Page } from './page';
import { Sparks } from './sparks';
import { listCommand, listQuery, runsState, shellLine, usualColumns, type State } from './state';
import { Curves } from './store';
import { Tools } from './tools';
import { isOver, type Drawn, type Job, type RunList } from './types';

/** How many runs the server draws at a time. */
const mostDrawn = 50;
const pollEvery = 2000;

class Runs {
  private readonly url: UrlState<State> = runsState();
  private readonly grid: RunGrid;
  private readonly sparks = new Sparks((all) => this.grid.draws(all));
  private readonly filter: Filter;
  private readonly charts = new Charts((w) => this.zoom(w));
  private readonly curves: Curves;
  private readonly bar: Bar;
  private readonly place = h('div', { class: 'view-runs' });
  private readonly tools: Tools;
  private readonly problem = h('p', { class: 'field-error', role: 'alert', hidden: true });
  private readonly empty = h('div', { class: 'runs-begin', hidden: true });
  private readonly diff = h('section', { class: 'stack', 'aria-label': 'Differences' });
  private readonly drawing = h('div', { class: 'stack' });
  private readonly overview: HTMLElement;
  private readonly listing: HTMLElement;
  private page: Page | undefined;
  private form: Form | undefined;
  private list: RunList | undefined;
  private emptyKey = '';
  private shownQuery = '';
  private jobs = new Map<string, Job>();
  private drawn: Drawn | undefined;
  private readonly comparing = new Comparing({
    compared: () => {
      this.showDifferences();
      if (this.comparing.found && this.drawn) this.draw(this.drawn);
    },
    failed: (error) => this.failed(error),
  });
  private slots = new Map<string, number>();
  private window: { lo: number; hi: number } | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly control = new AbortController();
  private off: () => void = () => {};
  private offTheme: () => void = () => {};
  private axis = '';

  constructor(private readonly root: HTMLElement, private readonly meta: Meta) {
    const set = (patch: Partial<State>): void => this.url.set(patch);
    this.grid = new RunGrid({
      select: (ids) => this.url.set({ selected: ids.slice(-mostDrawn) }),
      sort: (field) => this.sort(field),
      open: (id) => this.url.set({ run: id, tab: 'curves' }, 'push'),
      remove: (ids) => this.remove(ids),
      href: (id) => this.url.href({ run: id, tab: 'curves' }),
      seen: (rows) => this.sparks.want(rows),
    });
    this.filter = new Filter({ set, values: (field) => this.values(field) });
    this.bar = new Bar(this.url.get(), { set, choose: () => this.chooseCurves() });
    this.curves = new Curves({
      drawn: (d) => this.draw(d),
      status: (_id, status) => {
        if (isOver(status)) void this.poll();
      },
      failed: (error) => this.failed(error),
    });
    const begin = button({ label: 'New training…', kind: 'primary', on: () => this.url.set({ new: true }, 'push') });
    begin.root.classList.add('runs-new');
    this.tools = new Tools({
      set, most: mostDrawn, changed: () => void this.poll(), remove: (ids) => this.remove(ids),
      columns: (list) => this.chooseColumns(list),
      command: (list) => listCommand(this.meta.program, this.url.get(), list.root),
    });
    this.listing = h('div', { class: 'stack', hidden: true }, this.tools.root, this.grid.root);
    this.drawing.hidden = true;
    this.charts.root.hidden = true;
    this.diff.hidden = true;
    this.overview = h('div', { class: 'view-runs' },
      h('div', { class: 'runs-top' }, h('p', null, 'What was trained, here or in a terminal. Choose runs to draw and compare them; they are live while they go on.'), begin.root, this.filter.root),
      this.problem, this.listing, this.empty);
  }

  async mount(): Promise<void> {
    this.root.replaceChildren(this.place);
    this.off = this.url.on(() => this.update());
    this.offTheme = onTheme(() => {
      this.showList();
      this.showDifferences();
    });
    // In-view links change the state, not the view.
    this.root.addEventListener('click', (e) => this.link(e));
    this.layout();
    await this.poll();
    if (!this.control.signal.aborted) this.update();
  }

  unmount(): void {
    this.off();
    this.offTheme();
    this.control.abort();
    clearTimeout(this.timer);
    this.comparing.close();
    this.curves.close();
    this.charts.destroy();
    this.grid.destroy();
    this.sparks.close();
    this.page?.close();
    const { form } = this;
    this.form = undefined;
    form?.close();
  }

  private link(e: MouseEvent): void {
    if (e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
    const a = e.target instanceof Element ? e.target.closest('a') : null;
    if (!a || a.origin !== location.origin || a.pathname !== location.pathname || a.dataset.outside) return;
    e.preventDefault();
    e.stopPropagation();
    const run = new URLSearchParams(a.search).get('run') ?? '';
    this.url.set({ run, tab: 'curves' }, 'push');
    scrollTo(0, 0);
  }

  /** Puts the list or a run's page in place. */
  private layout(): void {
    const { run, tab } = this.url.get();
    if (run !== '' && this.page?.id === run) return this.page.setTab(tab);
    if (run === '' && this.page === undefined && this.place.contains(this.overview)) return;
    this.page?.close();
    this.page = undefined;
    this.window = null;
    replace(this.drawing, this.bar.root, this.charts.root, run === '' ? this.diff : null);
    if (run === '') {
      replace(this.place, this.overview, this.drawing);
      return;
    }
    this.page = new Page(run, this.drawing, {
      back: this.url.href({ run: '', tab: 'curves' }), tab,
      job: () => this.jobs.get(run), jobs: () => this.jobs,
      setTab: (t) => this.url.set({ tab: t as State['tab'] }),
      changed: () => void this.poll(),
      deleted: () => this.url.set({ run: '', selected: this.url.get().selected.filter((s) => s !== run) }, 'push'),
      openForm: (settings) => this.url.set({ new: true, set: settings }, 'push'),
    });
    replace(this.place, this.page.root);
    void this.page.refresh();
  }

  /** Brings everything in line with the address. */
  private update(): void {
    const s = this.url.get();
    this.layout();
    if (listQuery(s, '') !== this.shownQuery) void this.poll();
    this.filter.update(s, this.list);
    this.bar.update(s, this.list?.varied ?? []);
    this.showForm(s);
    this.showList();
    this.ask();
    if (this.drawn) this.draw(this.drawn);
  }

  private showForm(s: State): void {
    if (s.new && !this.form) {
      this.form = new Form(this.meta, s.set, {
        changed: (set) => this.url.set({ set }),
        started: (job) => {
          const id = job.run ?? job.id;
          this.jobs.set(id, job);
          this.url.set({ new: false, set: [], run: id, tab: 'curves' }, 'push');
          void this.poll();
        },
        closed: () => {
          this.form = undefined;
          if (this.url.get().new) this.url.set({ new: false, set: [] });
        },
      });
      this.form.open();
    } else if (!s.new && this.form) {
      const { form } = this;
      this.form = undefined;
      form.close();
    }
  }

  /** The runs that are drawn. */
  private ids(): string[] {
    const { run, selected } = this.url.get();
    if (run !== '') return [run];
    if (selected.length > 0) return selected;
    const newest = this.list?.runs[0]?.id;
    return newest === undefined ? [] : [newest];
  }

  private ask(): void {
    const s = this.url.get();
    const ids = this.ids();
    const axis = JSON.stringify([s.x, s.logx]);
    if (axis !== this.axis) this.window = null; // the charts show all of another axis
    this.axis = axis;
    this.style(ids);
    void this.comparing.want(ids);
    this.curves.want({
      ids, x: s.x, smooth: s.smooth, logx: s.logx, group: s.run === '' ? s.group : '',
      metrics: s.curves.length > 0 ? s.curves : usualCurves,
      width: ids.length > 8 ? 300 : 600, window: this.window,
    });
  }

  /** Gives every run that is drawn a style, which it keeps while it is. */
  private style(ids: readonly string[]): void {
    for (const id of this.slots.keys()) if (!ids.includes(id)) this.slots.delete(id);
    for (const id of ids) {
      if (this.slots.has(id)) continue;
      const taken = new Set(this.slots.values());
      let k = 0;
      while (taken.has(k)) k++;
      this.slots.set(id, k);
    }
  }

  private showDifferences(): void {
    const c = this.comparing.found;
    replace(this.diff, c && this.url.get().run === '' ? [h('h2', null, 'Differences'), differences(c, (id) => this.comparing.name(id), (id) => swatch(seriesStyle(this.slots.get(id) ?? 0)))] : null);
  }

  private draw(drawn: Drawn): void {
    this.drawn = drawn;
    // What lines are called is known a moment later; a chart that is drawn twice would move.
    if (drawn.runs.length > 1 && !drawn.runs.some((r) => this.comparing.names(r.id))) return;
    this.charts.root.hidden = false;
    const s = this.url.get();
    const curves = curvesOf(drawn, s.curves);
    const words = (): string => {
      const root = this.list?.root ?? 'runs';
      const flags = ['--x', drawn.x, ...(s.logx ? ['--log-x'] : []), ...(s.logy ? ['--log-loss'] : []), ...(s.smooth > 0 ? ['--smoothing', String(s.smooth)] : []), ...(s.group && s.group !== 'all' && s.run === '' ? ['--group', s.group] : [])];
      return shellLine([this.meta.program, 'runs', 'plot', ...drawn.runs.map((r) => r.id), ...flags, ...(root === 'runs' ? [] : ['--runs', root])]);
    };
    this.charts.draw(curves, drawn, {
      x: drawn.x, logx: s.logx, logy: s.logy, smooth: s.smooth, group: s.run === '' ? s.group : '',
      name: (id) => this.comparing.name(id), style: (id) => this.slots.get(id) ?? 0, command: words, window: this.window,
    });
    this.diff.hidden = false;
  }

  private zoom(w: { lo: number; hi: number } | null): void {
    this.window = w;
    this.ask();
  }

  /** Asks for the list and the trainings again, and once more later. */
  private async poll(): Promise<void> {
    clearTimeout(this.timer);
    const s = this.url.get();
    const query = listQuery(s, '');
    const seen = query === this.shownQuery ? this.list?.seen ?? '' : '';
    this.shownQuery = query;
    try {
      const [list, jobs] = await Promise.all([
        get<RunList>(`/api/runs?${listQuery(s, seen)}`, this.control.signal),
        trainings().catch(() => this.jobs),
      ]);
      if (this.control.signal.aborted || query !== this.shownQuery) return;
      this.jobs = jobs;
      this.filter.error(null);
      this.problem.hidden = true;
      if (!list.unchanged) {
        this.list = list;
        this.filter.update(this.url.get(), list);
        this.bar.update(this.url.get(), list.varied);
        this.showList();
        this.comparing.outdate();
        this.ask();
      }
      this.sparks.again();
      this.page?.drawActions();
      if (this.page && (!list.unchanged || this.running())) void this.page.refresh();
      this.again(s);
    } catch (error) {
      if (this.control.signal.aborted) return;
      if (error instanceof ApiError && error.status === 400) this.filter.error(error.message);
      else this.failed(error);
    } finally {
      if (!this.control.signal.aborted) {
        clearTimeout(this.timer);
        this.later();
      }
    }
  }

  /** Polls after a while; not as long as nobody sees the page. */
  private later(): void {
    this.timer = setTimeout(() => {
      if (document.hidden) this.later();
      else void this.poll();
    }, pollEvery);
  }

  /** A run whose log did not end when it was drawn may have gone on. */
  private again(s: State): void {
    const going = this.list?.runs.filter((r) => r.status === 'running').map((r) => r.id) ?? [];
    const stale = this.drawn?.runs.some((r) => isOver(r.status) && going.includes(r.id));
    const missing = s.run !== '' && this.list?.runs.some((r) => r.id === s.run) && !this.drawn?.runs.some((r) => r.id === s.run);
    if (!stale && !missing) return;
    this.curves.close();
    this.ask();
  }

  private running(): boolean {
    const id = this.url.get().run;
    const job = this.jobs.get(id);
    return job?.state === 'running' || job?.state === 'queued' || this.list?.runs.find((r) => r.id === id)?.status === 'running';
  }

  private showList(): void {
    const { list } = this;
    if (!list) return;
    const s = this.url.get();
    const filtered = s.where.length + s.tag.length + s.status.length > 0;
    this.listing.hidden = list.total === 0;
    this.empty.hidden = list.runs.length > 0;
    const empty = list.runs.length > 0 ? '' : list.total === 0 ? 'begin' : filtered ? 'No run meets these conditions.' : 'No runs.';
    // Made once: a button that is made anew has lost the focus.
    if (empty !== this.emptyKey) replace(this.empty, empty === 'begin' ? this.beginning(list) : h('p', { class: 'empty' }, empty));
    this.emptyKey = empty;
    this.drawing.hidden = list.runs.length === 0 && s.run === '';
    this.style(this.ids());
    this.grid.update({ rows: list.runs, columns: list.columns, sort: s.sort, selected: s.selected, styles: new Map(this.slots) });
    this.tools.update(list, s);
  }

  private beginning(list: RunList): HTMLElement {
    const program = this.meta.program;
    const where = list.root === 'runs' ? '' : ` --runs ${list.root}`;
    return h('div', { class: 'stack' },
      h('h2', null, 'There are no runs yet'),
      h('p', null, 'A run is what a training leaves: its settings, every event, checkpoints and the model. Start one here, or in a terminal:'),
      commandLine(`${program} train --data digits --model mlp:64 --epochs 5${where}`),
      h('p', null, button({ label: 'Train on digits', kind: 'primary', on: () => this.url.set({ new: true, set: ['data=digits', 'model=mlp:64', 'epochs=5'] }, 'push') }).root));
  }

  private sort(field: string): void {
    const { sort } = this.url.get();
    this.url.set({ sort: sort === field ? `-${field}` : sort === `-${field}` ? '' : field });
  }

  private chooseColumns(list: RunList): void {
    choose({
      title: 'Columns', names: list.fields.filter((f) => !['id', 'status', 'created'].includes(f)), chosen: this.url.get().columns, usual: usualColumns,
      on: (columns) => this.url.set({ columns }),
    });
  }

  private chooseCurves(): void {
    const have = [...new Set(this.drawn?.runs.flatMap((r) => r.names) ?? [])];
    choose({
      title: 'Curves', names: have, chosen: this.drawn ? curvesOf(this.drawn, this.url.get().curves) : [], usual: usualCurves.filter((c) => have.includes(c)), title_of: curveTitle,
      on: (curves) => this.url.set({ curves }),
    });
  }

  private remove(ids: readonly string[]): void {
    removeRuns(ids, this.jobs, (gone) => {
      this.url.set({ selected: this.url.get().selected.filter((s) => !gone.includes(s)) });
      void this.poll();
    });
  }

  /** What a field has among the runs listed. */
  private values(field: string): string[] {
    const k = this.list?.columns.indexOf(field) ?? -1;
    const of = field === 'status' ? this.list?.runs.map((r) => r.status as string) : k < 0 ? [] : this.list?.runs.map((r) => String(r.cells[k] ?? ''));
    return [...new Set(of)].filter((v) => v !== '').sort();
  }

  private failed(error: unknown): void {
    if (this.control.signal.aborted || (error instanceof ApiError && error.status === 0)) return;
    const gone = error instanceof ApiError && error.status === 404;
    if (gone) {
      // A run that was deleted elsewhere, or one that has not begun: what is there is drawn.
      const there = new Set(this.list?.runs.map((r) => r.id));
      const { selected } = this.url.get();
      if (selected.some((id) => !there.has(id))) this.url.set({ selected: selected.filter((id) => there.has(id)) });
      return;
    }
    this.problem.hidden = false;
    replace(this.problem, h('span', null, error instanceof Error ? error.message : String(error)));
  }
}

let current: Runs | undefined;

export const view: View = {
  title: 'Runs',
  async mount(root, m) {
    current = new Runs(root, m);
    await current.mount();
  },
  unmount() {
    current?.unmount();
    current = undefined;
  },
};
