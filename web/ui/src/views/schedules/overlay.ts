import { button } from '../../controls';
import { swatch } from '../../chart/legend';
import { h } from '../../dom';
import { onTheme, seriesStyle } from '../../style';

/** The schedules that are drawn, of which one is edited. */
export function overlayList(on: { choose(i: number): void; add(): void; remove(i: number): void }): {
  root: HTMLElement;
  set(specs: readonly string[], at: number, wrong: readonly boolean[], full: boolean): void;
  destroy(): void;
} {
  const list = h('ul', { class: 'overlay-list' });
  const add = button({ label: 'Add another to compare', on: on.add });
  let drawn = '';
  let last: [readonly string[], number, readonly boolean[], boolean] | undefined;

  const set = (specs: readonly string[], at: number, wrong: readonly boolean[], full: boolean): void => {
    last = [specs, at, wrong, full];
    add.disable(full);
    const now = JSON.stringify([specs, at, wrong, seriesStyle(0).color]);
    if (now === drawn) return;
    drawn = now;
    const focused = list.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.at : undefined;
    list.replaceChildren(...specs.map((spec, i) => h('li', { class: i === at ? 'current' : '' },
      h('button', {
        type: 'button', class: 'overlay-choose', 'aria-pressed': i === at, dataset: { at: i }, on: { click: () => on.choose(i) },
      }, swatch(seriesStyle(i)), h('code', null, spec || 'empty'), wrong[i] ? h('span', { class: 'badge warning' }, 'not drawn') : null),
      button({
        label: `Remove ${spec}`, kind: 'quiet', iconOnly: true, icon: '✕', on: () => on.remove(i),
      }).root)));
    for (const b of list.querySelectorAll<HTMLButtonElement>('.button')) b.disabled = specs.length === 1;
    if (focused !== undefined) list.querySelector<HTMLElement>(`[data-at="${Math.min(Number(focused), specs.length - 1)}"]`)?.focus();
  };
  const off = onTheme(() => { if (last) set(...last); });
  return { root: h('div', { class: 'stack tight' }, h('h2', { class: 'field-label' }, 'Schedules'), list, h('div', null, add.root)), set, destroy: off };
}
