import { flagList, flagText, type Flags, type Job } from '../../lab/job';
import { type Meta } from '../../meta';
import { int, json, list, oneOf, text, type UrlState } from '../../url';

export const modes = ['settings', 'rate'] as const;
export const sources = ['function', 'data', 'experiment'] as const;

/** An interval of an axis, in its numbers; choices count from 0. */
export type Brushes = Record<string, [number, number]>;

/** All that the address of a search holds: the form, the job that is looked at, and what is picked out of it. */
export interface TuneState {
  job: string;
  /** What is searched: any settings, or the learning rate by a range test. */
  mode: (typeof modes)[number];
  on: (typeof sources)[number];
  function: string;
  data: string;
  model: string;
  experiment: string;
  optimizer: string;
  schedule: string;
  steps: number;
  epochs: number;
  batch: number;
  seed: number;
  space: string[];
  sampler: string;
  pruner: string;
  trials: number;
  budget: number;
  seeds: number;
  finalists: number;
  fresh: number;
  eta: number;
  rungs: number;
  parallel: number;
  /** The number of the dimension that slices are shown of. */
  slice: number;
  /** How many of the best tries stand out. */
  top: number;
  brush: Brushes;
}

export type State = UrlState<TuneState>;

export const usual = { trials: 30, seeds: 1, finalists: 3, fresh: 10, eta: 3, rungs: 4 };

export function codec(m: Meta) {
  const of = (key: string): string => m.settings.find((s) => s.key === key)?.default ?? '';
  return {
    job: text(), mode: oneOf(modes, 'settings'), on: oneOf(sources, 'function'),
    function: text('rosenbrock'), data: text(of('data') || 'digits'), model: text('mlp:32'), experiment: text(),
    optimizer: text('sgd'), schedule: text(), steps: int(0), epochs: int(0), batch: int(0), seed: int(0),
    space: list(['lr=1e-5..1e-2 log', 'optimizer.momentum=0..0.99']),
    sampler: text('tpe'), pruner: text('none'), trials: int(usual.trials), budget: int(0), seeds: int(usual.seeds),
    finalists: int(usual.finalists), fresh: int(usual.fresh), eta: int(usual.eta), rungs: int(usual.rungs), parallel: int(0),
    slice: int(0), top: int(10), brush: json<Brushes>({}, isBrushes),
  };
}

function isBrushes(v: unknown): v is Brushes {
  return typeof v === 'object' && v !== null && !Array.isArray(v) && Object.values(v).every((b) =>
    Array.isArray(b) && b.length === 2 && b.every((n) => typeof n === 'number' && Number.isFinite(n)));
}

/** The flags that say on what is searched, as those of descent train. */
function taskFlags(s: TuneState, m: Meta): Flags {
  const flags: Flags = {};
  if (s.on === 'experiment') return flags;
  if (!m.own) {
    if (s.on === 'function') flags.function = s.function;
    else {
      flags.data = s.data;
      flags.model = s.model;
    }
  }
  flags.optimizer = s.optimizer;
  if (s.schedule !== '') flags.schedule = s.schedule;
  if (s.steps > 0) flags.steps = String(s.steps);
  if (s.epochs > 0 && s.on === 'data') flags.epochs = String(s.epochs);
  if (s.batch > 0 && s.on === 'data') flags.batch = String(s.batch);
  if (s.seed !== 0) flags.seed = String(s.seed);
  return flags;
}

/** The flags of descent tune, or of descent find-lr, that say what the form says. */
export function tuneFlags(s: TuneState, m: Meta): Flags {
  const flags = taskFlags(s, m);
  if (s.parallel > 0) flags.parallel = String(s.parallel);
  if (s.mode === 'rate') {
    if (s.seeds > 2) flags.seeds = String(s.seeds);
    if (s.budget > 0) flags.budget = String(s.budget);
    return flags;
  }
  if (s.space.length > 0) flags.space = s.space;
  if (s.sampler !== 'tpe') flags.sampler = s.sampler;
  if (s.pruner !== 'none') {
    flags.pruner = s.pruner;
    if (s.eta !== usual.eta) flags.eta = String(s.eta);
    if (s.rungs !== usual.rungs) flags.rungs = String(s.rungs);
  }
  for (const [name, value, otherwise] of [
    ['trials', s.trials, s.pruner === 'none' ? 0 : -1], ['budget', s.budget, 0], ['seeds', s.seeds, usual.seeds],
    ['finalists', s.finalists, usual.finalists], ['fresh-seeds', s.fresh, usual.fresh],
  ] as const) {
    if (value !== otherwise) flags[name] = String(value);
  }
  return flags;
}

/** The form as it was when a job was started. */
export function fromJob(job: Job): Partial<TuneState> {
  const text = (name: string): string | undefined => flagText(job.flags, name);
  const whole = (name: string, otherwise: number): number => Number(text(name) ?? otherwise);
  const data = text('data');
  return {
    mode: job.kind === 'find-lr' ? 'rate' : 'settings',
    ...(text('function') !== undefined ? { on: 'function', function: text('function') ?? '' } : data !== undefined ? { on: 'data', data } : {}),
    ...(text('model') !== undefined ? { model: text('model') ?? '' } : {}),
    ...(text('optimizer') !== undefined ? { optimizer: text('optimizer') ?? '' } : {}),
    schedule: text('schedule') ?? '', steps: whole('steps', 0), epochs: whole('epochs', 0), batch: whole('batch', 0), seed: whole('seed', 0),
    ...(job.kind === 'tune' ? { space: flagList(job.flags, 'space') ?? [] } : {}),
    sampler: text('sampler') ?? 'tpe', pruner: text('pruner') ?? 'none', trials: whole('trials', 0), budget: whole('budget', 0),
    seeds: whole('seeds', usual.seeds), finalists: whole('finalists', usual.finalists), fresh: whole('fresh-seeds', usual.fresh),
    eta: whole('eta', usual.eta), rungs: whole('rungs', usual.rungs), parallel: whole('parallel', 0),
  };
}
