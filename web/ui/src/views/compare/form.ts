import { button, combobox, disclosure, numberField, textField, type Control } from '../../controls';
import { h } from '../../dom';
import { count, number4, plural } from '../../format';
import { type Job } from '../../lab/job';
import { jobForm } from '../../lab/jobform';
import { listField } from '../../lab/listfield';
import { problemOptions, ruleOptions, scheduleOptions } from '../../lab/options';
import { type Meta } from '../../meta';
import { compareFlags, presets, type CompareState, type State } from './state';

interface Plan {
  contenders: { name: string; spec: string; rate: number }[];
  problems: number;
  each: number;
  trainings: number;
}

/** The form of a new comparison. What it will take is said before it starts, by the server. */
export function compareForm(m: Meta, state: State, started: (job: Job) => void): { root: HTMLElement; destroy(): void } {
  const s = state.get();
  const set = (patch: Partial<CompareState>): void => {
    state.set(patch);
    end.plan();
  };
  const problems = listField({
    label: 'Problems', item: 'problem', options: problemOptions(m), value: s.problem, fresh: 'beale',
    help: 'A function or an expression in x and y; data and a model, as digits/mlp:32 or train.csv/softmax; or an experiment file, as a.yaml.',
    on: (problem) => set({ problem }),
  });
  const rules = listField({
    label: 'Rules', item: 'rule', options: ruleOptions(m), value: s.optimizer, fresh: 'adamw',
    help: 'With options behind a colon, as sgd:momentum=0.9. lr is where tuning begins.',
    on: (optimizer) => set({ optimizer }),
  });
  const schedule = combobox({
    label: 'Schedule', options: [{ value: '', label: 'the problem’s own' }, ...scheduleOptions(m)], value: s.schedule, free: true, mono: true,
    help: 'Of the learning rate, the same for all.', on: (v) => set({ schedule: v === 'the problem’s own' ? '' : v }),
  });
  const whole = (label: string, key: 'steps' | 'epochs' | 'trials' | 'seeds' | 'seed' | 'parallel', min: number, max: number, help: string): Control<number> =>
    numberField({ label, value: s[key], min, max, int: true, help, on: (v) => set({ [key]: v }) });
  const steps = whole('Steps', 'steps', 0, 1e8, 'Gradient evaluations of a training. 0: the problem’s own, 2000 for functions.');
  const epochs = whole('Epochs', 'epochs', 0, 1e6, 'Or passes over the training set. 0: the problem’s own, else 10.');
  const trials = whole('Trials', 'trials', 1, 400, 'Learning rates that are tried for each rule.');
  const seeds = whole('Seeds', 'seeds', 1, 499, 'Fresh ones that the tuned rules are compared on.');
  const seed = whole('Seed', 'seed', 0, 2 ** 53 - 1, 'That all the others come from.');
  const parallel = whole('Parallel', 'parallel', 0, 1024, 'Trainings at a time; the result is the same for any number. 0: as many as there are cores.');
  const target = textField({ label: 'Target', value: s.target, mono: true, placeholder: 'automatic', help: 'A loss whose reaching is timed.', on: (v) => set({ target: v.trim() }) });

  const end = jobForm<Plan>({
    label: 'Compare', begun: 'Comparison started', started,
    ask: () => ({ kind: 'compare', flags: compareFlags(state.get(), m) }),
    fields: { steps, epochs, trials, seeds, seed, parallel, target, schedule },
    lists: { problem: problems, optimizer: rules },
    estimate(p) {
      const now = state.get();
      return {
        text: [h('strong', null, `About ${plural(p.trainings, 'training')}`),
          `: ${plural(p.contenders.length, 'rule')} × ${plural(p.problems, 'problem')} × ${count(p.each)}, that is ${count(now.trials)} to tune, ${count(p.each - now.trials - 2 * now.seeds)} to select and ${count(2 * now.seeds)} on fresh seeds.`],
        title: p.contenders.map((c) => `${c.name}: tuning begins around ${number4(c.rate)}`).join('\n'),
      };
    },
  });
  const take = (patch: Partial<CompareState>): void => {
    state.set(patch);
    const now = state.get();
    problems.set(now.problem);
    rules.set(now.optimizer);
    schedule.set(now.schedule);
    steps.set(now.steps);
    epochs.set(now.epochs);
    trials.set(now.trials);
    seeds.set(now.seeds);
    target.set(now.target);
    end.plan();
  };
  end.plan();

  const root = h('form', { class: 'lab-form', novalidate: true, on: { submit: (e) => e.preventDefault() } },
    m.own ? null : h('div', { class: 'presets', role: 'group', 'aria-label': 'Begin with' }, presets(m).map((p) =>
      button({ label: p.label, title: p.note, on: () => take(p.patch) }).root)),
    h('div', { class: 'lab-columns' },
      h('div', null, m.own ? h('p', null, 'On the model of this program.') : problems.root, rules.root),
      h('div', null,
        h('div', { class: 'field-grid' }, steps.root, epochs.root, trials.root, seeds.root),
        schedule.root,
        disclosure({ label: 'More', open: s.target !== '' || s.seed !== 0 || s.parallel !== 0 },
          h('div', { class: 'field-grid' }, target.root, seed.root, parallel.root)))),
    end.root);
  return { root, destroy: end.destroy };
}
