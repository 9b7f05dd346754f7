import type { SeriesStyle } from '../style';

export interface Axis {
  label: string;
  log?: boolean;
  /** Whole numbers: there is nothing between them to label. */
  whole?: boolean;
  /** Ends that are held whatever the data are. */
  min?: number;
  max?: number;
}

export interface Mark {
  x: number;
  /** Without it the mark lies on the series; Infinity is the upper edge. */
  y?: number;
  kind: 'nan' | 'diverged' | 'best' | 'checkpoint';
  text: string;
}

/** One line. */
export interface Series {
  /** Names the series in the legend and stays the same from one spec to the next. */
  name: string;
  /** In ascending order. */
  x: ArrayLike<number>;
  /** null or NaN: a gap. */
  y: ArrayLike<number | null>;
  /** A band round the line, as long as y. */
  low?: ArrayLike<number | null>;
  high?: ArrayLike<number | null>;
  /** Thin and pale, left out of the legend and the cursor: the raw values under a smooth line. */
  faint?: boolean;
  style: SeriesStyle;
  marks?: readonly Mark[];
  /** A marker at every point, not only now and then. */
  points?: boolean;
  /** Points alone, which no line joins. */
  scatter?: boolean;
  /** Hidden until the reader shows it. */
  hidden?: boolean;
}

export interface ChartSpec {
  id: string;
  title: string;
  caption?: string;
  x: Axis;
  y: Axis;
  series: readonly Series[];
  /** Cursors and zoom of the charts of one group move together. */
  group?: string;
  verticals?: readonly { x: number; text: string }[];
  command?: () => string;
  /** Of the plot with its axes, in CSS pixels. Default 300. */
  height?: number;
  /** What stands in the plot while there is nothing to draw. */
  empty?: string;
  /** The level of the title; default 2. */
  level?: 2 | 3 | 4;
  /** Called when the reader has zoomed, with the part of the x axis that is seen; null: all of it. */
  onZoom?: (window: { lo: number; hi: number } | null) => void;
  /** Told of where the cursor is, null when it leaves, and of a place that is clicked or taken with Enter. */
  on?: { point?(x: number | null): void; pick?(x: number): void };
}

/** A value as a number; what is missing is NaN. */
export function at(values: ArrayLike<number | null> | undefined, i: number): number {
  return values?.[i] ?? NaN;
}
