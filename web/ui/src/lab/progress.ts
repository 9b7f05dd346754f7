import { h } from '../dom';
import { count, duration, percent } from '../format';
import { isStart, type LabEvent } from './events';

/** How far a command of the lab is, as its events tell. */
export interface Progress {
  readonly root: HTMLElement;
  event(e: LabEvent): void;
  restart(): void;
}

export function progressBar(label: string): Progress {
  const root = h('div', { class: 'lab-progress' });
  const bar = h('progress', { 'aria-label': label, max: '1', value: 0 });
  const text = h('span', { class: 'lab-progress-text' });
  let total = 0;
  let done = 0;
  let known = 0;
  let lost = 0;
  let from = NaN; // the time of the first training that was not known

  const show = (now: number): void => {
    const all = Math.max(total, done);
    bar.value = all > 0 ? done / all : 0;
    const fresh = done - known;
    const left = fresh > 2 && done < all && now > from ? `, about ${duration(((now - from) / fresh) * (all - done))} left` : '';
    text.textContent = all === 0 ? 'Reading the data'
      : `${count(done)} of ${count(all)} trainings${lost > 0 ? `, ${count(lost)} diverged` : ''}${left}`;
  };
  const restart = (): void => {
    root.classList.remove('over');
    total = done = known = lost = 0;
    from = NaN;
    show(0);
  };
  restart();
  root.append(bar, text);
  return {
    root,
    restart,
    event(e) {
      if (isStart(e)) restart();
      root.classList.toggle('over', e.event === 'finished');
      if (e.event === 'comparison_started') total = e.trials;
      else if (e.event === 'tuning_started') total = e.trainings;
      else if (e.event === 'rate_chosen') total -= e.spared ?? 0;
      else if (e.event === 'trial_done') {
        done++;
        if (e.known) known++;
        else if (Number.isNaN(from)) from = e.t;
        if (e.outcome.diverged) lost++;
      } else if (e.event === 'searching') {
        bar.value = e.budget > 0 ? Math.min(1, e.spent / e.budget) : 0;
        text.textContent = `${e.stage}: ${percent(Math.min(1, e.spent / Math.max(1, e.budget)))} of the budget`;
        return;
      } else return;
      show(e.t);
    },
  };
}
