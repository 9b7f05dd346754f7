import { int, list, number, type Field } from '../../url';

export interface State {
  /** Steps of the run. */
  total: number;
  lr: number;
  /** Specifications, as the command line takes them. */
  s: string[];
  /** The one that is edited. */
  at: number;
}

export const codec: { [K in keyof State]: Field<State[K]> } = {
  total: int(1000), lr: number(0.1), s: list(['warmup:steps=100+cosine', 'onecycle']), at: int(0),
};

/** The most schedules that the server draws at once. */
export const most = 12;

/** A part of a schedule that is a row of parts, one after another. */
export interface Block {
  kind: string;
  /** A factor, as text; empty: 1. */
  scale?: string;
  /** What was given, as text; the rest has its defaults. */
  params: Record<string, string>;
  /** All parameters as this run makes them; not sent. */
  values?: Record<string, unknown>;
  from?: number;
  steps?: number;
}

export interface Refusal {
  error: string;
  field?: string;
  column?: number;
}

/** A schedule with its curve, or what is wrong with it. */
export interface Drawn {
  spec: string;
  error?: Refusal;
  /** null: it has brackets or products, and is edited as text. */
  blocks: Block[] | null;
  steps?: number[];
  rate?: (number | string)[];
  momentum?: (number | string)[];
  go?: string;
  yaml?: string;
  flags?: string;
  command?: string;
}

/** What a block is when it is sent. */
export function bare(b: Block): Block {
  const params = Object.fromEntries(Object.entries(b.params).filter(([, v]) => v.trim() !== ''));
  return b.scale && b.scale !== '1' ? { kind: b.kind, scale: b.scale, params } : { kind: b.kind, params };
}
