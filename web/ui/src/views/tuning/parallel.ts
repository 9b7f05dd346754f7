import { Board } from '../../canvas';
import { select } from '../../controls';
import { h, replace } from '../../dom';
import { figureFrame, type Frame } from '../../figure';
import { number4, plural } from '../../format';
import { announce } from '../../live';
import { cutText, type Painter } from '../../painter';
import { seriesStyle, theme } from '../../style';
import { tableElement, type Table } from '../../table';
import { axesOf, axisText, inBrush, stepped, unitOf, valueOf, type ParallelAxis } from './axes';
import { type Brushes } from './state';
import { configurationText, ranked, type Search, type Try } from './tries';

const top = 40;
const bottom = 50;
const side = 46;
const least = 84; // width of an axis
const height = 410;
const none = 16; // how far below an axis those pass that do not exist on it
const heavy = { size: 12, weight: 600 };
const mostFaint = 2000; // lines that only make the ground

export interface Parallel {
  readonly root: HTMLElement;
  update(s: Search): void;
  brush(b: Brushes): void;
  destroy(): void;
}

/** Every try as a line across the dimensions and the loss. Each axis has a brush, by pointer and by keys. */
export function parallelFigure(o: { brushes: Brushes; top: number; command: () => string; on(b: Brushes): void; onTop(n: number): void }): Parallel {
  let search: Search | undefined;
  let axes: ParallelAxis[] = [];
  let { brushes } = o;
  let best = o.top;
  let drag: { axis: ParallelAxis; from: number } | undefined;

  const board = new Board({ label: 'Parallel coordinates of the search', paint: (p) => paint(p), focusable: false });
  const thumbs = h('div', { class: 'parallel-thumbs', role: 'group', 'aria-label': 'Brushes: two ends on each axis' });
  const inside = h('div', { class: 'parallel-inside' }, board.root, thumbs);
  const scroll = h('div', { class: 'parallel-scroll' }, inside);
  const said = h('p', { class: 'note', 'aria-live': 'polite' });
  const chosen = h('div');
  inside.style.height = `${height}px`;
  const highlight = select({ label: 'Best to stand out', unlabelled: true, options: ['5', '10', '20', '50'], value: String(best), on: (v) => {
    best = Number(v);
    o.onTop(best);
    redraw();
  } });
  const figure: Frame = figureFrame({
    id: 'parallel', level: 3, title: 'Parallel coordinates',
    caption: 'Every try across the dimensions and what it came to. Drag along an axis, or move the ends of its brush by arrow keys; Escape clears it.',
    body: h('div', null, scroll, said, chosen), tools: [h('label', { class: 'tool-label' }, 'Best', highlight.root)],
    paint: (p) => paint(p), table: () => table(), command: o.command,
    size: () => ({ width: Math.max(560, inside.clientWidth), height }),
  });

  const x = (i: number, width: number): number => side + (i * (width - 2 * side)) / Math.max(1, axes.length - 1);
  const y = (u: number): number => top + (1 - u) * (height - top - bottom);

  const paint = (p: Painter): void => {
    const t = theme();
    const tries = search?.tries ?? [];
    const order = ranked(tries);
    const some = Object.keys(brushes).length > 0;
    const within = new Set(order.filter((one) => inBrush(axes, brushes, one)));
    const strong = new Set(order.filter((one) => within.has(one) && !one.diverged).slice(0, best));
    const line = (one: Try): number[] => axes.flatMap((a, i) => {
      const u = unitOf(a, a.value(one));
      return [x(i, p.width), Number.isNaN(u) ? y(0) + none : y(u)];
    });
    const ground = order.filter((one) => !strong.has(one)).reverse();
    const every = Math.max(1, Math.ceil(ground.length / mostFaint));
    for (const [i, one] of ground.entries()) {
      if (i % every !== 0) continue;
      const off = some && !within.has(one);
      p.line(line(one), {
        color: one.diverged ? t.warning : t.muted, width: 1, alpha: off ? 0.08 : one.diverged ? 0.5 : 0.3,
        ...(one.diverged ? { dash: [3, 3] } : {}),
      });
    }
    const front = order.filter((one) => strong.has(one));
    for (const [i, one] of [...front.entries()].reverse()) {
      p.line(line(one), { color: seriesStyle(0).color, width: i === 0 ? 3 : 1.5, alpha: i === 0 ? 1 : 0.75 });
    }
    axes.forEach((a, i) => {
      const at = x(i, p.width);
      const b = brushes[a.key];
      p.line([at, y(0), at, y(1)], { color: t.ink, width: 1 });
      if (b) p.rect({ x: at - 7, y: y(unitOf(a, b[1])), width: 14, height: Math.max(2, y(unitOf(a, b[0])) - y(unitOf(a, b[1]))) }, { fill: { color: t.accent, alpha: 0.22 }, stroke: { color: t.accent, width: 1 } });
      if (tries.some((one) => Number.isNaN(a.value(one)))) {
        p.line([at - 3, y(0) + none, at + 3, y(0) + none], { color: t.muted, width: 1 });
        p.text(at + 10, y(0) + none, 'not there', { baseline: 'middle', size: 11, color: t.muted, halo: t.paper });
      }
      const edge = i === 0 ? 'left' : i === axes.length - 1 ? 'right' : 'center';
      const lx = i === 0 ? 4 : i === axes.length - 1 ? p.width - 4 : at;
      p.text(lx, i % 2 === 0 || axes.length < 6 ? 14 : 27, cutText(p, a.label, Math.max(least, (p.width - 2 * side) / Math.max(1, axes.length - 1)) * (axes.length < 6 ? 1 : 2) - 8, heavy), { align: edge, ...heavy });
      const ticks = a.choices ? a.choices.map((_, k) => k) : [a.low, ...(a.high > a.low ? [valueOf(a, 0.5)] : []), a.high];
      for (const v of ticks) {
        const right = i === axes.length - 1;
        p.line([at - 3, y(unitOf(a, v)), at + 3, y(unitOf(a, v))], { color: t.ink, width: 1 });
        p.text(right ? at - 10 : at + 10, y(unitOf(a, v)), cutText(p, axisText(a, v), 80, heavy), { baseline: 'middle', align: right ? 'right' : 'left', size: 11, color: t.muted, halo: t.paper });
      }
    });
    const lost = tries.filter((one) => one.diverged).length;
    const parts = [front[0] ? `Thick: try ${front[0].number}, the best` : '', lost > 0 ? `dashed: ${lost} diverged` : '', every > 1 ? `faint: one in ${every}` : ''].filter((s) => s !== '');
    p.text(4, height - 8, parts.join('; '), { size: 11, color: t.muted });
  };

  const table = (): Table => ({
    caption: Object.keys(brushes).length > 0 ? 'Tries within the brushes, the best first' : 'All tries, the best first',
    columns: [{ name: 'try', numeric: true }, ...axes.slice(0, -1).map((a) => ({ name: a.key, numeric: !a.choices })), { name: search?.objective ?? 'loss', numeric: true }, { name: 'share of the budget', numeric: true }, { name: 'seconds', numeric: true }],
    rows: ranked(search?.tries ?? []).filter((t) => inBrush(axes, brushes, t)).map((t) => [
      t.number, ...axes.slice(0, -1).map((a) => {
        const v = a.value(t);
        return Number.isNaN(v) ? null : a.choices ? axisText(a, v) : v;
      }), t.loss, t.share, t.seconds,
    ]),
  });

  /** Says what is within the brushes, and shows the best of it. */
  const tell = (): void => {
    const all = search?.tries ?? [];
    const within = ranked(all).filter((t) => inBrush(axes, brushes, t));
    const first = within[0];
    const some = Object.keys(brushes).length > 0;
    said.textContent = !some ? '' : `${within.length} of ${plural(all.length, 'try').replace(/trys$/, 'tries')} within the brushes${first && !first.diverged ? `; the best is try ${first.number} with ${number4(first.loss)}` : ''}.`;
    if (!some) return chosen.replaceChildren();
    replace(chosen, tableElement({
      caption: 'The best within the brushes',
      columns: [{ name: 'try', numeric: true }, { name: search?.objective ?? 'loss', numeric: true }, { name: 'settings' }],
      rows: within.slice(0, 5).map((t) => [String(t.number), number4(t.loss), configurationText(t.configuration)]),
    }));
  };

  const redraw = (): void => {
    inside.style.minWidth = `${Math.max(1, axes.length - 1) * least + 2 * side}px`;
    place();
    board.redraw();
    tell();
    figure.refresh();
  };
  const setBrush = (a: ParallelAxis, low: number, high: number): void => {
    const whole = low <= a.low && high >= a.high;
    const next = { ...brushes };
    if (whole) delete next[a.key];
    else next[a.key] = [low, high];
    brushes = next;
    o.on(brushes);
    redraw();
  };

  let made = '';
  /** The ends of the brushes: sliders that lie on the axes. */
  const place = (): void => {
    const now = axes.map((a) => `${a.key} ${a.low} ${a.high}`).join('|');
    if (now !== made) {
      made = now;
      thumbs.replaceChildren(...axes.flatMap((a) => [thumb(a, 0), thumb(a, 1)]));
    }
    axes.forEach((a, i) => {
      const ends = brushes[a.key] ?? [a.low, a.high];
      for (const side of [0, 1] as const) {
        const el = thumbs.children[2 * i + side];
        if (!(el instanceof HTMLElement)) continue;
        el.style.left = `${x(i, inside.clientWidth)}px`;
        el.style.top = `${y(unitOf(a, ends[side]))}px`;
        el.setAttribute('aria-valuenow', String(ends[side]));
        el.setAttribute('aria-valuetext', axisText(a, ends[side]));
        el.classList.toggle('set', brushes[a.key] !== undefined);
      }
    });
  };
  const thumb = (a: ParallelAxis, end: 0 | 1): HTMLElement => {
    const move = (v: number): void => {
      const [low, high] = brushes[a.key] ?? [a.low, a.high];
      if (end === 0) setBrush(a, Math.min(v, high), high);
      else setBrush(a, low, Math.max(v, low));
    };
    const el = h('div', {
      class: `parallel-thumb ${end === 0 ? 'low' : 'high'}`, role: 'slider', tabindex: '0', 'aria-orientation': 'vertical',
      'aria-label': `${a.label}: ${end === 0 ? 'lower' : 'upper'} end of the brush`, 'aria-valuemin': a.low, 'aria-valuemax': a.high,
      on: {
        keydown: (e) => {
          if (e.ctrlKey || e.metaKey || e.altKey) return;
          if (e.key === 'Escape' || e.key === 'Delete' || e.key === 'Backspace') {
            setBrush(a, a.low, a.high);
            announce(`${a.label}: all of it`);
          } else {
            const next = stepped(a, (brushes[a.key] ?? [a.low, a.high])[end], e.key);
            if (next === undefined) return;
            move(next);
          }
          e.preventDefault();
        },
        pointerdown: (e) => {
          el.setPointerCapture(e.pointerId);
          el.focus();
          e.stopPropagation();
          e.preventDefault();
        },
        pointermove: (e) => {
          if (el.hasPointerCapture(e.pointerId)) move(valueOf(a, place01(e)));
        },
      },
    });
    return el;
  };
  const place01 = (e: PointerEvent): number => 1 - (board.toBoard(e).y - top) / (height - top - bottom);

  inside.addEventListener('pointerdown', (e) => {
    const at = board.toBoard(e);
    const i = axes.findIndex((_, k) => Math.abs(x(k, inside.clientWidth) - at.x) < 16);
    const axis = axes[i];
    if (!axis || e.button !== 0) return;
    drag = { axis, from: place01(e) };
    inside.setPointerCapture(e.pointerId);
    e.preventDefault();
  });
  inside.addEventListener('pointermove', (e) => {
    if (!drag) return;
    const [a, b] = [drag.from, place01(e)].sort((p, q) => p - q) as [number, number];
    if (b - a > 0.01) setBrush(drag.axis, valueOf(drag.axis, a), valueOf(drag.axis, b));
  });
  inside.addEventListener('pointerup', (e) => {
    if (drag && Math.abs(place01(e) - drag.from) <= 0.01) setBrush(drag.axis, drag.axis.low, drag.axis.high);
    drag = undefined;
  });
  inside.addEventListener('pointercancel', () => { drag = undefined; });
  const observer = new ResizeObserver(() => place());
  observer.observe(inside);

  return {
    root: figure.root,
    update(s) {
      search = s;
      axes = axesOf(s);
      redraw();
    },
    brush(b) {
      if (JSON.stringify(b) === JSON.stringify(brushes)) return;
      brushes = b;
      redraw();
    },
    destroy() {
      observer.disconnect();
      board.destroy();
    },
  };
}
