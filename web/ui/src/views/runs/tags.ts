import { ApiError, post } from '../../api';
import { button, dialog, textField } from '../../controls';
import { h, replace } from '../../dom';
import { plural } from '../../format';
import { announce } from '../../live';
import { chip } from './filter';

/** Adds and removes tags of runs. */
export async function tag(ids: readonly string[], add: string[], remove: string[]): Promise<void> {
  await Promise.all(ids.map((id) => post(`/api/runs/${encodeURIComponent(id)}/tags`, { add, remove })));
  announce([...add.map((t) => `tag ${t} added`), ...remove.map((t) => `tag ${t} removed`)].join(', '));
}

/** The tags of runs with buttons that remove them, and a field for another. */
export function tagEditor(ids: readonly string[], has: readonly string[], changed: () => void): HTMLElement {
  const tags = new Set(has);
  const chips = h('div', { class: 'runs-chips', role: 'group', 'aria-label': 'Tags' });
  const change = async (add: string[], remove: string[]): Promise<void> => {
    try {
      await tag(ids, add, remove);
      field.error(null);
      for (const t of add) tags.add(t);
      for (const t of remove) tags.delete(t);
      field.set('');
      draw();
      changed();
    } catch (error) {
      field.error(error instanceof ApiError ? error.message : String(error));
    }
  };
  const draw = (): void => replace(chips, [...tags].sort().map((t) => chip(t, () => void change([], [t]))));
  const field = textField({ label: 'Add a tag', value: '', wait: 1e6, on: () => {} });
  const add = (): void => {
    const word = field.root.querySelector('input')?.value.trim() ?? '';
    if (word !== '') void change([word], []);
  };
  field.root.addEventListener('keydown', (e) => {
    if (e.key !== 'Enter') return;
    e.preventDefault();
    add();
  });
  draw();
  return h('div', { class: 'runs-tag-editor' }, chips, h('div', { class: 'row runs-tag-add' }, field.root, button({ label: 'Add', on: add }).root));
}

/** A dialog for the tags of several runs. */
export function tagDialog(ids: readonly string[], has: readonly string[], changed: () => void): void {
  const d = dialog({ title: `Tags of ${plural(ids.length, 'run')}` }, tagEditor(ids, has, changed));
  d.open();
}
