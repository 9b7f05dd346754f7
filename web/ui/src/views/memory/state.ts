import { int, list, oneOf, text, type Field } from '../../url';

export const ways = ['count', 'model', 'shapes'] as const;
export const types = ['float32', 'float64'] as const;

export interface State {
  by: (typeof ways)[number];
  params: string;
  model: string;
  inputs: string;
  outputs: number;
  shapes: string;
  dtype: (typeof types)[number];
  /** None: all rules with their defaults. */
  rules: string[];
  memory: string;
}

export const codec: { [K in keyof State]: Field<State[K]> } = {
  by: oneOf(ways, 'count'), params: text('7B'), model: text('mlp:128,64'), inputs: text('784'), outputs: int(10),
  shapes: text('784x128\n128\n128x10\n10'), dtype: oneOf(types, 'float32'), rules: list([]), memory: text('80GB'),
};

/** The body of POST /api/memory. */
export interface Asked {
  params?: string;
  model?: string;
  inputs?: number[];
  outputs?: number;
  shapes?: number[][];
  optimizers?: string[];
  dtype: string;
  memory?: string;
}

/** A place of the form that a text does not fit, in words. */
export class Misfit extends Error {
  constructor(readonly field: keyof State, message: string) {
    super(message);
  }
}

/** Reads the form as a request. */
export function asked(s: State): Asked {
  const a: Asked = { dtype: s.dtype };
  if (s.by === 'count') a.params = s.params.trim();
  else if (s.by === 'model') {
    a.model = s.model.trim();
    a.inputs = shape(s.inputs, 'inputs', 'Want the shape of an example, such as 784 or 1x28x28.');
    a.outputs = s.outputs;
  } else {
    a.shapes = s.shapes.split(/[\n;]/).filter((line) => line.trim() !== '')
      .map((line, i) => shape(line, 'shapes', `Line ${i + 1}: want the shape of an array, such as 784x128.`));
    if (a.shapes.length === 0) throw new Misfit('shapes', 'Want at least one shape, such as 784x128.');
  }
  if (s.rules.length > 0) a.optimizers = s.rules;
  if (s.memory.trim() !== '') a.memory = s.memory.trim();
  return a;
}

/** Reads 784x128, 784×128, 784, 128 or [784, 128]. */
function shape(line: string, field: keyof State, why: string): number[] {
  const parts = line.replace(/^\s*[[(]|[\])]\s*$/g, '').split(/[x×*,\s]+/).filter((p) => p !== '');
  if (parts.length === 0 || !parts.every((p) => /^\d{1,15}$/.test(p) && Number(p) >= 1)) throw new Misfit(field, why);
  return parts.map(Number);
}

/** The answer of POST /api/memory, in bytes. */
export interface Told {
  params: number;
  dtype: string;
  memory?: number;
  runs: Rule[];
  command: string;
}

export interface Rule {
  optimizer: string;
  title: string;
  slots: string[];
  parameters: number;
  gradients: number;
  state: number;
  total: number;
  bytes_per_parameter: number;
  fits: boolean;
  largest: number;
}

/** A number of parameters as people say it: 7B, 350M, 1.23M. */
export function countText(n: number): string {
  for (const [size, unit] of [[1e12, 'T'], [1e9, 'B'], [1e6, 'M'], [1e3, 'k']] as const) {
    if (n >= size) return `${Number((n / size).toPrecision(3))}${unit}`;
  }
  return String(n);
}
