import { num } from '../api';
import { number4, number6 } from '../format';
import type { Table } from '../table';
import { unit, type Scale } from '../ticks';
import type { AxisLook } from './paint';
import type { BandColours, Relief } from './relief';

/** A number of the server: what JSON lacks is "NaN", "+Inf" or "-Inf". */
type Real = number | string;

export interface MapAxis extends AxisLook {
  log?: boolean;
  /** The places of the grid. Choices count from 0, each with half a step to both sides. */
  at: number[];
}

/** Where something went on the plane. */
export interface MapPath {
  name: string;
  /** The place of its name among those that have one look in all figures. */
  look: number;
  x: number[];
  y: number[];
  f: Real[];
  step: number[];
  /** When and how it diverged, if it did. */
  diverged?: string;
}

/** A try of a search. */
export interface MapTry {
  number: number;
  x: number;
  y: number;
  /** Its settings on both axes. */
  at: [string, string];
  loss: Real;
  diverged?: boolean;
  best?: boolean;
}

/** A map as the server made it: see web/compare_figure.go. */
export interface MapData {
  x: MapAxis;
  y: MapAxis;
  /** What the heights are. */
  value: string;
  relief: Relief;
  paths: MapPath[];
  tries: MapTry[];
  minima: { x: number; y: number }[];
  colours: BandColours;
}

/** A point of a path by its number, or a try by its place in their list. */
export interface Spot {
  /** Of the paths; 0 for tries. */
  group: number;
  index: number;
  x: number;
  y: number;
}

export function scaleOf(a: MapAxis): Scale {
  return { lo: a.at[0] ?? 0, hi: a.at.at(-1) ?? 1, log: a.log ?? false };
}

/** The places of the grid where a cursor stops: every one, or the middle of each choice. */
export function stopsOf(a: MapAxis): number[] {
  const last = a.at.length - 1;
  if (!a.choices) return a.at.map((_, i) => i);
  const n = a.choices.length;
  return a.choices.map((_, i) => Math.round(((i + 0.5) / n) * last));
}

/** The number of the stop nearest to a value. */
export function stopAt(a: MapAxis, v: number): number {
  const last = (a.choices?.length ?? a.at.length) - 1;
  const at = a.choices ? v : unit(scaleOf(a), v) * last;
  return Math.max(0, Math.min(last, Math.round(Number.isNaN(at) ? 0 : at)));
}

/** What an axis says at one of its stops. */
export function stopText(a: MapAxis, stop: number): string {
  return `${a.label} ${a.choices ? a.choices[stop] ?? '' : number4(a.at[stop] ?? NaN)}`;
}

/** The groups of spots: each path, or all tries. */
export function spotsOf(d: MapData): Spot[][] {
  if (d.tries.length > 0) return [d.tries.map((t, index) => ({ group: 0, index, x: t.x, y: t.y }))];
  return d.paths.map((p, group) => p.x.map((x, index) => ({ group, index, x, y: p.y[index] ?? NaN })));
}

/** What there is to say of a spot. */
export interface Said {
  name: string;
  place: string;
  value: string;
  note: string;
  /** The note is of a divergence. */
  lost: boolean;
}

const beyond = ({ at }: MapAxis, v: number): boolean => v < (at[0] ?? v) || v > (at.at(-1) ?? v);

export function spotSaid(d: MapData, s: Spot): Said {
  const t = d.tries[s.index];
  if (t) {
    return {
      name: `try ${t.number}`, place: `${d.x.label} ${t.at[0]}, ${d.y.label} ${t.at[1]}`,
      value: t.diverged ? '' : number6(num(t.loss)), note: t.diverged ? 'diverged' : t.best ? 'the best' : '', lost: t.diverged ?? false,
    };
  }
  const p = d.paths[s.group];
  const lost = p && s.index === p.x.length - 1 ? p.diverged ?? '' : '';
  return {
    name: `${p?.name ?? ''}, step ${p?.step[s.index] ?? 0}`, place: `${d.x.label} ${number6(s.x)}, ${d.y.label} ${number6(s.y)}${beyond(d.x, s.x) || beyond(d.y, s.y) ? ', beyond the map' : ''}`,
    value: number6(num(p?.f[s.index])), note: lost, lost: lost !== '',
  };
}

/** What lies on the map, as rows. */
export function mapTable(d: MapData, caption: string): Table {
  const value = (v: Real | undefined): number => num(v);
  if (d.tries.length > 0) {
    const cell = (a: MapAxis, text: string): string | number => (a.choices || !Number.isFinite(Number(text)) ? text : Number(text));
    return {
      caption,
      columns: [{ name: 'try', numeric: true }, { name: d.x.label, numeric: !d.x.choices }, { name: d.y.label, numeric: !d.y.choices }, { name: 'loss', numeric: true }, { name: 'which' }],
      rows: d.tries.map((t) => [t.number, cell(d.x, t.at[0]), cell(d.y, t.at[1]), value(t.loss), t.diverged ? 'diverged' : t.best ? 'the best' : null]),
    };
  }
  return {
    caption,
    columns: [{ name: 'rule' }, ...['step', d.x.label, d.y.label, d.value].map((name) => ({ name, numeric: true })), { name: 'end' }],
    rows: d.paths.flatMap((p) => p.x.map((x, i) => [
      p.name, p.step[i] ?? null, x, p.y[i] ?? null, value(p.f[i]), i < p.x.length - 1 ? null : p.diverged ?? 'end',
    ])),
  };
}

/** The heights of the map, place by place. */
export function gridTable(d: MapData, caption: string): Table {
  const { n, values } = d.relief;
  const name = (a: MapAxis, i: number): string | number => (a.choices ? a.choices[stopAt(a, a.at[i] ?? 0)] ?? '' : a.at[i] ?? NaN);
  return {
    caption,
    columns: [{ name: d.x.label, numeric: !d.x.choices }, { name: d.y.label, numeric: !d.y.choices }, { name: d.value, numeric: true }],
    rows: values.map((v, k) => [name(d.x, k % n), name(d.y, Math.floor(k / n)), v]),
  };
}
