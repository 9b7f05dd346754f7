import { swatch } from '../chart/legend';
import { h } from '../dom';
import type { SeriesStyle } from '../style';
import type { Said } from './data';

/** What is read at a place of a map. */
export interface Reading {
  place: string;
  what: string;
  value: string;
  nearest: { said: Said; style: SeriesStyle; mark: boolean } | null;
}

/** The values under the cursor. It lies over the map and takes no pointer. */
export class ReadingBox {
  readonly root = h('div', { class: 'readout', 'aria-hidden': true, hidden: true });
  private readonly box = h('div', { class: 'readout-box' });

  constructor() {
    this.root.append(this.box);
  }

  show(r: Reading): void {
    const n = r.nearest;
    this.box.replaceChildren(
      h('div', { class: 'readout-x' }, r.place),
      h('table', null, h('tbody', null,
        h('tr', null, h('td'), h('td', null, r.what), h('td', { class: 'number' }, r.value)),
        n ? h('tr', { class: 'close' }, h('td', null, swatch(n.style, n.mark)), h('td', null, n.said.name), h('td', { class: 'number' }, n.said.value)) : null)),
      n ? h('div', { class: 'readout-x' }, `at ${n.said.place}`) : '',
      n && n.said.note !== '' ? h('div', { class: n.said.lost ? 'said' : '' }, n.said.note) : '');
    this.root.hidden = false;
  }

  /** Beside the cursor, within the map, and never on it. */
  place(at: { x: number; y: number }): void {
    if (this.root.hidden) return;
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const [roomX, roomY] = [this.root.clientWidth, this.root.clientHeight];
    const right = at.x + 16 + width <= roomX || at.x < width + 16;
    const x = right ? Math.min(at.x + 16, roomX - width) : at.x - 16 - width;
    const y = at.y + 16 + height <= roomY ? at.y + 16 : at.y - 16 - height;
    this.box.style.translate = `${Math.max(0, x)}px ${Math.max(0, y)}px`;
  }

  hide(): void {
    this.root.hidden = true;
  }
}

/** The same in a sentence, for who does not see it. */
export function readingText(r: Reading, first: 'place' | 'nearest'): string {
  const here = `${r.place}: ${r.what} ${r.value}`;
  if (!r.nearest) return here;
  const { said } = r.nearest;
  const there = `${said.name}, ${said.place}${said.value ? `: ${said.value}` : ''}${said.note ? `, ${said.note}` : ''}`;
  return first === 'place' ? `${here}. Nearest: ${there}` : there;
}
