// What the server and this view say to each other: web/schedules.go.

/** A part of a schedule that is a row of them, one after another. */
export interface Block {
  kind: string;
  /** A factor, as text. */
  scale?: string;
  /** The parameters that were given, as text. */
  params: Record<string, string>;
  /** All parameters as they are in a run of so many steps. */
  values?: Record<string, unknown>;
  /** The first step, and how many there are; none: up to the end. */
  from?: number;
  steps?: number;
}

export interface Asked {
  total: number;
  lr: number;
  schedules: ({ spec: string } | { blocks: Block[] })[];
}

export interface Wrong {
  error: string;
  /** spec; blocks.1; blocks.1.params.min */
  field?: string;
  column?: number;
}

export interface Drawn {
  spec: string;
  error?: Wrong;
  /** null: not a plain row of blocks. */
  blocks: Block[] | null;
  steps?: number[];
  rate?: (number | string)[];
  momentum?: (number | string)[];
  json?: unknown;
  go?: string;
  yaml?: string;
  flags?: string;
  command?: string;
}

export interface Answer {
  total: number;
  lr: number;
  schedules: Drawn[];
}
