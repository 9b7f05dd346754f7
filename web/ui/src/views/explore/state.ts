import { flag, int, list, number, oneOf, text, urlState, type Field, type UrlState } from '../../url';
import type { Rectangle } from './api';

/** What the address holds. */
export interface Explored {
  /** The function: a name with parameters, or an expression. */
  f: string;
  /** The start; null: the function's own. */
  start: Point | null;
  /** Rules as the command line writes them. */
  o: string[];
  steps: number;
  schedule: string;
  noise: number;
  seed: number;
  /** The step that is shown; -1 is the end. */
  at: number;
  /** What of the plane is shown; null: the function's own domain. */
  view: Rectangle | null;
  speed: Speed;
  /** The rule by name whose step is looked into; '': the one that ends lowest. */
  who: string;
  /** What is drawn at the step: arrows of gradient and momentum, curvature. */
  arrows: boolean;
  curve: boolean;
  surface: boolean;
  /** The surface as it is turned, in degrees. */
  turn: number;
  tilt: number;
}

export type Point = [number, number];

export const speeds = ['0.25', '0.5', '1', '2', '4'] as const;
export type Speed = (typeof speeds)[number];

export type State = UrlState<Explored>;

export const initial = ['sgd:lr=0.001', 'momentum:lr=0.0005', 'rmsprop:lr=0.02', 'adam:lr=0.2'];

const point: Field<Point | null> = {
  initial: null,
  parse(t) {
    const p = t.split(',').map(Number);
    return t !== '' && p.length === 2 && p.every(Number.isFinite) ? (p as Point) : undefined;
  },
  format: (v) => (v ? v.join(',') : ''),
};

const rectangle: Field<Rectangle | null> = {
  initial: null,
  parse(t) {
    const [xmin = NaN, xmax = NaN, ymin = NaN, ymax = NaN] = t.split(',').map(Number);
    return xmin < xmax && ymin < ymax && [xmin, xmax, ymin, ymax].every(Number.isFinite) ? { xmin, xmax, ymin, ymax } : undefined;
  },
  format: (v) => (v ? [v.xmin, v.xmax, v.ymin, v.ymax].join(',') : ''),
};

const between = (low: number, high: number, field: Field<number>): Field<number> => ({
  ...field,
  parse(t) {
    const v = field.parse(t);
    return v !== undefined && v >= low && v <= high ? v : undefined;
  },
});

export const mostSteps = 100_000;

export function openState(): State {
  return urlState<Explored>({
    f: text('rosenbrock'),
    start: point,
    o: list(initial),
    steps: between(1, mostSteps, int(500)),
    schedule: text(),
    noise: between(0, Infinity, number(0)),
    seed: between(0, Number.MAX_SAFE_INTEGER, int(0)),
    at: between(-1, mostSteps, int(-1)),
    view: rectangle,
    speed: oneOf(speeds, '1'),
    who: text(),
    arrows: flag(true),
    curve: flag(true),
    surface: flag(false),
    turn: between(-360, 360, int(-35)),
    tilt: between(5, 90, int(35)),
  });
}

