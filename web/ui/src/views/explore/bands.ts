import { contours } from 'd3-contour';
import type { Painter } from '../../painter';
import { theme } from '../../style';
import type { Rectangle, Terrain } from './api';
import { toX, toY, type Geometry } from './geometry';

interface Band {
  /** Rings of x, y in shares of the domain, from its lower left. */
  rings: Float32Array[];
  colour: number;
}

/** The level lines of a terrain, worked out once and drawn wherever the plane is moved. */
export class Bands {
  private readonly bands: Band[];
  private readonly holes: Float32Array[];

  constructor(private readonly terrain: Terrain) {
    const r = terrain.relief;
    this.bands = [];
    this.holes = [];
    if (!r) return;
    const thresholds = Array.from({ length: r.bands - 1 }, (_, k) => (k + 1) / r.bands);
    const levels = contours().size([r.n, r.n]).thresholds(thresholds)(r.heights);
    levels.forEach((level, k) => this.bands.push({ rings: ringsOf(level.coordinates, r.n), colour: k + 1 }));
    if (r.undefined > 0) {
      const [hole] = contours().size([r.n, r.n]).thresholds([0.5])(r.values.map((v) => (v === null ? 1 : 0)));
      this.holes = ringsOf(hole?.coordinates ?? [], r.n);
    }
  }

  paint(p: Painter, g: Geometry): void {
    const { box } = g;
    const t = theme();
    const { bands } = this.terrain.colours[t.name];
    p.clip(box, () => {
      const there = this.terrain.relief ? placed(g, this.terrain.shown, whole) : [];
      if (this.terrain.relief) p.area([there], { fill: bands[0] ?? t.plot });
      for (const band of this.bands) {
        const rings = band.rings.map((ring) => placed(g, this.terrain.shown, ring));
        if (rings.length > 0) p.area(rings, { fill: bands[band.colour] ?? t.plot, stroke: { color: t.isoline, width: 0.75 } });
      }
      if (this.holes.length > 0) p.area(this.holes.map((ring) => placed(g, this.terrain.shown, ring)), { fill: t.void });
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

function placed(g: Geometry, shown: Rectangle, ring: Float32Array): Float32Array {
  const out = new Float32Array(ring.length);
  const w = shown.xmax - shown.xmin;
  const h = shown.ymax - shown.ymin;
  for (let i = 0; i < ring.length; i += 2) {
    out[i] = toX(g, shown.xmin + (ring[i] ?? 0) * w);
    out[i + 1] = toY(g, shown.ymin + (ring[i + 1] ?? 0) * h);
  }
  return out;
}
