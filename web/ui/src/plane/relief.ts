import type { ThemeName } from '../style';

/** Heights on a grid, row by row from the lowest y up, as the server made them. */
export interface Relief {
  n: number;
  values: (number | null)[];
  /** The values on the scale of figures, 0 to 1. */
  heights: number[];
  /** The same on the scale of surfaces, if it was asked for. */
  lifts?: number[];
  min: string;
  max: string;
  undefined: number;
  /** Of contours, evenly spaced in heights. */
  bands: number;
  marks: { height: number; text: string }[];
  title: string;
}

/** The colours of the bands in each theme, from the lowest to the highest. */
export type BandColours = Record<ThemeName, string[]>;
