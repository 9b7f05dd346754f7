import { ApiError, get, num } from '../../api';
import { button, copyText, tabs } from '../../controls';
import { h, replace } from '../../dom';
import { commandLine, download } from '../../figure';
import { bytes, count, when } from '../../format';
import { tableElement } from '../../table';
import { actions, removeRuns } from './actions';
import { diagnosisPanel } from './diagnosis';
import { statusBadge } from './list';
import { fieldText } from './names';
import { tagEditor } from './tags';
import type { Job, RunPage } from './types';

interface Handlers {
  back: string;
  tab: string;
  job(): Job | undefined;
  jobs(): ReadonlyMap<string, Job>;
  setTab(tab: string): void;
  /** Something was changed: ask again. */
  changed(): void;
  deleted(): void;
  openForm(set: string[]): void;
}

/** The page of one run, round the charts that the view draws. */
export class Page {
  readonly root = h('div', { class: 'stack runs-page' });
  private readonly head = h('div', { class: 'runs-page-head' });
  private readonly facts = h('dl', { class: 'runs-facts' });
  private readonly acts = h('div');
  private readonly problem = h('div', { class: 'verdict warning', role: 'alert', hidden: true });
  private readonly panels = { settings: h('div', { class: 'stack' }), files: h('div', { class: 'stack' }), diagnostics: h('div', { class: 'stack' }) };
  private readonly tabs;
  private tagsKey = '';
  private readonly tags = h('div');
  private key = '';
  private readonly shown = new Map<string, string>();
  private about: RunPage | undefined;
  private closed = false;

  constructor(readonly id: string, charts: HTMLElement, private readonly on: Handlers) {
    this.tabs = tabs({
      label: 'About the run', value: on.tab,
      tabs: [
        { id: 'curves', label: 'Curves', panel: () => charts },
        { id: 'settings', label: 'Settings', panel: () => this.panels.settings },
        { id: 'diagnostics', label: 'Diagnostics', panel: () => this.panels.diagnostics },
        { id: 'files', label: 'Checkpoints and files', panel: () => this.panels.files },
      ],
      on: (tab) => {
        on.setTab(tab);
        if (tab === 'diagnostics') this.diagnose();
      },
    });
    replace(this.root, h('p', null, h('a', { href: on.back }, '← All runs')), this.head, this.problem, this.acts, this.facts, this.tags, this.tabs.root);
    replace(this.head, h('h2', null, id));
    // Shown when there is something to say of it, so that nothing moves.
    this.root.hidden = true;
    if (on.tab === 'diagnostics') this.diagnose();
  }

  close(): void {
    this.closed = true;
  }

  setTab(tab: string): void {
    this.tabs.set(tab);
  }

  /** Asks for the run again. */
  async refresh(): Promise<void> {
    try {
      const about = await get<RunPage>(`/api/runs/${encodeURIComponent(this.id)}`);
      if (this.closed) return;
      this.root.hidden = false;
      this.about = about;
      this.problem.hidden = !about.problem;
      replace(this.problem, h('p', { class: 'verdict-title' }, 'Something of this run cannot be read'), h('p', null, about.problem ?? ''));
      this.draw();
    } catch (error) {
      this.root.hidden = false;
      if (this.closed || (error instanceof ApiError && error.status === 0)) return;
      if (error instanceof ApiError && error.status === 404) {
        const job = this.on.job();
        this.problem.hidden = false;
        replace(this.problem, h('p', { class: 'verdict-title' }, job ? 'It has not begun' : 'There is no such run'),
          h('p', null, job ? job.error ?? 'Its training waits for its turn.' : error.message));
        this.drawActions();
        return;
      }
      throw error;
    }
  }

  /** Draws what the job decides: the state and the buttons. */
  drawActions(): void {
    const job = this.on.job();
    const status = this.about?.status ?? 'unknown';
    const key = JSON.stringify([job, status, this.about?.verdict]);
    if (key === this.key) return;
    this.key = key;
    if (this.about) {
      const { verdict } = this.about;
      replace(this.head, h('h2', null, this.id), statusBadge(job?.state === 'paused' ? 'paused' : status), verdict ? h('span', { class: 'note' }, verdict) : null);
    }
    const problem = h('p', { class: 'field-error', role: 'alert', hidden: true });
    const bar = actions(this.id, job, status, (error) => {
      problem.hidden = error === undefined;
      problem.replaceChildren(h('span', null, error ?? ''));
      this.key = '';
      this.on.changed();
    });
    const idle = this.about !== undefined && !this.about.running && job?.state !== 'running' && job?.state !== 'queued';
    bar.append(button({ label: 'Train with these settings…', on: () => this.on.openForm(this.about?.settings.map((s) => `${s.key}=${s.value}`) ?? []) }).root);
    if (idle) bar.append(button({ label: 'Delete…', kind: 'danger', on: () => removeRuns([this.id], this.on.jobs(), (gone) => { if (gone.length > 0) this.on.deleted(); }) }).root);
    replace(this.acts, bar, job?.error ? h('p', { class: 'field-error' }, h('span', null, job.error)) : null, problem);
  }

  private draw(): void {
    const r = this.about;
    if (!r) return;
    this.drawActions();
    const metric = (name: string): string => (name in r.metrics ? fieldText(name, num(r.metrics[name])) : '');
    const of = (key: string): string => r.settings.find((s) => s.key === key)?.value ?? '';
    const steps = 'planned_steps' in r.metrics ? `${metric('steps')} of ${metric('planned_steps')}` : metric('steps');
    const facts: [string, string][] = [
      ['data', of('data') || of('function')], ['model', of('model')], ['optimizer', of('optimizer')], ['rate', of('lr')], ['schedule', of('schedule')], ['seed', of('seed')],
      ['steps', steps], ['time', metric('seconds')], ['loss', metric('final_loss')], ['validation loss', metric('val_loss')],
      ['validation accuracy', metric('val_accuracy')], ['test loss', metric('test_loss')], ['test accuracy', metric('test_accuracy')], ['parameters', metric('parameters')],
      ['created', r.created.startsWith('0001') ? '' : when(r.created)],
    ];
    replace(this.facts, facts.filter(([, v]) => v !== '').map(([k, v]) => h('div', null, h('dt', null, k), h('dd', null, v))));
    const tagsKey = JSON.stringify(r.tags);
    if (tagsKey !== this.tagsKey) {
      this.tagsKey = tagsKey;
      replace(this.tags, tagEditor([r.id], r.tags, () => this.on.changed()));
    }
    this.drawSettings(r);
    this.drawFiles(r);
  }

  /** Whether a panel shows something else than what it is to show: where nothing changed, the focus and what is selected stay. */
  private fresh(panel: string, of: unknown): boolean {
    const now = JSON.stringify(of);
    if (this.shown.get(panel) === now) return false;
    this.shown.set(panel, now);
    return true;
  }

  private drawSettings(r: RunPage): void {
    if (!this.fresh('settings', [r.repeat, r.resume, r.settings, r.recorded, r.experiment])) return;
    const table = (caption: string, list: readonly { key: string; value: string }[]): HTMLElement =>
      tableElement({ caption, columns: [{ name: 'setting' }, { name: 'value' }], rows: list.map((s) => [s.key, s.value]) });
    replace(this.panels.settings,
      r.command ? h('section', null, h('h3', null, 'The command that it was run with'), commandLine(r.command)) : null,
      r.repeat ? h('section', null, h('h3', null, 'Run it again'), commandLine(r.repeat)) : null,
      r.resume ? h('section', null, h('h3', null, 'Go on from its last checkpoint'), commandLine(r.resume)) : null,
      h('div', { class: 'columns' },
        r.settings.length > 0 ? table('Settings', r.settings) : h('p', { class: 'note' }, 'It has no experiment.yaml.'),
        r.recorded.length > 0 ? table('Where and when it was run', r.recorded) : null),
      r.experiment === '' ? null : h('section', null,
        h('div', { class: 'row runs-yaml-head' }, h('h3', null, 'experiment.yaml'),
          button({ label: 'Copy', kind: 'quiet', on: () => void copyText(r.experiment) }).root,
          button({ label: 'Download', kind: 'quiet', on: () => download(`${r.id}.yaml`, new Blob([r.experiment], { type: 'application/yaml' })) }).root),
        h('pre', { class: 'runs-yaml', tabindex: '0', role: 'region', 'aria-label': 'experiment.yaml' }, h('code', null, r.experiment))));
  }

  private drawFiles(r: RunPage): void {
    if (!this.fresh('files', [r.checkpoints, r.files])) return;
    const href = (name: string): string => `/api/runs/${encodeURIComponent(r.id)}/files/${name.split('/').map(encodeURIComponent).join('/')}`;
    const pictures = r.files.filter((f) => /\.(svg|png|gif)$/.test(f.name));
    replace(this.panels.files,
      r.checkpoints.length === 0
        ? h('p', { class: 'note' }, 'It has no checkpoints.')
        : tableElement({
          caption: 'Checkpoints', columns: [{ name: 'checkpoint' }, { name: 'step', numeric: true }, { name: 'epoch', numeric: true }, { name: 'size', numeric: true }, ...(r.checkpoints.some((c) => c.problem) ? [{ name: 'problem' }] : [])],
          rows: r.checkpoints.map((c) => [c.name, count(c.step), count(c.epoch), bytes(c.bytes), c.problem ?? '']),
        }),
      pictures.length === 0 ? null : h('div', { class: 'columns' }, pictures.map((f) => h('figure', { class: 'figure' },
        h('img', { src: href(f.name), alt: `Figure ${f.name}`, class: 'runs-picture', loading: 'lazy' }), h('figcaption', null, f.name)))),
      h('section', null, h('h3', null, 'Files'), h('ul', { class: 'runs-files' }, r.files.map((f) =>
        h('li', null, h('a', { href: `${href(f.name)}?download`, download: f.name.split('/').at(-1) }, f.name), h('span', { class: 'note' }, ` ${bytes(f.bytes)}`))))));
  }

  private diagnose(): void {
    diagnosisPanel(this.id).then((panel) => {
      if (!this.closed) replace(this.panels.diagnostics, panel);
    }, (error: unknown) => replace(this.panels.diagnostics, h('p', { class: 'note' }, error instanceof Error ? error.message : String(error))));
  }
}
