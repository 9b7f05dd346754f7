import { contours } from 'd3-contour';
import type { Painter } from '../painter';
import { theme } from '../style';
import { unit } from '../ticks';
import { near, type Geometry } from './geometry';
import type { Relief } from './relief';

interface Band {
  /** Rings of x, y in shares of the grid, from its lower left. */
  rings: Float32Array[];
  colour: number;
}

/** The part of a plane that a grid covers. */
export interface Covered {
  xmin: number;
  xmax: number;
  ymin: number;
  ymax: number;
}

/** The level lines of a relief, worked out once and drawn wherever the plane is moved. */
export class Bands {
  private readonly bands: Band[];
  private readonly holes: Float32Array[] = [];

  constructor(r: Relief) {
    const thresholds = Array.from({ length: r.bands - 1 }, (_, k) => (k + 1) / r.bands);
    const levels = contours().size([r.n, r.n]).thresholds(thresholds)(r.heights);
    this.bands = levels.map((level, k) => ({ rings: ringsOf(level.coordinates, r.n), colour: k + 1 }));
    if (r.undefined > 0) {
      const [hole] = contours().size([r.n, r.n]).thresholds([0.5])(r.values.map((v) => (v === null ? 1 : 0)));
      this.holes = ringsOf(hole?.coordinates ?? [], r.n);
    }
  }

  /** Fills what the grid covers, whose places are evenly spaced on the axes as they are drawn. */
  paint(p: Painter, g: Geometry, over: Covered, colours: readonly string[]): void {
    const t = theme();
    const place = placing(g, over);
    p.clip(g.box, () => {
      p.area([place(whole)], { fill: colours[0] ?? t.plot });
      for (const band of this.bands) {
        if (band.rings.length > 0) p.area(band.rings.map(place), { fill: colours[band.colour] ?? t.plot, stroke: { color: t.isoline, width: 0.75 } });
      }
      if (this.holes.length > 0) p.area(this.holes.map(place), { fill: t.void });
    });
  }
}

const whole = new Float32Array([0, 0, 1, 0, 1, 1, 0, 1]);

/** Rings of d3-contour, whose grid has its values in the middle of cells. */
function ringsOf(polygons: number[][][][], n: number): Float32Array[] {
  return polygons.flatMap((polygon) => polygon.map((ring) => {
    const out = new Float32Array(2 * ring.length);
    ring.forEach(([x = 0, y = 0], i) => {
      out[2 * i] = (x - 0.5) / (n - 1);
      out[2 * i + 1] = (y - 0.5) / (n - 1);
    });
    return out;
  }));
}

/** Puts rings in shares of the grid onto the board. */
function placing({ box, x, y }: Geometry, over: Covered): (ring: Float32Array) => Float32Array {
  const left = box.x + unit(x, over.xmin) * box.width;
  const bottom = box.y + (1 - unit(y, over.ymin)) * box.height;
  const width = (unit(x, over.xmax) - unit(x, over.xmin)) * box.width;
  const height = (unit(y, over.ymax) - unit(y, over.ymin)) * box.height;
  return (ring) => {
    const out = new Float32Array(ring.length);
    for (let i = 0; i < ring.length; i += 2) {
      out[i] = near(left + (ring[i] ?? 0) * width);
      out[i + 1] = near(bottom - (ring[i + 1] ?? 0) * height);
    }
    return out;
  };
}
