import { Board } from '../../canvas';
import { button } from '../../controls';
import { h } from '../../dom';
import { figureFrame, type Frame } from '../../figure';
import { number6 } from '../../format';
import { announce } from '../../live';
import type { Painter } from '../../painter';
import { arrowOf } from '../../plane/geometry';
import type { Table } from '../../table';
import type { Rectangle } from './api';
import { fromBoard, geometry, inside, middle, moved, tidyPoint, toX, toY, zoomed, type Geometry } from './geometry';
import { paintGround, paintMotion, type Scene } from './picture';
import type { Point } from './state';

export interface PlaneOptions {
  scene(): Scene;
  table(): Table;
  command(): string;
  tools: readonly HTMLElement[];
  /** The start was dragged, clicked or moved by keys; it may go on. */
  start(p: Point): void;
  /** Another part of the plane; null: the function's own domain. */
  view(d: Rectangle | null): void;
  /** The pointer or the keyboard's cursor is somewhere; null: nowhere. */
  look(p: Point | null, byKeys: boolean): void;
}

export interface Plane {
  readonly frame: Frame;
  /** Draws everything anew. */
  redraw(): void;
  /** Draws anew what moves: paths, arrows, the start. */
  moved(): void;
  destroy(): void;
}

/** The contours with the paths: the start is dragged, the plane is moved and zoomed, by pointer, touch and keys. */
export function plane(o: PlaneOptions): Plane {
  const geo = (p: { width: number; height: number }): Geometry => geometry(p.width, p.height, o.scene().domain);
  const ground = new Board({ label: '', focusable: false, paint: (p) => paintGround(p, geo(p), o.scene()) });
  ground.root.setAttribute('aria-hidden', 'true');
  ground.root.removeAttribute('role');
  const front = new Board({
    label: 'Contours with the paths. Arrows move a cursor that reads the function, Enter sets the start there, plus and minus zoom, 0 shows all.',
    role: 'application', paint: (p) => paintMotion(p, geo(p), o.scene()),
  });
  front.root.classList.add('plane-front');
  const handle = h('button', { type: 'button', class: 'plane-start', title: 'The start: drag it, or move it with the arrow keys', on: { keydown: (e) => startKey(e) } });
  const host = h('div', { class: 'plane' }, ground.root, front.root, handle);

  const place = (): void => {
    if (front.width === 0) return;
    const g = geo(front);
    const { start } = o.scene();
    const [x, y] = [toX(g, start[0]), toY(g, start[1])];
    tools.style.left = `${g.box.x + 6}px`;
    handle.style.left = `${Math.max(0, Math.min(front.width, x))}px`;
    handle.style.top = `${Math.max(0, Math.min(front.height, y))}px`;
    handle.hidden = !inside(g, x, y);
    handle.setAttribute('aria-label', `Start, x ${number6(start[0])}, y ${number6(start[1])}. Arrow keys move it, with Shift further, with Alt less.`);
  };

  const setStart = (p: Point): void => {
    o.start(tidyPoint(p, o.scene().domain));
    place();
  };

  const startKey = (e: KeyboardEvent): void => {
    const by = arrowOf(e.key);
    if (!by || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    e.stopPropagation();
    const { domain: d, start } = o.scene();
    const share = e.shiftKey ? 0.1 : e.altKey ? 0.001 : 0.01;
    setStart([start[0] + by[0] * share * (d.xmax - d.xmin), start[1] + by[1] * share * (d.ymax - d.ymin)]);
    const now = o.scene().start;
    announce(`Start x ${number6(now[0])}, y ${number6(now[1])}`);
  };

  const zoom = (factor: number, about?: Point): void => {
    const { domain } = o.scene();
    const next = zoomed(domain, factor, about ?? middle(domain));
    if (next) o.view(next);
  };
  let cursor: Point | null = null;
  front.root.addEventListener('keydown', (e) => {
    if (e.ctrlKey || e.metaKey || e.target !== front.root) return;
    const { domain: d, start } = o.scene();
    const by = arrowOf(e.key);
    if (by && e.altKey) o.view(moved(d, 0.1 * by[0], 0.1 * by[1]));
    else if (by) {
      const share = e.shiftKey ? 0.1 : 0.02;
      const from = cursor ?? start;
      const to: Point = [from[0] + by[0] * share * (d.xmax - d.xmin), from[1] + by[1] * share * (d.ymax - d.ymin)];
      cursor = tidyPoint([Math.max(d.xmin, Math.min(d.xmax, to[0])), Math.max(d.ymin, Math.min(d.ymax, to[1]))], d);
      o.look(cursor, true);
    } else if (e.key === 'Enter' && cursor) setStart(cursor);
    else if (e.key === 'Escape' && cursor) { cursor = null; o.look(null, true); }
    else if (e.key === '+' || e.key === '=') zoom(0.5, cursor ?? undefined);
    else if (e.key === '-' || e.key === '_') zoom(2, cursor ?? undefined);
    else if (e.key === '0') o.view(null);
    else return;
    e.preventDefault();
    e.stopPropagation();
  });
  front.root.addEventListener('blur', () => {
    if (!cursor) return;
    cursor = null;
    o.look(null, true);
  });

  // Pointers: the first drags the start or the plane, two of them zoom.
  interface Finger { x: number; y: number }
  const fingers = new Map<number, Finger>();
  let drag: { kind: 'start' | 'plane'; from: Finger; domain: Rectangle; moved: boolean; offset: Finger } | null = null;
  const near = (at: Finger, touch: boolean): boolean => {
    const g = geo(front);
    const { start } = o.scene();
    return Math.hypot(at.x - toX(g, start[0]), at.y - toY(g, start[1])) <= (touch ? 28 : 16);
  };
  const down = (e: PointerEvent): void => {
    if (e.button !== 0) return;
    const at = front.toBoard(e);
    const touch = e.pointerType === 'touch';
    const onHandle = e.target === handle;
    if (!onHandle && !inside(geo(front), at.x, at.y)) return;
    host.setPointerCapture(e.pointerId);
    fingers.set(e.pointerId, at);
    const { domain, start } = o.scene();
    const g = geo(front);
    const grabs = onHandle || near(at, touch);
    drag = {
      kind: grabs && fingers.size === 1 ? 'start' : 'plane', from: at, domain, moved: false,
      offset: { x: toX(g, start[0]) - at.x, y: toY(g, start[1]) - at.y },
    };
    host.classList.toggle('dragging', true);
    if (!onHandle) front.root.focus({ preventScroll: true });
  };
  const move = (e: PointerEvent): void => {
    const at = front.toBoard(e);
    const before = fingers.get(e.pointerId);
    const g = geo(front);
    if (!before || !drag) {
      if (e.pointerType !== 'touch') {
        cursor = null;
        host.classList.toggle('grab', near(at, false));
        o.look(inside(g, at.x, at.y) ? tidyPoint(fromBoard(g, at.x, at.y), g.domain) : null, false);
      }
      return;
    }
    if (fingers.size === 2) pinch(e.pointerId, at, before);
    fingers.set(e.pointerId, at);
    if (fingers.size > 1) return;
    if (Math.hypot(at.x - drag.from.x, at.y - drag.from.y) > 4) drag.moved = true;
    if (!drag.moved) return;
    if (drag.kind === 'start') setStart(fromBoard(g, clamp(at.x + drag.offset.x, g.box.x, g.box.width), clamp(at.y + drag.offset.y, g.box.y, g.box.height)));
    else o.view(moved(drag.domain, (drag.from.x - at.x) / g.box.width, (at.y - drag.from.y) / g.box.height));
  };
  const pinch = (id: number, at: Finger, before: Finger): void => {
    const [other] = [...fingers].filter(([k]) => k !== id).map(([, f]) => f);
    if (!other || !drag) return;
    drag.moved = true;
    const g = geo(front);
    const was = Math.hypot(before.x - other.x, before.y - other.y);
    const now = Math.hypot(at.x - other.x, at.y - other.y);
    if (was > 10 && now > 10) zoom(was / now, fromBoard(g, (at.x + other.x) / 2, (at.y + other.y) / 2));
  };
  const up = (e: PointerEvent): void => {
    const at = fingers.get(e.pointerId);
    fingers.delete(e.pointerId);
    const [rest] = fingers.values();
    if (rest) {
      // The finger that stays goes on from here, not from where two of them began.
      if (drag) drag = { ...drag, kind: 'plane', from: rest, domain: o.scene().domain };
      return;
    }
    const was = drag;
    drag = null;
    host.classList.remove('dragging');
    if (!was || !at || e.type === 'pointercancel') return;
    const g = geo(front);
    if (!was.moved && was.kind === 'plane' && inside(g, at.x, at.y)) setStart(fromBoard(g, at.x, at.y));
    if (was.kind === 'start') handle.focus({ preventScroll: true });
  };
  host.addEventListener('pointerdown', down);
  host.addEventListener('pointermove', move);
  host.addEventListener('pointerup', up);
  host.addEventListener('pointercancel', up);
  host.addEventListener('pointerleave', (e) => {
    if (!drag && e.pointerType !== 'touch') o.look(null, false);
  });
  // A finger on the start drags it; elsewhere it scrolls the page.
  host.addEventListener('touchstart', (e) => {
    const touch = e.touches[0];
    if (touch && (e.touches.length > 1 || near(front.toBoard(touch), true))) e.preventDefault();
  }, { passive: false });
  host.addEventListener('wheel', (e) => {
    if (!e.ctrlKey && !e.metaKey && document.activeElement !== front.root && document.activeElement !== handle) return;
    const at = front.toBoard(e);
    const g = geo(front);
    if (!inside(g, at.x, at.y)) return;
    e.preventDefault();
    zoom(Math.exp(Math.max(-0.5, Math.min(0.5, e.deltaY / 300))), fromBoard(g, at.x, at.y));
  }, { passive: false });

  const zoomTools = [
    button({ label: 'Zoom in', icon: '+', iconOnly: true, on: () => zoom(0.5) }),
    button({ label: 'Zoom out', icon: '−', iconOnly: true, on: () => zoom(2) }),
    button({ label: 'Show the whole domain', icon: '⤢', iconOnly: true, on: () => o.view(null) }),
  ].map((b) => b.root);
  const tools = h('div', { class: 'plane-zoom', role: 'group', 'aria-label': 'Zoom', on: { pointerdown: (e) => e.stopPropagation() } }, zoomTools);
  host.append(tools);
  const paint = (p: Painter): void => {
    const g = geo(p);
    const s = { ...o.scene(), cursor: null };
    paintGround(p, g, s);
    paintMotion(p, g, s);
  };
  const frame = figureFrame({
    id: 'paths', title: 'Paths', body: host, paint, table: o.table, command: o.command, tools: o.tools,
  });
  const observer = new ResizeObserver(place);
  observer.observe(front.root);
  return {
    frame,
    redraw() {
      ground.redraw();
      front.redraw();
      place();
    },
    moved() {
      front.redraw();
      place();
    },
    destroy() {
      observer.disconnect();
      ground.destroy();
      front.destroy();
    },
  };
}

function clamp(v: number, from: number, size: number): number {
  return Math.max(from, Math.min(from + size, v));
}
