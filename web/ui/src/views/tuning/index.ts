import '../../lab/lab.css';
import './tuning.css';
import { aborted, get } from '../../api';
import { h, replace } from '../../dom';
import { jobList, jobPath, type Job } from '../../lab/job';
import { jobView, type JobParts } from '../../lab/jobview';
import { meta, type Meta } from '../../meta';
import { urlState } from '../../url';
import { type View } from '../../view';
import { tuneForm } from './form';
import { tuneLive } from './live';
import { rateLive, type FoundRate } from './rates';
import { tuneResult } from './result';
import { codec, fromJob, type State } from './state';

let end: () => void = () => {};

export const view: View = {
  title: 'Tuning',
  async mount(root) {
    const m = await meta();
    const state = urlState(codec(m));
    const place = h('div');
    root.append(place);
    let shown: string | undefined;
    let leave: () => void = () => {};
    const draw = (): void => {
      const { job } = state.get();
      if (job === shown) return;
      shown = job;
      leave();
      leave = job === '' ? overview(place, m, state) : one(place, state, job);
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

const nothing = { job: '', brush: {}, slice: 0 };

/** The form of a new search, and those there were. */
function overview(place: HTMLElement, m: Meta, state: State): () => void {
  const form = tuneForm(m, state, (job) => state.set({ ...nothing, job: job.id }, 'push'));
  const list = jobList({
    kinds: ['tune', 'find-lr'], label: 'Searches', none: 'None yet. One that is under way goes on when this page is closed.',
    href: (job) => state.href({ ...nothing, job: job.id }),
  });
  replace(place, h('p', { class: 'lead' }, 'Which settings train this well? The best tries of a search run again on other seeds; the one chosen there runs on fresh seeds beside the settings as they were. The best score of a search is the luckiest of many and no result.'),
    form.root, list.root);
  const control = new AbortController();
  const refresh = (): void => {
    list.refresh(control.signal).catch((error: unknown) => {
      if (!aborted(error)) throw error;
    });
  };
  refresh();
  const timer = setInterval(refresh, 3000);
  return () => {
    clearInterval(timer);
    control.abort();
    form.destroy();
  };
}

/** One search, from its start to its result. */
function one(place: HTMLElement, state: State, id: string): () => void {
  const control = new AbortController();
  let destroy: () => void = () => {};
  replace(place, h('p', { class: 'note' }, 'Asking for the search…'));
  const show = (job: Job): void => {
    const shown = jobView(id, job.kind === 'find-lr' ? rateParts(job) : tuneParts(job, state), {
      back: state.href(nothing), backLabel: 'All searches',
      again: (j) => state.set({ ...fromJob(j), ...nothing }, 'push'),
      gone: () => state.set(nothing, 'push'),
    });
    destroy = shown.destroy;
    replace(place, shown.root);
  };
  get<Job>(jobPath(id), control.signal).then((job) => {
    if (!control.signal.aborted) show(job);
  }, (error: unknown) => {
    if (aborted(error)) return;
    replace(place, h('a', { href: state.href(nothing), class: 'back' }, '← All searches'),
      h('p', { class: 'field-error', role: 'alert' }, error instanceof Error ? error.message : String(error)));
  });
  return () => {
    control.abort();
    destroy();
  };
}

function tuneParts(job: Job, state: State): JobParts {
  const live = tuneLive(state, () => job.command);
  return { live, result: (j, signal) => tuneResult(j, live.root, signal) };
}

/** Its figure stays as it was; what the command said at last takes the place of what its events told. */
function rateParts(job: Job): JobParts {
  const live = rateLive(() => job.command);
  return {
    live,
    async result(j, signal) {
      live.finish(await get<FoundRate>(jobPath(j.id, '/result'), signal));
      return { root: h('div', null, live.root), destroy() {} };
    },
  };
}
