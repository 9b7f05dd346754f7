import { del, get, post } from '../api';
import { askDelete, button } from '../controls';
import { h, replace } from '../dom';
import { commandLine } from '../figure';
import { when } from '../format';
import { announce } from '../live';

export type JobKind = 'train' | 'compare' | 'tune' | 'find-lr';
export type JobState = 'queued' | 'running' | 'paused' | 'stopped' | 'done' | 'failed' | 'diverged';

/** A process that the server has started, by the command that a user would type. */
export interface Job {
  id: string;
  kind: JobKind;
  state: JobState;
  /** What it was asked for and has not done yet: "pause", "stop", or "restart" with the server. */
  asked?: string;
  /** What it was told when it was started. */
  flags?: Flags;
  command: string;
  created: string;
  ended?: string;
  /** The last line of what it wrote when it failed. */
  error?: string;
  /** The ID of the run, of a training. */
  run?: string;
  /** In the queue, from 1. */
  place?: number;
}

/** What the flags of a command are set to; a list gives a flag several times. */
export type Flags = Record<string, string | string[]>;

export function startJob(kind: JobKind, flags: Flags, experiment?: string): Promise<Job> {
  return post<Job>('/api/jobs', experiment === undefined ? { kind, flags } : { kind, flags, experiment });
}

/** Starts a training with the settings that a search has chosen. */
export function trainBest(search: string): Promise<Job> {
  return post<Job>('/api/jobs', { kind: 'train', flags: {}, from: search });
}

/** What a job will take; what is wrong with it is refused as starting it would be. */
export function planJob<P>(kind: JobKind, flags: Flags, experiment: string | undefined, signal: AbortSignal): Promise<P> {
  return post<P>('/api/jobs/plan', experiment === undefined ? { kind, flags } : { kind, flags, experiment }, signal);
}

/** A flag as one text, and as several. */
export function flagText(flags: Flags | undefined, name: string): string | undefined {
  const v = flags?.[name];
  return Array.isArray(v) ? v[0] : v;
}

export function flagList(flags: Flags | undefined, name: string): string[] | undefined {
  const v = flags?.[name];
  return v === undefined ? undefined : Array.isArray(v) ? v : [v];
}

export function jobPath(id: string, rest = ''): string {
  return `/api/jobs/${encodeURIComponent(id)}${rest}`;
}

/** The jobs of some kinds, the newest first. */
export async function jobsOf(kinds: readonly JobKind[], signal?: AbortSignal): Promise<Job[]> {
  const { jobs } = await get<{ jobs: Job[] | null }>('/api/jobs', signal);
  return (jobs ?? []).filter((j) => kinds.includes(j.kind));
}

/** Whether a job has come to its end, for good or ill. */
export function isOver(job: Job): boolean {
  return ['stopped', 'done', 'failed', 'diverged'].includes(job.state);
}

/** Whether its result can be read: also where everything has diverged, there is one. */
export function hasResult(job: Job): boolean {
  return job.state === 'done' || job.state === 'diverged';
}

const words: Record<JobState, string> = {
  queued: 'Waiting', running: 'Running', paused: 'Paused', stopped: 'Stopped',
  done: 'Done', failed: 'Failed', diverged: 'Diverged',
};

function stateWord(job: Job): string {
  if (job.state === 'running' && job.asked === 'pause') return 'Pausing';
  if (job.state === 'running' && job.asked === 'stop') return 'Stopping';
  if (job.state === 'queued' && job.place) return `Waiting, number ${job.place}`;
  return words[job.state] ?? job.state;
}

export function stateChip(job: Job): HTMLElement {
  return h('span', { class: `job-state ${job.state}` }, stateWord(job));
}

export interface JobBar {
  readonly root: HTMLElement;
  update(job: Job): void;
}

/** The head of a job: its state, its command, and what can be done with it. */
export function jobBar(o: { back: string; backLabel: string; again?: () => void; gone(): void }): JobBar {
  const state = h('div', { class: 'job-status' });
  const command = h('div', { class: 'job-command' });
  const actions = h('div', { class: 'job-actions' });
  const problem = h('p', { class: 'field-error', role: 'alert', hidden: true });
  let shown = '';
  let last: string | undefined;

  const act = async (job: Job, what: 'pause' | 'resume' | 'stop'): Promise<void> => {
    problem.hidden = true;
    try {
      update(await post<Job>(jobPath(job.id, `/${what}`)));
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error);
      problem.hidden = false;
    }
  };
  const remove = (job: Job): void => askDelete({
    label: 'Delete', what: [h('p', null, 'Its report and all its numbers are removed for good:'), h('p', null, h('code', null, job.id))],
    remove: () => del(jobPath(job.id)),
    removed() {
      announce('Deleted');
      o.gone();
    },
  });
  const update = (job: Job): void => {
    replace(state, stateChip(job), h('span', { class: 'note' }, `begun ${when(job.created)}`),
      job.error && job.state === 'failed' ? h('p', { class: 'job-error' }, job.error) : null);
    if (shown !== job.command) command.replaceChildren(commandLine(job.command));
    shown = job.command;
    const word = stateWord(job);
    if (last === word) return;
    if (last !== undefined) announce(word);
    last = word;
    const on = job.asked ? 'asked' : job.state;
    replace(actions,
      on === 'running' ? button({ label: 'Pause', on: () => void act(job, 'pause') }).root : null,
      on === 'paused' || on === 'stopped' || on === 'failed' ? button({ label: 'Resume', on: () => void act(job, 'resume') }).root : null,
      on === 'running' || on === 'queued' || on === 'paused' ? button({ label: 'Stop', on: () => void act(job, 'stop') }).root : null,
      o.again ? button({ label: 'Change and start again', on: o.again }).root : null,
      isOver(job) ? button({ label: 'Delete…', kind: 'danger', on: () => remove(job) }).root : null);
  };
  return {
    root: h('div', { class: 'job-bar' },
      h('a', { href: o.back, class: 'back' }, `← ${o.backLabel}`),
      h('div', { class: 'job-row' }, state, actions), problem, command),
    update,
  };
}

/** The jobs there are, the newest first. Nothing is drawn anew where nothing changed. */
export function jobList(o: { kinds: readonly JobKind[]; label: string; none: string; href(job: Job): string }): { root: HTMLElement; refresh(signal?: AbortSignal): Promise<void> } {
  const body = h('div', { class: 'job-list' });
  let drawn = '';
  return {
    root: h('section', { class: 'jobs', 'aria-label': o.label }, h('h2', null, o.label), body),
    async refresh(signal) {
      const jobs = await jobsOf(o.kinds, signal);
      const now = JSON.stringify(jobs);
      if (now === drawn) return;
      drawn = now;
      replace(body, jobs.length === 0 ? h('p', { class: 'note' }, o.none) : h('ul', null, jobs.map((j) =>
        h('li', null, h('a', { href: o.href(j) },
          h('span', { class: 'job-line' }, stateChip(j), h('span', { class: 'note' }, when(j.created))),
          h('code', null, j.command))))));
    },
  };
}
