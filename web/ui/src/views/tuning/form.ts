import { combobox, disclosure, numberField, radios, select, textField, type Control } from '../../controls';
import { h } from '../../dom';
import { count, plural } from '../../format';
import { type Job } from '../../lab/job';
import { jobForm } from '../../lab/jobform';
import { dataOptions, functionOptions, models, ruleOptions, scheduleOptions } from '../../lab/options';
import { type Meta } from '../../meta';
import { spaceField } from './space';
import { tuneFlags, type State, type TuneState } from './state';

interface Plan {
  tries: number;
  trainings: number;
}

/** The form of a new search, of settings or of the learning rate alone. */
export function tuneForm(m: Meta, state: State, started: (job: Job) => void): { root: HTMLElement; destroy(): void } {
  const s = state.get();
  const set = (patch: Partial<TuneState>): void => {
    state.set(patch);
    arrange();
    end.plan();
  };
  const whole = (label: string, key: 'steps' | 'epochs' | 'batch' | 'seed' | 'trials' | 'budget' | 'seeds' | 'finalists' | 'fresh' | 'eta' | 'rungs' | 'parallel', min: number, max: number, help: string): Control<number> =>
    numberField({ label, value: s[key], min, max, int: true, help, on: (v) => set({ [key]: v }) });

  const mode = radios({
    label: 'Search', segmented: true, value: s.mode,
    options: [{ value: 'settings', label: 'Any settings' }, { value: 'rate', label: 'The learning rate' }],
    on: (v) => set({ mode: v }),
  });
  const source = radios({
    label: 'On', segmented: true, value: s.on,
    options: [{ value: 'function', label: 'A function' }, { value: 'data', label: 'Data and a model' }, { value: 'experiment', label: 'An experiment' }],
    on: (v) => set({ on: v }),
  });
  const fn = combobox({ label: 'Function', options: functionOptions(m), value: s.function, free: true, mono: true, help: 'Or an expression in x and y.', on: (v) => set({ function: v }) });
  const data = combobox({ label: 'Data', options: dataOptions(m), value: s.data, free: true, mono: true, help: 'Or a file of the working folder.', on: (v) => set({ data: v }) });
  const model = combobox({ label: 'Model', options: [...models], value: s.model, free: true, mono: true, help: 'Such as softmax, mlp:64,32 or lenet5.', on: (v) => set({ model: v }) });
  const experiment = textField({ label: 'Experiment', value: s.experiment, rows: 12, mono: true, placeholder: 'function: rosenbrock\noptimizer: sgd\nsteps: 500', help: 'YAML, as descent init writes it and every run has it.', on: (v) => set({ experiment: v }) });
  const optimizer = combobox({ label: 'Rule', options: ruleOptions(m), value: s.optimizer, free: true, mono: true, help: 'With options behind a colon.', on: (v) => set({ optimizer: v }) });
  const schedule = combobox({ label: 'Schedule', options: [{ value: '', label: 'constant' }, ...scheduleOptions(m)], value: s.schedule, free: true, mono: true, on: (v) => set({ schedule: v }) });
  const steps = whole('Steps', 'steps', 0, 1e8, 'Of a whole training. 0: 2000 for functions, else by epochs.');
  const epochs = whole('Epochs', 'epochs', 0, 1e6, '0: as descent train.');
  const batch = whole('Batch', 'batch', 0, 1e7, '0: as descent train.');
  const seed = whole('Seed', 'seed', 0, 2 ** 53 - 1, 'That all the others come from.');

  const space = spaceField(m, { value: s.space, optimizer: s.optimizer, schedule: s.schedule, on: (v) => set({ space: v }) });
  const sampler = select({ label: 'Sampler', options: m.samplers, value: s.sampler, help: 'Where to look next: tpe learns from the tries before.', on: (v) => set({ sampler: v }) });
  const pruner = select({ label: 'Pruner', options: m.pruners, value: s.pruner, help: 'Who is trained to the end.', on: (v) => set({ pruner: v }) });
  const eta = whole('Eta', 'eta', 2, 100, 'One try in so many goes on.');
  const rungs = whole('Rungs', 'rungs', 1, 12, 'How often tries are looked at, at most.');
  const trials = whole('Tries', 'trials', 0, 1e5, 'At most. 0: as many as the budget allows.');
  const budget = whole('Budget', 'budget', 0, 1e12, 'Gradient evaluations of all tries. 0: what the tries take, else 30 whole trainings.');
  const seeds = whole('Seeds', 'seeds', 1, 250, 'Of a try; the median counts.');
  const finalists = whole('Finalists', 'finalists', 1, 1e5, 'Best tries that run again on three other seeds.');
  const fresh = whole('Fresh seeds', 'fresh', 1, 499, 'That the chosen settings run on.');
  const parallel = whole('Parallel', 'parallel', 0, 1024, 'Trainings at a time; the result is the same for any number. 0: as many as there are cores.');

  const end = jobForm<Plan>({
    label: 'Search', begun: 'Search started', started,
    ask() {
      const now = state.get();
      return { kind: now.mode === 'rate' ? 'find-lr' : 'tune', flags: tuneFlags(now, m), experiment: now.on === 'experiment' ? now.experiment : undefined };
    },
    fields: {
      function: fn, data, model, optimizer, schedule, steps, epochs, batch, seed, sampler, pruner, eta, rungs,
      trials, budget, seeds, finalists, 'fresh-seeds': fresh, parallel, experiment,
    },
    lists: { space },
    estimate(p) {
      const now = state.get();
      if (now.mode === 'rate') return { text: ['At most as much as 30 rates on three seeds take.'] };
      return {
        text: now.pruner === 'none'
          ? [h('strong', null, `About ${plural(p.trainings, 'training')}`), `: ${count(p.tries)} tries on ${plural(now.seeds, 'seed')}, then the finalists, then ${count(2 * now.fresh)} on fresh seeds.`]
          : [h('strong', null, `As much as ${plural(p.tries, 'whole training')}`), ', cut into more tries that end early.'],
      };
    },
  });
  const ofFunction = h('div', { class: 'stack tight' }, fn.root);
  const ofData = h('div', { class: 'stack tight' }, data.root, model.root);
  const ofBoth = h('div', { class: 'stack tight' }, optimizer.root, schedule.root);
  const pruning = h('div', { class: 'field-grid' }, eta.root, rungs.root);
  const searching = h('div', { class: 'stack' }, space.root,
    h('div', { class: 'field-grid' }, sampler.root, pruner.root, trials.root), pruning);
  const more = disclosure({ label: 'More' }, h('div', { class: 'field-grid' }, budget.root, seeds.root, finalists.root, fresh.root, seed.root, parallel.root));
  const explain = h('p', { class: 'note' });

  /** Shows what the choices ask for. */
  const arrange = (): void => {
    const now = state.get();
    const rate = now.mode === 'rate';
    ofFunction.hidden = m.own || now.on !== 'function';
    ofData.hidden = m.own || now.on !== 'data';
    experiment.root.hidden = now.on !== 'experiment';
    ofBoth.hidden = now.on === 'experiment';
    epochs.root.hidden = batch.root.hidden = !m.own && now.on !== 'data';
    steps.root.parentElement?.toggleAttribute('hidden', now.on === 'experiment');
    searching.hidden = rate;
    pruning.hidden = now.pruner === 'none';
    finalists.root.hidden = fresh.root.hidden = rate;
    explain.textContent = rate
      ? 'A range test raises the rate from step to step; short real runs on several seeds then validate what it suggests. The answer is an interval, or why there is none.'
      : '';
    explain.hidden = !rate;
    space.offer(now.optimizer, now.schedule);
    end.label(rate ? 'Find the rate' : 'Search');
  };

  const root = h('form', { class: 'lab-form', novalidate: true, on: { submit: (e) => e.preventDefault() } },
    h('div', { class: 'row bottom' }, mode.root, m.own ? null : source.root), explain,
    h('div', { class: 'lab-columns task-first' },
      h('div', null, ofFunction, ofData, ofBoth, experiment.root, h('div', { class: 'field-grid' }, steps.root, epochs.root, batch.root)),
      h('div', null, searching, more)),
    end.root);
  arrange();
  end.plan();
  return { root, destroy: end.destroy };
}
