import { freshId, h } from '../dom';
import { fieldFrame, optionsOf, type Control, type Labelled, type Option } from './field';
import { chevron } from './icon';

export interface ComboboxOptions extends Labelled {
  options: readonly (string | Option)[];
  value: string;
  /** Takes a text that is none of the options, too. */
  free?: boolean;
  placeholder?: string;
  mono?: boolean;
  on(v: string): void;
}

/** One of many: typing filters, arrows choose, Enter takes, Escape gives up. */
export function combobox(o: ComboboxOptions): Control<string> & { options(next: readonly (string | Option)[]): void } {
  const listId = freshId('options');
  let options = optionsOf(o.options);
  let value = o.value;
  let active = -1;
  let found: Option[] = [];

  const list = h('ul', { class: 'combobox-list', role: 'listbox', id: listId, hidden: true, 'aria-label': o.label });
  const input = h('input', {
    type: 'text', role: 'combobox', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off',
    class: o.mono ? 'mono' : '', placeholder: o.placeholder,
    'aria-autocomplete': 'list', 'aria-expanded': false, 'aria-controls': listId,
    on: {
      input: () => open(input.value),
      pointerdown: () => (list.hidden ? open('') : close()),
      focus: () => input.select(),
      blur: () => leave(),
      keydown: (e) => key(e),
    },
  });
  const box = h('div', { class: 'combobox' }, input, chevron(), list);
  const frame = fieldFrame(o, input, box);

  const labelOf = (v: string): string => options.find((p) => p.value === v)?.label ?? v;
  const open = (query: string): void => {
    found = filterOptions(options, query);
    // A free text stands for itself until an option is pointed at.
    active = query === '' ? found.findIndex((p) => p.value === value) : o.free ? -1 : found.findIndex((p) => !p.disabled);
    list.replaceChildren(...found.map((p, i) => h('li', {
      role: 'option', id: `${listId}-${i}`, 'aria-disabled': p.disabled ?? null,
      on: {
        pointerdown: (e) => e.preventDefault(),
        click: () => {
          if (!p.disabled) take(p.value);
        },
      },
    }, h('span', null, p.label), p.note ? h('span', { class: 'note' }, p.note) : null)));
    if (found.length === 0) list.replaceChildren(h('li', { class: 'none', role: 'option', 'aria-disabled': true }, o.free ? 'As typed' : 'Nothing has this in its name'));
    list.hidden = false;
    input.setAttribute('aria-expanded', 'true');
    point();
  };
  const close = (): void => {
    list.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };
  const point = (): void => {
    [...list.children].forEach((item, i) => item.setAttribute('aria-selected', String(i === active)));
    if (active < 0) return input.removeAttribute('aria-activedescendant');
    input.setAttribute('aria-activedescendant', `${listId}-${active}`);
    list.children[active]?.scrollIntoView({ block: 'nearest' });
  };
  const take = (v: string): void => {
    close();
    frame.error(null);
    input.value = labelOf(v);
    if (v === value) return;
    value = v;
    o.on(v);
  };
  const leave = (): void => {
    if (!list.hidden) close();
    const typed = input.value.trim();
    const exact = options.find((p) => p.label === typed || p.value === typed);
    if (exact) take(exact.value);
    else if (o.free && typed !== '') take(typed);
    else input.value = labelOf(value);
  };
  const move = (by: number): void => {
    if (list.hidden) return open('');
    for (let i = 0, at = active; i < found.length; i++) {
      at = (at + by + found.length) % found.length;
      if (!found[at]?.disabled) {
        active = at;
        break;
      }
    }
    point();
  };
  const key = (e: KeyboardEvent): void => {
    const pointed = found[active];
    if (e.key === 'ArrowDown') move(1);
    else if (e.key === 'ArrowUp') move(active < 0 ? -1 - active : -1);
    else if (e.key === 'Enter' && !list.hidden && pointed) take(pointed.value);
    else if (e.key === 'Enter') return leave();
    else if (e.key === 'Escape' && !list.hidden) {
      close();
      input.value = labelOf(value);
    } else return;
    e.preventDefault();
    e.stopPropagation();
  };

  input.value = labelOf(value);
  return {
    ...frame,
    get value() { return value; },
    set(v) {
      value = v;
      input.value = labelOf(v);
      frame.error(null);
    },
    options(next) {
      options = optionsOf(next);
      if (document.activeElement !== input) input.value = labelOf(value);
      if (!list.hidden) open(input.value);
    },
    focus: () => input.focus(),
  };
}

/** The options that hold every word of the query, those that start with it first. */
export function filterOptions(options: readonly Option[], query: string): Option[] {
  const words = query.toLowerCase().split(/\s+/).filter((w) => w !== '');
  if (words.length === 0) return [...options];
  const rank = (p: Option): number => {
    const label = p.label.toLowerCase();
    if (label.startsWith(words[0] ?? '')) return 0;
    return words.every((w) => label.includes(w)) ? 1 : 2;
  };
  return options
    .filter((p) => words.every((w) => `${p.label} ${p.value} ${p.note ?? ''}`.toLowerCase().includes(w)))
    .map((p, i) => ({ p, r: rank(p), i }))
    .sort((a, b) => a.r - b.r || a.i - b.i)
    .map(({ p }) => p);
}
