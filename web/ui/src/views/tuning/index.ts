import './tuning.css';
import { aborted, get } from '../../api';
import { h, replace } from '../../dom';
import { jobPath, type Job } from '../../lab/job';
import { jobsView } from '../../lab/jobsview';
import { jobView, type JobParts } from '../../lab/jobview';
import { tuneForm } from './form';
import { tuneLive } from './live';
import { rateLive, type FoundRate } from './rates';
import { tuneResult } from './result';
import { codec, fromJob, type State, type TuneState } from './state';

export const view = jobsView<TuneState>({
  title: 'Tuning',
  codec,
  kinds: ['tune', 'find-lr'],
  label: 'Searches',
  lead: 'Which settings train this well? The best tries of a search run again on other seeds; the one chosen there runs on fresh seeds beside the settings as they were. The best score of a search is the luckiest of many and no result.',
  none: { job: '', brush: {}, slice: 0 },
  form: tuneForm,
  again: fromJob,
  one(place, state, id, ways) {
    const control = new AbortController();
    let destroy: () => void = () => {};
    replace(place, h('p', { class: 'note' }, 'Asking for the search…'));
    get<Job>(jobPath(id), control.signal).then((job) => {
      if (control.signal.aborted) return;
      const shown = jobView(id, job.kind === 'find-lr' ? rateParts(job) : tuneParts(job, state), ways);
      destroy = shown.destroy;
      replace(place, shown.root);
    }, (error: unknown) => {
      if (aborted(error)) return;
      replace(place, h('a', { href: ways.back, class: 'back' }, `← ${ways.backLabel}`),
        h('p', { class: 'field-error', role: 'alert' }, error instanceof Error ? error.message : String(error)));
    });
    return () => {
      control.abort();
      destroy();
    };
  },
});

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
