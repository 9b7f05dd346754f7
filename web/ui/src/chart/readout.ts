import { h } from '../dom';
import { number4, number6 } from '../format';
import { swatch } from './legend';
import type { Series } from './spec';

export interface Reading {
  series: Series;
  order: number;
  x: number;
  y: number;
  px: number;
  py: number;
  /** What a mark here says. */
  text: string;
}

const most = 8;

/** The values under the cursor, and a dot on each line. It lies over the plot and takes no pointer. */
export class Readout {
  readonly root = h('div', { class: 'readout', 'aria-hidden': true, hidden: true });
  private readonly box = h('div', { class: 'readout-box' });

  show(rows: Reading[], at: { xLabel: string; left: number; top: number; width: number; height: number; at: number; pointer: number | null; close: number }): void {
    if (rows.length === 0) return this.hide();
    const middle = at.pointer ?? at.height / 2;
    const distance = (r: Reading): number => (Number.isFinite(r.py) ? Math.abs(r.py - middle) : Infinity);
    const kept = [...rows].sort((a, b) => distance(a) - distance(b)).slice(0, most).sort((a, b) => (a.py || 0) - (b.py || 0) || a.order - b.order);
    const same = kept.every((r) => r.x === kept[0]?.x);
    this.box.replaceChildren(
      h('div', { class: 'readout-x' }, same ? `${at.xLabel} ${number6(kept[0]?.x ?? NaN)}` : `${at.xLabel} about ${number4(kept[0]?.x ?? NaN)}`),
      h('table', null, h('tbody', null, kept.map((r) => h('tr', { class: r.order === at.close ? 'close' : '' },
        h('td', null, swatch(r.series.style, r.series.scatter)), h('td', null, r.series.name),
        h('td', { class: 'number' }, number6(r.y)), r.text ? h('td', { class: 'said' }, r.text) : null)))),
      rows.length > kept.length ? h('div', { class: 'note' }, `and ${rows.length - kept.length} more`) : '');
    this.root.replaceChildren(...kept.filter((r) => r.py >= -1 && r.py <= at.height + 1 && r.px >= -1 && r.px <= at.width + 1).map((r) => {
      const dot = h('i', { class: 'readout-dot' });
      dot.style.backgroundColor = r.series.style.color;
      dot.style.translate = `${at.left + r.px}px ${at.top + r.py}px`;
      return dot;
    }), this.box);
    this.root.hidden = false;
    // On the side of the cursor that has room, and inside the plot.
    const width = this.box.offsetWidth;
    const over = this.box.offsetHeight;
    const right = at.at + 14 + width <= at.width || at.at < width + 14;
    const x = right ? Math.min(at.left + at.at + 14, at.left + at.width - width) : at.left + at.at - 14 - width;
    const y = at.top + Math.max(0, Math.min(middle - over / 2, at.height - over));
    this.box.style.translate = `${Math.max(0, x)}px ${y}px`;
  }

  hide(): void {
    this.root.hidden = true;
  }
}
