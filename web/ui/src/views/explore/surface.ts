import { Board } from '../../canvas';
import { h } from '../../dom';
import { figureFrame, type Frame } from '../../figure';
import { CanvasPainter, type Painter } from '../../painter';
import type { Table } from '../../table';
import { theme } from '../../style';
import { indexAt, type Relief, type Terrain } from './api';
import { Cover, drape, heightAt, lift, parted, steepness, type Draped, type Mesh } from './hiding';
import type { Scene, Track } from './picture';

export interface SurfaceOptions {
  scene(): Scene;
  table(): Table;
  command(): string;
  turn: number;
  tilt: number;
  turned(turn: number, tilt: number): void;
}

/** Where a place of the surface is on the board: its three coordinates, each less a half, times these. */
interface Projection {
  cx: number;
  cy: number;
  x: readonly [number, number];
  y: readonly [number, number, number];
  /** How far it is from the eye. */
  depth: readonly [number, number];
}

interface Lifted extends Mesh {
  relief: Relief;
  cover: Cover;
}

/** The surface with the paths on it, turned by pointer and by keys. */
export class Surface {
  readonly frame: Frame;
  private readonly board: Board;
  turn: number;
  tilt: number;
  private kept: { key: string; of: Mesh; canvas: HTMLCanvasElement } | null = null;
  private mesh: Lifted | null = null;
  private readonly laid = new WeakMap<Track, { on: Mesh; path: Draped }>();

  constructor(private readonly o: SurfaceOptions) {
    this.turn = o.turn;
    this.tilt = o.tilt;
    this.board = new Board({
      label: 'The surface with the paths. Left and right turn it, up and down tilt it.', role: 'application',
      paint: (p) => this.paint(p, true),
    });
    const host = h('div', { class: 'surface' }, this.board.root);
    this.frame = figureFrame({ id: 'surface', title: 'Surface', body: host, paint: (p) => this.paint(p, false), table: o.table, command: o.command,
      caption: 'Heights are on a logarithmic scale far above the minimum.' });
    const { root } = this.board;
    root.addEventListener('keydown', (e) => {
      const by = { ArrowLeft: [-5, 0], ArrowRight: [5, 0], ArrowUp: [0, 5], ArrowDown: [0, -5] }[e.key];
      if (!by || e.altKey || e.ctrlKey || e.metaKey) return;
      this.by(by[0] ?? 0, by[1] ?? 0);
      e.preventDefault();
      e.stopPropagation();
    });
    let from: { x: number; y: number } | null = null;
    root.addEventListener('pointerdown', (e) => {
      if (e.button !== 0) return;
      from = { x: e.clientX, y: e.clientY };
      root.setPointerCapture(e.pointerId);
    });
    root.addEventListener('pointermove', (e) => {
      if (!from) return;
      this.by((e.clientX - from.x) * 0.5, (e.clientY - from.y) * 0.4);
      from = { x: e.clientX, y: e.clientY };
    });
    const end = (): void => { from = null; };
    root.addEventListener('pointerup', end);
    root.addEventListener('pointercancel', end);
  }

  redraw(): void {
    this.board.redraw();
  }

  set(turn: number, tilt: number): void {
    if (Math.round(this.turn) === turn && Math.round(this.tilt) === tilt) return;
    [this.turn, this.tilt] = [turn, tilt];
    this.redraw();
  }

  destroy(): void {
    this.board.destroy();
  }

  private by(turn: number, tilt: number): void {
    this.turn = ((this.turn + turn + 540) % 360) - 180;
    this.tilt = Math.max(5, Math.min(90, this.tilt + tilt));
    this.o.turned(Math.round(this.turn), Math.round(this.tilt));
    this.redraw();
  }

  private paint(p: Painter, screen: boolean): void {
    const s = this.o.scene();
    const { terrain } = s;
    if (!terrain?.relief?.lifts) return;
    const mesh = this.meshOf(terrain.relief);
    mesh.cover.stand(this);
    const project = this.projection(p);
    if (screen) this.paintKept(p, mesh, terrain, project);
    else this.paintMesh(p, mesh, terrain, project);
    for (const track of s.tracks) this.paintTrack(p, s, track, mesh, terrain, project);
  }

  /** While only the paths move, the mesh is the picture that it was. */
  private paintKept(p: Painter, mesh: Mesh, terrain: Terrain, project: Projection): void {
    const density = this.board.canvas.width / p.width;
    const key = [this.turn, this.tilt, p.width, p.height, density, theme().name].join(' ');
    if (this.kept?.key !== key || this.kept.of !== mesh) {
      const canvas = this.kept?.canvas ?? document.createElement('canvas');
      canvas.width = Math.round(p.width * density);
      canvas.height = Math.round(p.height * density);
      const context = canvas.getContext('2d');
      if (!context) return this.paintMesh(p, mesh, terrain, project);
      context.scale(density, density);
      this.paintMesh(new CanvasPainter(context, p.width, p.height), mesh, terrain, project);
      this.kept = { key, of: mesh, canvas };
    }
    p.image(this.kept.canvas, { x: 0, y: 0, width: p.width, height: p.height });
  }

  /** As many places as a drawing needs. */
  private meshOf(relief: Relief): Lifted {
    if (this.mesh?.relief === relief) return this.mesh;
    const m = Math.min(relief.n, 73);
    const heights = new Float32Array(m * m);
    const whole = { m: relief.n, heights: relief.lifts ?? relief.heights };
    for (let j = 0; j < m; j++) for (let i = 0; i < m; i++) heights[j * m + i] = heightAt(whole, i / (m - 1), j / (m - 1));
    this.mesh = { relief, m, heights, cover: new Cover({ m, heights }) };
    return this.mesh;
  }

  private projection(p: Painter): Projection {
    const a = (this.turn * Math.PI) / 180;
    const b = (this.tilt * Math.PI) / 180;
    const size = Math.min(p.width * 0.66, p.height * 0.86);
    return {
      cx: p.width / 2, cy: p.height / 2, x: [size * Math.cos(a), -size * Math.sin(a)],
      y: [-size * Math.sin(a) * Math.sin(b), -size * Math.cos(a) * Math.sin(b), -size * steepness * Math.cos(b)],
      depth: [Math.sin(a), Math.cos(a)],
    };
  }

  /** From the back to the front, so that what is near covers what is far. */
  private paintMesh(p: Painter, { m, heights }: Mesh, terrain: Terrain, project: Projection): void {
    const t = theme();
    const fills = terrain.colours[t.name].surface;
    const lines = fills.map((color) => mixIn(color, t.ink));
    const corners = new Float64Array(2 * m * m);
    for (let j = 0; j < m; j++) for (let i = 0; i < m; i++) place(project, i / (m - 1), j / (m - 1), heights[j * m + i] ?? 0, corners, 2 * (j * m + i));
    const faces: number[] = [];
    for (let j = 0; j + 1 < m; j++) for (let i = 0; i + 1 < m; i++) faces.push(j * m + i);
    const depth = (k: number): number => (k % m) * project.depth[0] + Math.floor(k / m) * project.depth[1];
    faces.sort((a, b) => depth(b) - depth(a));
    for (const k of faces) {
      const ring = [k, k + 1, k + m + 1, k + m].flatMap((c) => [corners[2 * c] ?? 0, corners[2 * c + 1] ?? 0]);
      const height = ((heights[k] ?? 0) + (heights[k + m + 1] ?? 0)) / 2;
      const band = Math.max(0, Math.min(fills.length - 1, Math.floor(height * fills.length)));
      p.area([ring], { fill: fills[band] ?? t.soft, stroke: { color: lines[band] ?? t.ink, width: 0.5 } });
    }
  }

  private layOf(track: Track, mesh: Mesh, terrain: Terrain): Draped {
    let laid = this.laid.get(track);
    if (laid?.on !== mesh) {
      laid = { on: mesh, path: drape(track.x, track.y, terrain.shown, mesh) };
      this.laid.set(track, laid);
    }
    return laid.path;
  }

  private paintTrack(p: Painter, s: Scene, track: Track, mesh: Lifted, terrain: Terrain, project: Projection): void {
    const t = theme();
    const last = indexAt(track.path, s.step);
    const path = this.layOf(track, mesh, terrain);
    const points: number[] = [];
    const covered: boolean[] = [];
    for (let i = 0; i < path.at.length && (path.at[i] ?? 0) <= last; i++) {
      const u = path.u[i] ?? NaN;
      const v = path.v[i] ?? NaN;
      place(project, u, v, path.z[i] ?? NaN, points, 2 * i);
      covered.push(mesh.cover.hides(u, v));
    }
    const { seen, unseen } = parted(points, covered);
    const { color, dash, marker } = track.style;
    // What is behind the surface shines through, thin and dotted.
    p.line(unseen, { color: t.halo, width: 3, alpha: 0.45 });
    p.line(unseen, { color, width: 1.5, dash: [2, 2.5] });
    p.line(seen, { color: t.halo, width: 4 });
    p.line(seen, { color, width: 2, dash });
    const { shown } = terrain;
    const u = ((track.x[last] ?? NaN) - shown.xmin) / (shown.xmax - shown.xmin);
    const v = ((track.y[last] ?? NaN) - shown.ymin) / (shown.ymax - shown.ymin);
    if (!(u >= 0 && u <= 1 && v >= 0 && v <= 1)) return;
    const [x = 0, y = 0] = place(project, u, v, heightAt(mesh, u, v) + lift, [], 0);
    if (!mesh.cover.hides(u, v)) return p.marker(marker, x, y, 5, { fill: color, stroke: { color: t.paper, width: 1.5 } });
    p.marker(marker, x, y, 5, { stroke: { color: t.halo, width: 3, alpha: 0.6 } });
    p.marker(marker, x, y, 5, { stroke: { color, width: 1.5 } });
  }
}

/** Puts the place on the board of a place of the surface into a list. */
function place<L extends number[] | Float64Array>({ cx, cy, x, y }: Projection, u: number, v: number, z: number, list: L, at: number): L {
  list[at] = cx + (u - 0.5) * x[0] + (v - 0.5) * x[1];
  list[at + 1] = cy + (u - 0.5) * y[0] + (v - 0.5) * y[1] + (z - 0.5) * y[2];
  return list;
}

/** A colour with some of another in it, for the lines of the mesh. */
function mixIn(color: string, other: string): string {
  const parts = (c: string): number[] => [1, 3, 5].map((i) => Number.parseInt(c.slice(i, i + 2), 16));
  const to = parts(other);
  return `#${parts(color).map((v, i) => Math.round(v + 0.14 * ((to[i] ?? 0) - v)).toString(16).padStart(2, '0')).join('')}`;
}
