import './compare.css';
import { jobsView } from '../../lab/jobsview';
import { jobView } from '../../lab/jobview';
import { compareForm } from './form';
import { compareLive } from './live';
import { compareResult } from './result';
import { codec, fromJob, type CompareState } from './state';

export const view = jobsView<CompareState>({
  title: 'Compare',
  codec,
  kinds: ['compare'],
  label: 'Comparisons',
  lead: 'Which optimizer for this problem and budget? Each rule is tuned in the same number of trials, then compared on fresh seeds. A winner is named only where the difference is clear.',
  none: { job: '', task: 0 },
  form: compareForm,
  again: fromJob,
  one(place, state, id, ways) {
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
    }, ways);
    place.replaceChildren(job.root);
    const off = state.on((s) => show(s.task));
    return () => {
      off();
      job.destroy();
    };
  },
});
