import { aborted, get } from '../api';
import { h, replace } from '../dom';
import { followJob, type LabEvent } from './events';
import { hasResult, jobBar, jobPath, type Job } from './job';

/** The parts of a job that a view draws its own way. */
export interface JobParts {
  /** What is seen while it goes on. */
  live: { readonly root: HTMLElement; add(batch: readonly LabEvent[]): void; restart(): void; destroy(): void };
  /** Is told of the job whenever its state changes. */
  job?(job: Job): void;
  /** What is seen when there is a result; it may take what was live into it. Without it what was live stays. */
  result?(job: Job, signal: AbortSignal): Promise<{ root: HTMLElement; destroy(): void }>;
}

export interface JobView {
  readonly root: HTMLElement;
  destroy(): void;
}

/** A job from its start to its result, however often the server or the page begins again meanwhile. */
export function jobView(id: string, parts: JobParts, o: { back: string; backLabel: string; again?: (job: Job) => void; gone(): void }): JobView {
  const control = new AbortController();
  let now: Job | undefined;
  let result: { root: HTMLElement; destroy(): void } | undefined;
  let asked = false;
  let destroyed = false;

  const bar = jobBar({
    back: o.back, backLabel: o.backLabel, gone: o.gone,
    ...(o.again ? { again: () => now && o.again?.(now) } : {}),
  });
  const place = h('div', { class: 'job-result' });
  // Shown when it is known that it goes on, so that a job that is over comes as what came of it and nothing moves.
  const live = h('div', { class: 'job-live', hidden: true }, parts.live.root);
  const failure = h('p', { class: 'field-error', role: 'alert', hidden: true });
  const root = h('div', { class: 'job' }, bar.root, failure, live, place);
  const fail = (error: unknown): void => {
    if (aborted(error) || destroyed) return;
    failure.textContent = error instanceof Error ? error.message : String(error);
    failure.hidden = false;
  };

  const update = (job: Job): void => {
    if (destroyed) return;
    now = job;
    failure.hidden = true;
    bar.update(job);
    parts.job?.(job);
    if (hasResult(job) && parts.result) void finish(job);
    else if (!hasResult(job)) {
      result?.destroy();
      result = undefined;
      asked = false;
      place.replaceChildren();
      live.append(parts.live.root);
      live.hidden = job.state === 'failed';
    }
  };
  const finish = async (job: Job): Promise<void> => {
    if (asked || !parts.result) return;
    asked = true;
    try {
      const made = await parts.result(job, control.signal);
      if (destroyed) return made.destroy();
      result = made;
      root.classList.toggle('watched', !live.hidden);
      replace(place, made.root);
      live.hidden = true;
    } catch (error) {
      asked = false;
      live.hidden = false;
      fail(error);
    }
  };
  const follower = followJob(id, { events: (b) => parts.live.add(b), restart: () => parts.live.restart(), job: update });
  get<Job>(jobPath(id), control.signal).then(update, fail);

  return {
    root,
    destroy() {
      destroyed = true;
      control.abort();
      follower.close();
      parts.live.destroy();
      result?.destroy();
    },
  };
}
