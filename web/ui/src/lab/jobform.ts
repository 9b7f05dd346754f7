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
  const ask = async (): Promise<void> => {
    control.abort();
    control = new AbortController();
    const { kind, flags, experiment } = o.ask();
    try {
      const said = o.estimate(await planJob<P>(kind, flags, experiment, control.signal));
      clear();
      go.disable(false);
      replace(estimate, said.text);
      estimate.title = said.title ?? '';
    } catch (error) {
      if (aborted(error)) return;
      clear();
      go.disable(error instanceof ApiError && error.status === 400);
      estimate.textContent = '';
      show(error);
    }
  };
  const start = async (): Promise<void> => {
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
    }
  };
  return {
    root: h('div', { class: 'stack tight' }, h('div', { class: 'lab-go' }, go.root, estimate), failure),
    plan() {
      clearTimeout(timer);
      timer = setTimeout(() => void ask(), planAfter);
    },
    label: (text) => go.label(text),
    destroy() {
      clearTimeout(timer);
      control.abort();
    },
  };
}
