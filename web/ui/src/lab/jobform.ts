import { aborted, ApiError } from '../api';
import { button } from '../controls';
import { h, replace, type Child } from '../dom';
import { announce } from '../live';
import { planJob, startJob, type Flags, type Job, type JobKind } from './job';

/** How long a form rests before it is planned, in milliseconds. */
const planAfter = 200;

export interface JobFormOptions<P> {
  /** Of the button that starts it. */
  label: string;
  /** What is announced when it has started. */
  begun: string;
  ask(): { kind: JobKind; flags: Flags; experiment?: string | undefined };
  /** The fields, by the names that the server has for them. */
  fields: Record<string, { error(text: string | null): void }>;
  /** Those of several items, of which the server names one by its number. */
  lists: Record<string, { error(text: string | null, item?: number): void }>;
  /** What it will take, in words. */
  estimate(plan: P): { text: Child[]; title?: string };
  started(job: Job): void;
}

export interface JobForm {
  /** The button with what the job will take, and what is wrong with it as a whole. */
  readonly root: HTMLElement;
  /** The form has changed: asks what it will take now. */
  plan(): void;
  label(text: string): void;
  destroy(): void;
}

/** The end of a form that starts a job. What it will take, and what is wrong with it, the server says before it starts. */
export function jobForm<P>(o: JobFormOptions<P>): JobForm {
  const estimate = h('p', { class: 'estimate', 'aria-live': 'polite' });
  const failure = h('p', { class: 'field-error', role: 'alert', hidden: true });
  const go = button({ label: o.label, kind: 'primary', on: () => void start() });
  let control = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let starting = false;

  const clear = (): void => {
    for (const f of [...Object.values(o.lists), ...Object.values(o.fields)]) f.error(null);
    failure.hidden = true;
  };
  const show = (error: unknown): void => {
    const text = error instanceof Error ? error.message : String(error);
    const [name = '', item] = (error instanceof ApiError ? error.field ?? '' : '').split('.');
    if (o.lists[name]) o.lists[name].error(text, item === undefined ? undefined : Number(item));
    else if (o.fields[name]) o.fields[name].error(text);
    else {
      failure.textContent = text;
      failure.hidden = false;
    }
  };
  /** Gives up what is under way: its answer is of a form that has changed, or of one that starts. */
  const drop = (): void => {
    clearTimeout(timer);
    control.abort();
    control = new AbortController();
  };
  const ask = async (): Promise<void> => {
    drop();
    const { signal } = control;
    const { kind, flags, experiment } = o.ask();
    try {
      const said = o.estimate(await planJob<P>(kind, flags, experiment, signal));
      clear();
      go.disable(false);
      replace(estimate, said.text);
      estimate.title = said.title ?? '';
    } catch (error) {
      if (signal.aborted || aborted(error)) return;
      clear();
      go.disable(error instanceof ApiError && error.status === 400);
      estimate.textContent = '';
      show(error);
    }
  };
  const start = async (): Promise<void> => {
    drop();
    starting = true;
    go.disable(true);
    clear();
    const { kind, flags, experiment } = o.ask();
    try {
      const job = await startJob(kind, flags, experiment);
      announce(o.begun);
      o.started(job);
    } catch (error) {
      show(error);
      go.disable(false);
    } finally {
      starting = false;
    }
  };
  return {
    root: h('div', { class: 'stack tight' }, h('div', { class: 'lab-go' }, go.root, estimate), failure),
    plan() {
      if (starting) return;
      clearTimeout(timer);
      timer = setTimeout(() => void ask(), planAfter);
    },
    label: (text) => go.label(text),
    destroy: drop,
  };
}
