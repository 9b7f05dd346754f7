import { h, s } from '../dom';
import { markerOutline } from '../painter';
import type { SeriesStyle } from '../style';
import type { Series } from './spec';

/** The names of the lines, each a button that hides and shows its line. */
export class Legend {
  readonly root = h('div', { class: 'legend', role: 'group', 'aria-label': 'Lines' });
  private drawn = '';

  constructor(private readonly on: {
    /** alone: of all lines only this one, or all again. */
    toggle(name: string, alone: boolean): void;
    focus(name: string | null): void;
  }) {}

  draw(items: readonly { series: Series; hidden: boolean }[]): void {
    const now = JSON.stringify(items.map(({ series, hidden }) => [series.name, hidden, series.style.color, series.style.dash, series.style.marker]));
    if (now === this.drawn) return;
    this.drawn = now;
    this.root.hidden = items.length < 2;
    const focused = document.activeElement instanceof HTMLElement && this.root.contains(document.activeElement) ? document.activeElement.dataset.name : undefined;
    this.root.replaceChildren(...items.map(({ series, hidden }) => h('button', {
      type: 'button', class: 'legend-item', 'aria-pressed': !hidden, dataset: { name: series.name },
      title: 'Click: hide or show. Double click, or Shift and Enter: this line alone',
      on: {
        click: (e) => this.on.toggle(series.name, e.shiftKey),
        dblclick: () => this.on.toggle(series.name, true),
        pointerenter: () => this.on.focus(series.name),
        pointerleave: () => this.on.focus(null),
        focus: () => this.on.focus(series.name),
        blur: () => this.on.focus(null),
      },
    }, swatch(series.style, series.scatter), h('span', null, series.name))));
    if (focused !== undefined) this.root.querySelector<HTMLElement>(`[data-name="${CSS.escape(focused)}"]`)?.focus();
  }
}

/** A piece of a line as it is drawn: its colour, dash and marker; of points alone the marker. */
export function swatch(style: SeriesStyle, scatter = false): SVGElement {
  const outline = markerOutline(style.marker, 13, 6, 3);
  const path = outline?.map((ring) => {
    const points = Array.from({ length: ring.length / 2 }, (_, i) => `${ring[2 * i]} ${ring[2 * i + 1]}`);
    return `M${points.join('L')}Z`;
  }).join('');
  return s('svg', { class: 'swatch', viewBox: '0 0 26 12', width: 26, height: 12, 'aria-hidden': true },
    scatter ? null : s('path', { d: 'M0 6H26', fill: 'none', stroke: style.color, 'stroke-width': 1.75, 'stroke-dasharray': style.dash.length ? style.dash.join(' ') : null }),
    style.marker === 'cross' && path ? s('path', { d: path.replaceAll('Z', ''), stroke: style.color, 'stroke-width': 2, fill: 'none' })
      : path ? s('path', { d: path, fill: style.color }) : s('circle', { cx: 13, cy: 6, r: 3, fill: style.color }));
}
