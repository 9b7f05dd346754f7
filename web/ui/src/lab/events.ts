import { num, stream, type Stream } from '../api';
import { jobPath, type Job } from './job';

// The events of the lab, as its log has them. Numbers that need not be finite are texts there: see num.

export type Real = number | string;

export interface Summary {
  median: Real;
  low: Real;
  high: Real;
}

export interface Outcome {
  seed: number;
  final: Real;
  seconds: number;
  diverged?: { step: number; cause: string };
}

export interface ComparisonStarted {
  event: 'comparison_started';
  t: number;
  trials: number;
  protocol: { contenders: string[]; trials: number };
  tasks: { name: string; objective: string; measure: string; budget: number }[];
}

export interface StageStarted {
  event: 'stage_started';
  t: number;
  task: string;
  stage: string;
  total: number;
}

export interface TrialDone {
  event: 'trial_done';
  t: number;
  task: string;
  stage: string;
  done: number;
  total: number;
  contender?: string;
  rate?: number;
  try?: number;
  outcome: Outcome;
  known?: boolean;
}

export interface RateChosen {
  event: 'rate_chosen';
  t: number;
  task: string;
  contender: string;
  rate: number;
  /** Trials of the start that there will not be. */
  spared?: number;
}

export interface TaskCompared {
  event: 'task_compared';
  t: number;
  task: string;
  verdict: { winner: string; best: string; text: string };
}

export interface Dimension {
  key: string;
  low?: number;
  high?: number;
  log?: boolean;
  int?: boolean;
  choices?: string[];
}

export interface TuningStarted {
  event: 'tuning_started';
  t: number;
  trainings: number;
  task: string;
  objective: string;
  measure: string;
  budget: number;
  sampler: string;
  pruner: string;
  tries?: number;
  seeds: number;
  space: { params: Dimension[] };
}

export interface TryLooked {
  event: 'try_looked';
  t: number;
  number: number;
  configuration: Record<string, string>;
  values: Real[];
  rung: number;
  share: number;
  loss: Real;
  diverged?: number;
  pruned?: boolean;
  seconds: number;
}

export interface TryChosen {
  event: 'try_chosen';
  t: number;
  number: number;
  finalists: { number: number }[] | null;
}

export interface SearchStarted {
  event: 'search_started';
  t: number;
  task: string;
  optimizer: string;
  steps: number;
  seeds: number;
  budget: number;
  within: number;
}

export interface Searching {
  event: 'searching';
  t: number;
  stage: string;
  spent: number;
  budget: number;
}

export interface RangeTested {
  event: 'range_tested';
  t: number;
  ramp: { rates: number[]; losses: Real[]; smoothed: Real[]; left: boolean };
}

export interface Suggestion {
  criterion: string;
  rate: number;
  loss: Real;
  good: boolean;
  why: string;
}

export interface RatesSuggested {
  event: 'rates_suggested';
  t: number;
  edge: { rate: Real; applies: boolean; note: string };
  suggestions: Suggestion[];
}

export interface RateTried {
  event: 'rate_tried';
  t: number;
  rate: number;
  losses: Real[];
  median: Real;
  diverged: number;
}

export interface RateAnswered {
  event: 'rate_answered';
  t: number;
  answer: { low: number; high: number; best: number; loss: Real; limit: Real; settled: boolean } | null;
  no_answer?: { reason: string; why: string };
}

export type LabEvent =
  | ComparisonStarted | StageStarted | TrialDone | RateChosen | TaskCompared
  | TuningStarted | TryLooked | TryChosen
  | SearchStarted | Searching | RangeTested | RatesSuggested | RateTried | RateAnswered
  | { event: 'finished'; t: number; summary: string } | { event: 'interrupted'; t: number } | { event: 'failed'; t: number; error: string };

/** A number of an event; a loss of a run that diverged is infinite. */
export function real(v: Real | undefined | null): number {
  return v === undefined || v === null ? NaN : num(v);
}

/** Whether an event is the first of its command, from which a reader starts over. */
export function isStart(e: LabEvent): boolean {
  return e.event === 'comparison_started' || e.event === 'tuning_started' || e.event === 'search_started';
}

export interface Follower {
  close(): void;
}

/**
 * Follows the events of a job from the first on. They arrive in their order, in batches of at most one
 * a frame, however many there are; restart says that what came before does not count any more.
 */
export function followJob(id: string, on: { events(batch: LabEvent[]): void; restart(): void; job(job: Job): void }): Follower {
  let batch: LabEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;
  const flush = (): void => {
    timer = undefined;
    const some = batch;
    batch = [];
    // Each start of the command writes all that it knows again.
    const from = some.findLastIndex(isStart);
    if (from >= 0) on.restart();
    if (some.length > 0) on.events(from > 0 ? some.slice(from) : some);
  };
  const open = (): Stream => stream(jobPath(id, '/events'), {
    event(name, data, place) {
      if (closed) return;
      if (name === 'job') on.job(JSON.parse(data) as Job);
      else if (name === 'rewind') {
        batch = [];
        on.restart();
        if (place === '0') return;
        s.close(); // some of the events still count: they are wanted again
        s = open();
      } else if (name === 'line') {
        batch.push(JSON.parse(data) as LabEvent);
        timer ??= setTimeout(flush, 50);
      }
    },
  });
  let s = open();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      s.close();
    },
  };
}
