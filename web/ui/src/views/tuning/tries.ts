import { real, type Dimension, type LabEvent, type TryLooked, type TuningStarted } from '../../lab/events';

/** A place of the space, with the last that is known of it. */
export interface Try {
  number: number;
  configuration: Record<string, string>;
  /** A number for each dimension; choices count from 0, NaN does not exist there. */
  values: number[];
  /** Infinite when it diverged. */
  loss: number;
  /** Of its budget. */
  share: number;
  pruned: boolean;
  diverged: boolean;
  seconds: number;
}

/** What is known of a search, as its events tell it. */
export interface Search {
  task: string;
  objective: string;
  pruner: string;
  dimensions: Dimension[];
  tries: Try[];
  /** The number of the try that was chosen on other seeds; 0: not yet. */
  chosen: number;
  finalists: number[];
}

export function emptySearch(): Search {
  return { task: '', objective: 'loss', pruner: 'none', dimensions: [], tries: [], chosen: 0, finalists: [] };
}

/** Takes events into a search, in their order. Returns whether it changed. */
export function takeEvents(s: Search, batch: readonly LabEvent[]): boolean {
  let changed = false;
  let found: Map<number, Try> | undefined;
  for (const e of batch) {
    if (e.event === 'tuning_started') {
      began(s, e);
      found = undefined;
    } else if (e.event === 'try_chosen') {
      s.chosen = e.number;
      s.finalists = (e.finalists ?? []).map((f) => f.number);
    } else if (e.event === 'try_looked') {
      found ??= new Map(s.tries.map((t) => [t.number, t]));
      const t = tryOf(e);
      // Where several are under way, they are looked at in any order.
      if ((found.get(t.number)?.share ?? 0) <= t.share) found.set(t.number, t);
    } else continue;
    changed = true;
  }
  if (found) s.tries = [...found.values()].sort((a, b) => a.number - b.number);
  return changed;
}

function began(s: Search, e: TuningStarted): void {
  Object.assign(s, emptySearch(), { task: e.task, objective: e.objective, pruner: e.pruner, dimensions: e.space.params });
}

function tryOf(e: TryLooked): Try {
  const loss = real(e.loss);
  return {
    number: e.number, configuration: e.configuration, values: e.values.map(real), loss: Number.isNaN(loss) ? Infinity : loss,
    share: e.share, pruned: e.pruned ?? false, diverged: !Number.isFinite(loss), seconds: e.seconds,
  };
}

/** Whether a try was trained to its end and can be compared. */
export function whole(t: Try): boolean {
  return !t.pruned && !t.diverged && t.share >= 1;
}

/** The tries from the best on: those trained to their end first, then those ended early, then those that diverged. */
export function ranked(tries: readonly Try[]): Try[] {
  const rank = (t: Try): number => (whole(t) ? 0 : t.diverged ? 2 : 1);
  return [...tries].sort((a, b) => rank(a) - rank(b) || a.loss - b.loss || a.number - b.number);
}

/** Those trained to their end that were better than all before them. */
export function improvements(tries: readonly Try[]): Try[] {
  let best = Infinity;
  return tries.filter((t) => {
    if (!whole(t) || t.loss >= best) return false;
    best = t.loss;
    return true;
  });
}

/** Those trained to their end that none is both quicker and better than, from the quickest on. */
export function paretoFront(tries: readonly Try[]): Try[] {
  let best = Infinity;
  return tries.filter(whole).sort((a, b) => a.seconds - b.seconds || a.loss - b.loss).filter((t) => {
    if (t.loss >= best) return false;
    best = t.loss;
    return true;
  });
}

/** Whether losses have a logarithmic axis: where none is negative, and one is above zero. */
export function logLosses(tries: readonly Try[]): boolean {
  const losses = tries.filter((t) => !t.diverged).map((t) => t.loss);
  return losses.some((v) => v > 0) && !losses.some((v) => v < 0);
}

export function configurationText(c: Record<string, string>): string {
  return Object.keys(c).sort().map((k) => `${k}=${c[k]}`).join(' ');
}
