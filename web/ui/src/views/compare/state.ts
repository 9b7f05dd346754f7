import { flagList, flagText, type Flags, type Job } from '../../lab/job';
import { type Meta } from '../../meta';
import { int, list, text, type UrlState } from '../../url';

/** All that the address of a comparison holds: the form, the job that is looked at, and its task. */
export interface CompareState {
  job: string;
  /** The number of the task that is shown, from 0. */
  task: number;
  problem: string[];
  optimizer: string[];
  schedule: string;
  steps: number;
  epochs: number;
  trials: number;
  seeds: number;
  target: string;
  seed: number;
  parallel: number;
}

export const usualProblems: readonly string[] = ['rosenbrock', 'digits/mlp:32'];
export const usualTrials = 15;
export const usualSeeds = 10;

export function codec(m: Meta) {
  return {
    job: text(), task: int(0), problem: list(m.own ? [] : usualProblems), optimizer: list(m.classic.map((c) => c.spec)),
    schedule: text(), steps: int(0), epochs: int(0), trials: int(usualTrials), seeds: int(usualSeeds), target: text(), seed: int(0), parallel: int(0),
  };
}

export type State = UrlState<CompareState>;

/** The flags of descent compare that say what the form says; what has its default is left out. */
export function compareFlags(s: CompareState, m: Meta): Flags {
  const flags: Flags = {};
  const classic = m.classic.map((c) => c.spec);
  if (!m.own && !same(s.problem, usualProblems)) flags.problem = s.problem;
  if (!same(s.optimizer, classic)) flags.optimizer = s.optimizer;
  if (s.schedule !== '') flags.schedule = s.schedule;
  for (const [name, value, usual] of [
    ['steps', s.steps, 0], ['epochs', s.epochs, 0], ['trials', s.trials, usualTrials], ['seeds', s.seeds, usualSeeds],
    ['seed', s.seed, 0], ['parallel', s.parallel, 0],
  ] as const) {
    if (value !== usual) flags[name] = String(value);
  }
  if (s.target !== '') flags.target = s.target;
  return flags;
}

/** The form as it was when a job was started. */
export function fromJob(job: Job, m: Meta): Partial<CompareState> {
  const whole = (name: string, usual: number): number => Number(flagText(job.flags, name) ?? usual);
  return {
    problem: flagList(job.flags, 'problem') ?? [...usualProblems],
    optimizer: flagList(job.flags, 'optimizer') ?? m.classic.map((c) => c.spec),
    schedule: flagText(job.flags, 'schedule') ?? '', target: flagText(job.flags, 'target') ?? '',
    steps: whole('steps', 0), epochs: whole('epochs', 0), trials: whole('trials', usualTrials), seeds: whole('seeds', usualSeeds),
    seed: whole('seed', 0), parallel: whole('parallel', 0),
  };
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((v, i) => v === b[i]);
}

export interface Preset {
  label: string;
  note: string;
  patch: Partial<CompareState>;
}

/** Where to begin. */
export function presets(m: Meta): Preset[] {
  const classic = m.classic.map((c) => c.spec);
  const usual = { schedule: '', steps: 0, epochs: 0, trials: usualTrials, seeds: usualSeeds, target: '' };
  return [
    {
      label: 'The classic family', note: 'eight rules on Rosenbrock’s valley and on digits',
      patch: { ...usual, problem: [...usualProblems], optimizer: classic },
    },
    {
      label: 'Adam and its kin', note: 'on digits, ten passes over the data',
      patch: { ...usual, problem: ['digits/mlp:32'], optimizer: ['adam', 'adamw', 'nadam', 'radam', 'rmsprop', 'lion'], epochs: 10 },
    },
    {
      label: 'What momentum buys', note: 'on quadratics of condition 100 and 10,000',
      patch: {
        ...usual, problem: ['quadratic:n=50,kappa=100', 'quadratic:n=50,kappa=10000'],
        optimizer: ['sgd', 'sgd:momentum=0.9', 'sgd:momentum=0.9,nesterov=true'], steps: 500,
      },
    },
    {
      label: 'Six functions', note: 'with performance profiles',
      patch: {
        ...usual, problem: ['rosenbrock', 'beale', 'booth', 'himmelblau', 'three-hump-camel', 'quadratic:n=20,kappa=100'],
        optimizer: ['momentum', 'rmsprop', 'adam', 'adagrad'], steps: 500,
      },
    },
    {
      label: 'A quick look', note: 'three rules on Rosenbrock’s valley, seconds',
      patch: { ...usual, problem: ['rosenbrock'], optimizer: ['sgd', 'momentum', 'adam'], steps: 500, trials: 9, seeds: 7 },
    },
  ];
}
