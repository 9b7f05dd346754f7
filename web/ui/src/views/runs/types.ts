// What the server tells of runs; web/runs.go, runs_show.go, runs_curves.go and runs_live.go write it.

/** A number of the server: NaN and infinities come as text. */
export type Real = number | string;

export interface RunList {
  seen: string;
  unchanged?: boolean;
  columns: string[];
  runs: RunRow[];
  total: number;
  fields: string[];
  tags: string[];
  /** Settings whose values differ among the runs listed. */
  varied: string[];
  /** The folder of runs. */
  root: string;
}

export interface RunRow {
  id: string;
  name?: string;
  created?: string;
  status: Status;
  verdict?: string;
  problem?: string;
  tags: string[];
  cells: (Real | null)[];
}

export const statuses = ['running', 'finished', 'converged', 'stopped', 'diverged', 'interrupted', 'failed', 'crashed', 'unknown'] as const;
export type Status = (typeof statuses)[number];

export interface Setting {
  key: string;
  value: string;
}

export interface RunPage {
  id: string;
  name?: string;
  dir: string;
  created: string;
  status: Status;
  verdict?: string;
  problem?: string;
  metrics: Record<string, Real>;
  settings: Setting[];
  recorded: Setting[];
  /** The command that it was run with, as it was typed. */
  command?: string;
  experiment: string;
  tags: string[];
  checkpoints: { name: string; step: number; epoch: number; bytes: number; problem?: string }[];
  files: { name: string; bytes: number }[];
  /** A process works on it. */
  running: boolean;
  resume?: string;
  repeat?: string;
  plot: string;
}

export interface Difference {
  field: string;
  values: (string | null)[];
}

export interface Comparison {
  ids: string[];
  settings: Difference[];
  metrics: Difference[];
}

export const axes = ['step', 'epoch', 'examples', 'seconds'] as const;
export type Axis = (typeof axes)[number];

export interface Line {
  x: number[];
  y: (number | null)[];
}

export interface Curve extends Line {
  metric: string;
  smooth?: Line;
  points: number;
  bad?: { x: number; step: number; value: Real; skipped?: boolean; more?: number }[];
}

export interface RunMark {
  kind: 'resumed' | 'checkpoint' | 'oscillating' | 'diverged' | 'finished';
  x: number;
  step: number;
  text: string;
  loss?: Real;
}

export interface RunDrawn {
  id: string;
  /** How far its log was read. */
  place: string;
  status: Status;
  names: string[];
  epochs: boolean;
  planned: number;
  steps: number;
  seconds: number;
  skipped: number;
  clipped: number;
  problem?: string;
  curves: Curve[];
  marks: RunMark[];
  finished: boolean;
}

export interface Band {
  metric: string;
  x: number[];
  mid: (number | null)[];
  low: (number | null)[];
  high: (number | null)[];
  edges: string;
  runs: number;
}

export interface Drawn {
  x: Axis;
  runs: RunDrawn[];
  groups?: { name: string; runs: string[]; bands: Band[] }[];
}

/** What an event "points" has. */
export interface Points {
  id: string;
  from: string;
  to: string;
  curves: Curve[];
  /** How many of the last marks so far are no more: the log was cut back behind the points. */
  void?: number;
  marks?: RunMark[];
  names?: string[];
}

export interface Diagnosis {
  id: string;
  step: number;
  count: number;
  cosine: Real | null;
  alpha: Real | null;
  along: Real | null;
  sharpness: Real | null;
  edge: Real | null;
  params: { name: string; value: Real | null; grad: Real | null; update: Real | null; ratio: Real | null }[];
}

/** A training that the page has started; its id is that of its run. */
export interface Job {
  id: string;
  kind: string;
  state: 'queued' | 'running' | 'paused' | 'stopped' | 'done' | 'failed' | 'diverged';
  asked?: string;
  command: string;
  error?: string;
  run?: string;
  place?: number;
}

export function isOver(s: Status): boolean {
  return s !== 'running' && s !== 'unknown';
}
