import { num } from '../api';
import type { Painter } from '../painter';
import { seriesStyle, theme, type Marker, type SeriesStyle } from '../style';
import type { MapData, MapPath } from './data';
import { inside, lastSeen, routeOf, toX, toY, type Geometry } from './geometry';
import { paintDiverged, paintMinimum } from './paint';

const bestStyle = seriesStyle(1);

/** The index of the last point of a path up to a step. */
export function reached(p: Pick<MapPath, 'step'>, step: number): number {
  let low = 0;
  let high = p.step.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((p.step[middle] ?? Infinity) <= step) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Draws what lies on a map: minima, paths up to a step, tries. */
export function paintMarks(p: Painter, g: Geometry, d: MapData, shown: (name: string) => boolean, until = Infinity): void {
  const paths = d.paths.filter((one) => one.x.length > 0 && shown(one.name));
  p.clip(g.box, () => {
    const routes = paths.map((one) => routeOf(g, one.x, one.y, reached(one, until)));
    // Those below are wider, so that they are seen on both sides of what runs over them.
    const width = (i: number): number => 3.2 - (1.4 * i) / Math.max(1, paths.length - 1);
    routes.forEach((route, i) => p.line(route, { color: theme().halo, width: width(i) + 2.2 }));
    routes.forEach((route, i) => {
      const style = seriesStyle(paths[i]?.look ?? 0);
      p.line(route, { color: style.color, width: width(i), dash: style.dash });
    });
  });
  // Marks on an edge are whole.
  const reach = 8;
  p.clip({ x: g.box.x - reach, y: g.box.y - reach, width: g.box.width + 2 * reach, height: g.box.height + 2 * reach }, () => {
    for (const m of d.minima) if (inside(g, toX(g, m.x), toY(g, m.y))) paintMinimum(p, toX(g, m.x), toY(g, m.y));
    for (const one of paths) start(p, g, one);
    for (const one of paths) head(p, g, one, reached(one, until));
    tries(p, g, d);
  });
}

function start(p: Painter, g: Geometry, one: MapPath): void {
  const [x, y] = [toX(g, one.x[0] ?? NaN), toY(g, one.y[0] ?? NaN)];
  const t = theme();
  if (inside(g, x, y)) p.circle(x, y, 4.5, { fill: t.paper, stroke: { color: t.ink, width: 1.6 } });
}

/** Where a path is; where it diverged a cross, at the last place that is seen of it. */
function head(p: Painter, g: Geometry, one: MapPath, last: number): void {
  const style = seriesStyle(one.look);
  const at = (i: number): [number, number] => [toX(g, one.x[i] ?? NaN), toY(g, one.y[i] ?? NaN)];
  if (one.diverged && last === one.x.length - 1) {
    const end = lastSeen(g, one.x, one.y);
    if (end) paintDiverged(p, ...end, style.color);
    return;
  }
  if (inside(g, ...at(last))) p.marker(style.marker, ...at(last), 5, { fill: style.color, stroke: { color: theme().paper, width: 1.5 } });
}

function tries(p: Painter, g: Geometry, d: MapData): void {
  const t = theme();
  for (const one of d.tries) {
    const [x, y] = [toX(g, one.x), toY(g, one.y)];
    if (one.diverged) paintDiverged(p, x, y, bestStyle.color, 3.6);
    else if (!one.best) p.circle(x, y, 2.8, { fill: t.ink, stroke: { color: t.paper, width: 1 } });
  }
  for (const one of d.tries) {
    if (one.best && Number.isFinite(num(one.loss))) p.marker('star', toX(g, one.x), toY(g, one.y), 7, { fill: bestStyle.color, stroke: { color: t.paper, width: 1.25 } });
  }
}

/** A sample in a key, and what it is: a path, a mark, one that is hollow, a cross, an area. */
export interface Key {
  name: string;
  style: SeriesStyle;
  kind: 'line' | 'mark' | 'hollow' | 'lost' | 'void';
}

const look = (color: () => string, marker: Marker): SeriesStyle => ({ get color() { return color(); }, dash: [], marker });
const ink = (): string => theme().ink;
const best = (): string => bestStyle.color;

/** What the marks of a map mean; those of paths come first. */
export function keysOf(d: MapData): Key[] {
  const out = d.paths.map((p): Key => ({ name: p.name, style: seriesStyle(p.look), kind: 'line' }));
  const put = (when: boolean, key: Key): void => { if (when) out.push(key); };
  put(d.paths.length > 0, { name: 'start', style: look(ink, 'circle'), kind: 'hollow' });
  put(d.minima.length > 0, { name: d.minima.length === 1 ? 'minimum' : 'minima', style: look(ink, 'star'), kind: 'hollow' });
  put(d.paths.some((p) => p.diverged), { name: 'diverged', style: look(ink, 'cross'), kind: 'lost' });
  put(d.tries.some((t) => t.best), { name: 'best', style: look(best, 'star'), kind: 'mark' });
  put(d.tries.some((t) => !t.best && !t.diverged), { name: 'try', style: look(ink, 'circle'), kind: 'mark' });
  put(d.tries.some((t) => t.diverged), { name: 'diverged', style: look(best, 'cross'), kind: 'lost' });
  put(d.relief.undefined > 0, { name: d.tries.length > 0 ? 'no try near' : 'undefined', style: look(() => theme().void, 'square'), kind: 'void' });
  return out;
}

/** Draws a key in rows from a place on, or only measures it. Returns how high it is. */
export function paintKey(p: Painter, keys: readonly Key[], left: number, top: number, draw: boolean): number {
  const row = 20;
  let x = left;
  let y = top + row / 2;
  for (const k of keys) {
    const width = 30 + p.measure(k.name) + 20;
    if (x > left && x + width > p.width) [x, y] = [left, y + row];
    if (draw) {
      paintSample(p, k, x, y);
      p.text(x + 30, y, k.name, { baseline: 'middle' });
    }
    x += width;
  }
  return keys.length > 0 ? y + row / 2 - top : 0;
}

/** Draws the mark of a key, 24 units wide, about a height. */
export function paintSample(p: Painter, { kind, style }: Key, x: number, y: number): void {
  const t = theme();
  if (kind === 'line') p.line([x, y, x + 24, y], { color: style.color, width: 1.75, dash: style.dash });
  if (kind === 'void') p.rect({ x: x + 6, y: y - 6, width: 12, height: 12 }, { fill: style.color, stroke: { color: t.muted } });
  else if (kind === 'lost') paintDiverged(p, x + 12, y, style.color, 3.6);
  else if (kind === 'hollow') p.marker(style.marker, x + 12, y, 4, { fill: t.paper, stroke: { color: style.color, width: 1.4 } });
  else p.marker(style.marker, x + 12, y, 3.2, { fill: style.color });
}
