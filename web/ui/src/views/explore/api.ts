import { num } from '../../api';
import type { FunctionInfo } from '../../meta';
import type { Relief } from '../../plane/relief';

export type { Relief };

// What POST /api/explore/… answers: see web/explore*.go.

export interface Rectangle {
  xmin: number;
  xmax: number;
  ymin: number;
  ymax: number;
}

/** A number of the server: what JSON lacks is "NaN", "+Inf" or "-Inf". */
export type Real = number | string;

/** A function as it is drawn. */
export interface Terrain extends FunctionInfo {
  /** An expression of the user's. */
  own: boolean;
  gradient: [string, string];
  depends_on: [boolean, boolean];
  stationary: { x: number; y: number; value: number; kind: 'minimum' | 'maximum' | 'saddle' }[];
  shown: Rectangle;
  relief?: Relief;
  no_relief?: string;
  colours: Record<'light' | 'dark', { bands: string[]; surface: string[] }>;
}

export interface Conditions {
  function: string;
  start: [number, number] | null;
  schedule: string;
  steps: number;
  noise: number;
  seed: number;
}

export interface Paths {
  start: [number, number];
  steps: number;
  paths: Path[];
  command: string;
  detail: boolean;
}

/** The path of a rule: columns are as long as step. */
export interface Path {
  optimizer: string;
  label: string;
  lr: number;
  /** Of its own. */
  schedule?: string;
  step: number[];
  stride: number;
  x: Real[];
  y: Real[];
  f: Real[];
  rate?: Real[];
  gradient_x?: Real[];
  gradient_y?: Real[];
  gradient_norm?: Real[];
  distance?: Real[];
  momentum_x?: Real[];
  momentum_y?: Real[];
  alpha?: Real[];
  final_loss: Real;
  taken: number;
  verdict: string;
  why: string;
  end: number[] | null;
  end_gradient: Real;
  eigenvalues: Real[] | null;
  end_distance: Real | null;
  /** The step from which on it is within near of a known minimum. */
  arrived: number | null;
  failed: boolean;
  diverged: { step: number; cause: string } | null;
  oscillating: { step: number; ceased: boolean } | null;
  near: number;
}

/** What the function is like at a point. */
export interface Place {
  x: number;
  y: number;
  value: Real;
  gradient: [Real, Real];
  gradient_norm: Real;
  hessian: [Real, Real, Real];
  eigenvalues: [Real, Real];
  eigenvectors: [[Real, Real], [Real, Real]];
  condition: Real;
  kind: string;
  why: string;
  nearest: { x: number; y: number; value: number; global: boolean } | null;
  distance: Real;
}

export interface Rates {
  rates: Rate[];
  verdict: string;
  how: string;
  protocol: string[];
  trials: number;
  seconds: number;
  command: string;
}

export interface Rate {
  spec: string;
  lr: number;
  usual: number;
  edge: boolean;
  final: Real;
  untuned: Real;
  diverged: number;
  tried: { lr: number; loss: Real }[];
}

/** A column as numbers. */
export function column(values: readonly Real[] | undefined): Float64Array {
  const out = new Float64Array(values?.length ?? 0);
  values?.forEach((v, i) => { out[i] = num(v); });
  return out;
}

/** The index in a path of the last point at a step or before it. */
export function indexAt(path: Pick<Path, 'step' | 'stride'>, step: number): number {
  const last = path.step.length - 1;
  // All but the last are multiples of the stride.
  if (step >= (path.step[last] ?? 0)) return last;
  return Math.max(0, Math.min(last - 1, Math.floor(step / path.stride)));
}

/** Does one thing at a time: a new one gives up the one before. */
export class Latest {
  private control: AbortController | undefined;

  run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.control?.abort();
    this.control = new AbortController();
    return work(this.control.signal);
  }

  cancel(): void {
    this.control?.abort();
    this.control = undefined;
  }
}

/** How long a request may keep a newer one waiting, in ms. */
const patience = 300;

/**
 * Asks again and again while something is dragged: one request is under way, and of those that come
 * meanwhile only the newest follows. One that takes long is given up for it.
 */
export class Freshest {
  private control: AbortController | undefined;
  private waiting: (() => Promise<void>) | undefined;
  private began = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  ask<T>(work: (signal: AbortSignal) => Promise<T>, done: (answer: T) => void, failed: (error: unknown) => void): void {
    this.waiting = async () => {
      const mine = new AbortController();
      this.control = mine;
      this.began = performance.now();
      try {
        const answer = await work(mine.signal);
        if (!mine.signal.aborted) done(answer);
      } catch (error) {
        if (!mine.signal.aborted) failed(error);
      } finally {
        if (this.control === mine) this.next();
      }
    };
    if (!this.control) return this.next();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.waiting) return;
      this.control?.abort();
      this.next();
    }, Math.max(0, this.began + patience - performance.now()));
  }

  cancel(): void {
    clearTimeout(this.timer);
    this.waiting = undefined;
    this.control?.abort();
    this.control = undefined;
  }

  private next(): void {
    clearTimeout(this.timer);
    const work = this.waiting;
    this.control = undefined;
    this.waiting = undefined;
    if (work) void work();
  }
}
