import { Board } from '../../canvas';
import { h } from '../../dom';
import { figureFrame, type Frame } from '../../figure';
import { CanvasPainter, type Painter } from '../../painter';
import type { Table } from '../../table';
import { theme } from '../../style';
import { indexAt, type Relief, type Terrain } from './api';
import type { Scene } from './picture';

export interface SurfaceOptions {
  scene(): Scene;
  table(): Table;
  command(): string;
  turn: number;
  tilt: number;
  turned(turn: number, tilt: number): void;
}

type P3 = [number, number, number];

/** The surface with the paths on it, turned by pointer and by keys. */
export class Surface {
  readonly frame: Frame;
  private readonly board: Board;
  private turn: number;
  private tilt: number;
  private kept: { key: string; of: Float32Array; canvas: HTMLCanvasElement } | null = null;
  private mesh: { relief: Relief; m: number; heights: Float32Array } | null = null;

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
    const project = this.projection(p);
    if (screen) this.paintKept(p, mesh, terrain, project);
    else this.paintMesh(p, mesh, terrain, project);
    for (const track of s.tracks) this.paintTrack(p, s, track, mesh, project);
  }

  /** While only the paths move, the mesh is the picture that it was. */
  private paintKept(p: Painter, mesh: { m: number; heights: Float32Array }, terrain: Terrain, project: (q: P3) => P3): void {
    const density = this.board.canvas.width / p.width;
    const key = [this.turn, this.tilt, p.width, p.height, density, theme().name].join(' ');
    if (this.kept?.key !== key || this.kept.of !== mesh.heights) {
      const canvas = this.kept?.canvas ?? document.createElement('canvas');
      canvas.width = Math.round(p.width * density);
      canvas.height = Math.round(p.height * density);
      const context = canvas.getContext('2d');
      if (!context) return this.paintMesh(p, mesh, terrain, project);
      context.scale(density, density);
      this.paintMesh(new CanvasPainter(context, p.width, p.height), mesh, terrain, project);
      this.kept = { key, of: mesh.heights, canvas };
    }
    p.image(this.kept.canvas, { x: 0, y: 0, width: p.width, height: p.height });
  }

  /** As many places as a drawing needs. */
  private meshOf(relief: Relief): { m: number; heights: Float32Array } {
    if (this.mesh?.relief === relief) return this.mesh;
    const m = Math.min(relief.n, 73);
    const heights = new Float32Array(m * m);
    for (let j = 0; j < m; j++) for (let i = 0; i < m; i++) heights[j * m + i] = sample(relief, i / (m - 1), j / (m - 1));
    this.mesh = { relief, m, heights };
    return this.mesh;
  }

  private projection(p: Painter): (q: P3) => P3 {
    const a = (this.turn * Math.PI) / 180;
    const b = (this.tilt * Math.PI) / 180;
    const size = Math.min(p.width * 0.66, p.height * 0.86);
    return ([x, y, z]) => {
      const u = (x - 0.5) * Math.cos(a) - (y - 0.5) * Math.sin(a);
      const v = (x - 0.5) * Math.sin(a) + (y - 0.5) * Math.cos(a);
      const height = (z - 0.5) * 0.55;
      return [p.width / 2 + u * size, p.height / 2 - (v * Math.sin(b) + height * Math.cos(b)) * size, v];
    };
  }

  /** From the back to the front, so that what is near covers what is far. */
  private paintMesh(p: Painter, mesh: { m: number; heights: Float32Array }, terrain: Terrain, project: (q: P3) => P3): void {
    const { m, heights } = mesh;
    const t = theme();
    const colours = terrain.colours[t.name].surface;
    const corners: P3[] = [];
    for (let j = 0; j < m; j++) for (let i = 0; i < m; i++) corners.push(project([i / (m - 1), j / (m - 1), heights[j * m + i] ?? 0]));
    const faces: { depth: number; k: number }[] = [];
    for (let j = 0; j + 1 < m; j++) for (let i = 0; i + 1 < m; i++) {
      const k = j * m + i;
      faces.push({ k, depth: (corners[k]?.[2] ?? 0) + (corners[k + m + 1]?.[2] ?? 0) });
    }
    faces.sort((a, b) => b.depth - a.depth);
    for (const { k } of faces) {
      const ring = [k, k + 1, k + m + 1, k + m].flatMap((c) => (corners[c] ?? [0, 0]).slice(0, 2));
      const height = ((heights[k] ?? 0) + (heights[k + m + 1] ?? 0)) / 2;
      const color = colours[Math.max(0, Math.min(colours.length - 1, Math.floor(height * colours.length)))] ?? t.soft;
      p.area([ring], { fill: color, stroke: { color: mixIn(color, t.ink), width: 0.5 } });
    }
  }

  private paintTrack(p: Painter, s: Scene, track: Scene['tracks'][number], mesh: { m: number; heights: Float32Array }, project: (q: P3) => P3): void {
    const t = theme();
    const last = indexAt(track.path, s.step);
    const shown = s.terrain?.shown;
    const relief = s.terrain?.relief;
    if (!shown || !relief) return;
    const line: number[] = [];
    let head: P3 | null = null;
    for (let i = 0; i <= last; i++) {
      const u = ((track.x[i] ?? NaN) - shown.xmin) / (shown.xmax - shown.xmin);
      const v = ((track.y[i] ?? NaN) - shown.ymin) / (shown.ymax - shown.ymin);
      const within = u >= 0 && u <= 1 && v >= 0 && v <= 1;
      head = within ? project([u, v, sampleOf(mesh, u, v) + 0.006]) : null;
      line.push(head?.[0] ?? NaN, head?.[1] ?? NaN);
    }
    p.line(line, { color: t.halo, width: 4 });
    p.line(line, { color: track.style.color, width: 2, dash: track.style.dash });
    if (head) p.marker(track.style.marker, head[0], head[1], 5, { fill: track.style.color, stroke: { color: t.paper, width: 1.5 } });
  }
}

/** The height of a relief between its places. */
function sample(r: Relief, u: number, v: number): number {
  return sampleOf({ m: r.n, heights: r.lifts ?? r.heights }, u, v);
}

function sampleOf({ m, heights }: { m: number; heights: ArrayLike<number> }, u: number, v: number): number {
  const x = u * (m - 1);
  const y = v * (m - 1);
  const i = Math.min(m - 2, Math.floor(x));
  const j = Math.min(m - 2, Math.floor(y));
  const at = (a: number, b: number): number => heights[b * m + a] ?? 0;
  const low = at(i, j) + (x - i) * (at(i + 1, j) - at(i, j));
  const high = at(i, j + 1) + (x - i) * (at(i + 1, j + 1) - at(i, j + 1));
  return low + (y - j) * (high - low);
}

/** A colour with some of another in it, for the lines of the mesh. */
function mixIn(color: string, other: string): string {
  const parts = (c: string): number[] => [1, 3, 5].map((i) => Number.parseInt(c.slice(i, i + 2), 16));
  const to = parts(other);
  return `#${parts(color).map((v, i) => Math.round(v + 0.14 * ((to[i] ?? 0) - v)).toString(16).padStart(2, '0')).join('')}`;
}
