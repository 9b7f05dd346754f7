import { h } from '../../dom';
import { tableElement } from '../../table';
import { fieldText } from './names';
import type { Comparison } from './types';

/** The settings in which runs differ, and their results, side by side. */
export function differences(c: Comparison, name: (id: string) => string, style: (id: string) => Node | null): HTMLElement {
  const heads = (what: string): { name: string; numeric?: boolean }[] => [{ name: what }, ...c.ids.map((id) => ({ name: name(id) }))];
  const settings = c.settings.length === 0
    ? h('p', { class: 'note' }, 'No setting differs.')
    : tableElement({ caption: 'Settings that differ', columns: heads('setting'), rows: c.settings.map((d) => [d.field, ...d.values.map((v) => v ?? '–')]) });
  const metrics = tableElement({
    caption: 'Results', columns: heads('result').map((k, i) => (i === 0 ? k : { ...k, numeric: true })),
    rows: c.metrics.map((d) => [d.field.replaceAll('_', ' '), ...d.values.map((v) => (v === null ? '–' : fieldText(d.field, Number(v))))]),
  });
  for (const table of [settings, metrics]) {
    table.querySelectorAll('thead th').forEach((th, i) => {
      const id = c.ids[i - 1];
      const sample = id === undefined ? null : style(id);
      if (sample) th.prepend(sample);
    });
  }
  return h('div', { class: 'stack runs-differences' }, settings, metrics);
}
