import { Chart } from '../../chart';
import { select } from '../../controls';
import { h, replace } from '../../dom';
import { type LabEvent } from '../../lab/events';
import { type JobParts } from '../../lab/jobview';
import { progressBar } from '../../lab/progress';
import { seldom } from '../../seldom';
import { historySpec, paretoSpec, searchText, sliceSpec } from './figures';
import { parallelFigure } from './parallel';
import { type State } from './state';
import { emptySearch, takeEvents } from './tries';

/** A search of settings as it goes on: history, slices, parallel coordinates, time against loss. */
export function tuneLive(state: State, command: () => string): JobParts['live'] {
  const bar = progressBar('Trainings');
  const best = h('p', { class: 'note live-stage' });
  const search = emptySearch();
  const s = state.get();
  let slice = s.slice;
  const history = new Chart(historySpec(search, command()));
  const slices = new Chart(sliceSpec(search, slice, command()));
  const pareto = new Chart(paretoSpec(search, command()));
  const parallel = parallelFigure({
    brushes: s.brush, top: s.top, command,
    on: (brush) => state.set({ brush }), onTop: (top) => state.set({ top }),
  });
  const along = select<string>({ label: 'Slice along', options: ['0'], value: '0', on: (v) => {
    slice = Number(v);
    state.set({ slice });
    slices.update(sliceSpec(search, slice, command()));
  } });
  const keys = h('div', { class: 'slice-choice' }, along.root);
  let space = '';

  const draw = (): void => {
    const now = search.dimensions.map((d) => d.key).join(' ');
    if (now !== space) {
      space = now;
      slice = Math.min(slice, Math.max(0, search.dimensions.length - 1));
      along.options(search.dimensions.map((d, i) => ({ value: String(i), label: d.key })));
      along.set(String(slice));
    }
    best.textContent = search.tries.length === 0 ? '' : searchText(search);
    history.update(historySpec(search, command()));
    slices.update(sliceSpec(search, slice, command()));
    pareto.update(paretoSpec(search, command()));
    parallel.update(search);
  };
  const drawing = seldom(draw);
  const off = state.on((now) => {
    parallel.brush(now.brush);
    if (now.slice === slice || now.slice >= search.dimensions.length) return;
    slice = now.slice;
    along.set(String(slice));
    slices.update(sliceSpec(search, slice, command()));
  });
  const figures = h('div', { class: 'stack' }, parallel.root,
    h('div', { class: 'columns figures' }, history.root, pareto.root), h('div', { class: 'sliced' }, keys, slices.root));
  const root = h('div', { class: 'stack' }, bar.root, best, figures);
  return {
    root,
    add(batch: readonly LabEvent[]) {
      for (const e of batch) bar.event(e);
      if (takeEvents(search, batch)) drawing.ask();
    },
    restart() {
      Object.assign(search, emptySearch());
      bar.restart();
      replace(best);
    },
    destroy() {
      off();
      drawing.stop();
      for (const c of [history, slices, pareto]) c.destroy();
      parallel.destroy();
    },
  };
}
