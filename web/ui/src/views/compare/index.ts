import './compare.css';
import '../../lab/lab.css';
import { aborted } from '../../api';
import { h, replace } from '../../dom';
import { jobList } from '../../lab/job';
import { jobView } from '../../lab/jobview';
import { meta, type Meta } from '../../meta';
import { urlState } from '../../url';
import { type View } from '../../view';
import { compareForm } from './form';
import { compareLive } from './live';
import { compareResult } from './result';
import { codec, fromJob, type State } from './state';

let end: () => void = () => {};

export const view: View = {
  title: 'Compare',
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
      leave = job === '' ? overview(place, m, state) : one(place, m, state, job);
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

/** The form of a new comparison, and those there were. */
function overview(place: HTMLElement, m: Meta, state: State): () => void {
  const form = compareForm(m, state, (job) => state.set({ job: job.id, task: 0 }, 'push'));
  const list = jobList({
    kinds: ['compare'], label: 'Comparisons', none: 'None yet. One that is under way goes on when this page is closed.',
    href: (job) => state.href({ job: job.id, task: 0 }),
  });
  replace(place, h('p', { class: 'lead' }, 'Which optimizer for this problem and budget? Each rule is tuned in the same number of trials, then compared on fresh seeds. A winner is named only where the difference is clear.'),
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

/** One comparison, from its start to its verdict. */
function one(place: HTMLElement, m: Meta, state: State, id: string): () => void {
  let show: (task: number) => void = () => {};
  let command = '';
  const job = jobView(id, {
    live: compareLive(() => command),
    job: (j) => { command = j.command; },
    async result(j, signal) {
      const r = await compareResult(j, state.get().task, (task) => state.set({ task }), signal);
      show = r.show;
      return r;
    },
  }, {
    back: state.href({ job: '', task: 0 }), backLabel: 'All comparisons',
    again: (j) => state.set({ ...fromJob(j, m), job: '', task: 0 }, 'push'),
    gone: () => state.set({ job: '', task: 0 }, 'push'),
  });
  replace(place, job.root);
  const off = state.on((s) => show(s.task));
  return () => {
    off();
    job.destroy();
  };
}
