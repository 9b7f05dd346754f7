import type { Rectangle } from './api';

/** Heights, 0 to 1, at m by m places of the unit square, row by row from the lowest y up. */
export interface Mesh {
  m: number;
  heights: ArrayLike<number>;
}

/** The height of a mesh between its places. */
export function heightAt({ m, heights }: Mesh, u: number, v: number): number {
  const x = u * (m - 1);
  const y = v * (m - 1);
  const i = Math.min(m - 2, Math.floor(x));
  const j = Math.min(m - 2, Math.floor(y));
  const k = j * m + i;
  const a = heights[k] ?? 0;
  const b = heights[k + m] ?? 0;
  const low = a + (x - i) * ((heights[k + 1] ?? 0) - a);
  const high = b + (x - i) * ((heights[k + m + 1] ?? 0) - b);
  return low + (y - j) * (high - low);
}

/** How the surface stands to the eye: turned and tilted, in degrees. Tilted by 90 it is seen from above. */
export interface View {
  turn: number;
  tilt: number;
}

/** How high the surface is for the sides of its square. */
export const steepness = 0.55;

// A path lies so far above the surface, and what covers it reaches at least so far above the ray.
export const lift = 0.006;
const margin = 0.004;

/** A path as it lies on the surface: places, and at which of its points each was reached. */
export interface Draped {
  u: number[];
  v: number[];
  z: number[];
  at: number[];
}

// Nearer than that, in sides of the square, places cannot be told apart.
const apart = 1e-3;

/** Lays a path on a mesh that shows a part of the plane; where it is outside there is a NaN. */
export function drape(x: ArrayLike<number>, y: ArrayLike<number>, shown: Rectangle, mesh: Mesh): Draped {
  const d: Draped = { u: [], v: [], z: [], at: [] };
  const put = (u: number, v: number, at: number): void => {
    d.u.push(u);
    d.v.push(v);
    d.z.push(Number.isNaN(u) ? NaN : heightAt(mesh, u, v) + lift);
    d.at.push(at);
  };
  let from: [number, number] | null = null;
  for (let i = 0; i < x.length; i++) {
    const u = ((x[i] ?? NaN) - shown.xmin) / (shown.xmax - shown.xmin);
    const v = ((y[i] ?? NaN) - shown.ymin) / (shown.ymax - shown.ymin);
    if (!(u >= 0 && u <= 1 && v >= 0 && v <= 1)) {
      if (from) put(NaN, NaN, i);
      from = null;
      continue;
    }
    if (from) {
      const far = Math.max(Math.abs(u - from[0]), Math.abs(v - from[1]));
      if (far < apart && i < x.length - 1) continue;
      // On the way from one to the next it follows the surface.
      const pieces = Math.ceil(far * (mesh.m - 1));
      for (let k = 1; k < pieces; k++) put(from[0] + (k / pieces) * (u - from[0]), from[1] + (k / pieces) * (v - from[1]), i);
    }
    put(u, v, i);
    from = [u, v];
  }
  return d;
}

// Places of the square, along each side, for which it is known whether they are hidden.
const places = 512;

/** Tells which places of a surface are hidden as it stands: a ray goes to the eye until it is above everything. */
export class Cover {
  // 0: not known yet; 1: seen; 2: hidden.
  private readonly known = new Uint8Array(places * places);
  private turn = NaN;
  private tilt = NaN;
  private readonly top: number;

  constructor(private readonly mesh: Mesh) {
    let top = 0;
    for (let k = 0; k < mesh.heights.length; k++) top = Math.max(top, mesh.heights[k] ?? 0);
    this.top = top;
  }

  /** Looks at it from elsewhere. */
  stand({ turn, tilt }: View): void {
    if (turn === this.turn && tilt === this.tilt) return;
    [this.turn, this.tilt] = [turn, tilt];
    this.known.fill(0);
  }

  /** Whether what lies on the surface at u, v, each from 0 to 1, is hidden. */
  hides(u: number, v: number): boolean {
    if (Number.isNaN(u) || Number.isNaN(v)) return false;
    const i = Math.min(places - 1, Math.floor(u * places));
    const j = Math.min(places - 1, Math.floor(v * places));
    const k = j * places + i;
    const known = this.known[k];
    if (known) return known === 2;
    const is = this.meets((i + 0.5) / places, (j + 0.5) / places);
    this.known[k] = is ? 2 : 1;
    return is;
  }

  /** Whether the ray from a place to the eye meets the surface. */
  private meets(u: number, v: number): boolean {
    if (this.tilt >= 90) return false;
    const { mesh, top } = this;
    const a = (this.turn * Math.PI) / 180;
    const ds = 0.7 / (mesh.m - 1);
    const du = -Math.sin(a) * ds;
    const dv = -Math.cos(a) * ds;
    const dz = (Math.tan((this.tilt * Math.PI) / 180) / steepness) * ds;
    let z = heightAt(mesh, u, v) + lift + margin;
    for (let p = u + du, q = v + dv; z < top && p >= 0 && p <= 1 && q >= 0 && q <= 1; p += du, q += dv) {
      z += dz;
      if (heightAt(mesh, p, q) > z) return true;
    }
    return false;
  }
}

/** A line in two: what is seen and what is hidden, each with the pen lifted between its parts. */
export function parted(points: readonly number[], covered: readonly boolean[]): { seen: number[]; unseen: number[] } {
  const lines = { seen: [] as number[], unseen: [] as number[] };
  let last: number[] | null = null;
  for (let i = 0; i + 1 < covered.length; i++) {
    const line = covered[i] || covered[i + 1] ? lines.unseen : lines.seen;
    if (line !== last) line.push(NaN, NaN, points[2 * i] ?? NaN, points[2 * i + 1] ?? NaN);
    line.push(points[2 * i + 2] ?? NaN, points[2 * i + 3] ?? NaN);
    last = line;
  }
  return lines;
}
