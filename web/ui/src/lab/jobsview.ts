import './lab.css';
import { aborted } from '../api';
import { h, replace } from '../dom';
import { type Meta } from '../meta';
import { urlState, type Field, type UrlState } from '../url';
import type { View } from '../view';
import { jobList, type Job, type JobKind } from './job';
import type { jobView } from './jobview';

/** How often the list of jobs is asked for again, in milliseconds. */
const listEvery = 3000;

/** Where a job's buttons lead. */
type Ways = Parameters<typeof jobView>[2];

/** What a view of jobs consists of: the form of a new one over a list of those there were, or one of them. */
export interface JobsParts<S extends { job: string }> {
  title: string;
  codec(m: Meta): { [K in keyof S]: Field<S[K]> };
  kinds: readonly JobKind[];
  /** What the jobs are called: "Comparisons". */
  label: string;
  /** The sentence over the form. */
  lead: string;
  /** The entries of the state that tell what is seen of a job, as they are where none is. */
  none: Partial<S>;
  form(m: Meta, state: UrlState<S>, started: (job: Job) => void): { root: HTMLElement; destroy(): void };
  /** The form as it was when the job was started. */
  again(job: Job, m: Meta): Partial<S>;
  /** Draws one job into its place until the function returned is called. */
  one(place: HTMLElement, state: UrlState<S>, id: string, ways: Ways): () => void;
}

/** A view whose address says which job is seen, or none. */
export function jobsView<S extends { job: string }>(parts: JobsParts<S>): View {
  let end: () => void = () => {};
  return {
    title: parts.title,
    mount(root, m) {
      const state = urlState<S>(parts.codec(m));
      const place = h('div');
      root.append(place);
      let shown: string | undefined;
      let leave: () => void = () => {};
      const draw = (): void => {
        const { job } = state.get();
        if (job === shown) return;
        // Another page to its reader: it begins at its head.
        if (shown !== undefined) {
          scrollTo(0, 0);
          document.querySelector<HTMLElement>('main > h1')?.focus({ preventScroll: true });
        }
        shown = job;
        leave();
        leave = job === '' ? overview(place, m, state, parts) : parts.one(place, state, job, {
          back: state.href(parts.none), backLabel: `All ${parts.label.toLowerCase()}`,
          again: (j) => state.set({ ...parts.again(j, m), ...parts.none }, 'push'),
          gone: () => state.set(parts.none, 'push'),
        });
      };
      draw();
      const off = state.on(draw);
      end = () => {
        off();
        leave();
      };
    },
    unmount() {
      end();
      end = () => {};
    },
  };
}

/** The form of a new job, and those there were. */
function overview<S extends { job: string }>(place: HTMLElement, m: Meta, state: UrlState<S>, parts: JobsParts<S>): () => void {
  const at = (job: Job): Partial<S> => ({ ...parts.none, job: job.id });
  const form = parts.form(m, state, (job) => state.set(at(job), 'push'));
  const list = jobList({
    kinds: parts.kinds, label: parts.label, none: 'None yet. One that is under way goes on when this page is closed.',
    href: (job) => state.href(at(job)),
  });
  replace(place, h('p', { class: 'lead' }, parts.lead), form.root, list.root);
  const control = new AbortController();
  const refresh = (): void => {
    list.refresh(control.signal).catch((error: unknown) => {
      if (!aborted(error)) throw error;
    });
  };
  refresh();
  const timer = setInterval(() => {
    if (!document.hidden) refresh();
  }, listEvery);
  return () => {
    clearInterval(timer);
    control.abort();
    form.destroy();
  };
}
