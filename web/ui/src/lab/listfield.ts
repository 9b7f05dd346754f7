import { button, combobox, type Control, type Option } from '../controls';
import { cross } from '../controls/icon';
import { freshId, h } from '../dom';
import { announce } from '../live';

export interface ListFieldOptions {
  label: string;
  help?: string;
  /** What one of the items is called: "rule". */
  item: string;
  options: readonly (string | Option)[];
  value: readonly string[];
  placeholder?: string;
  /** What a new item is before it is chosen. */
  fresh: string;
  on(v: string[]): void;
}

export interface ListField {
  readonly root: HTMLElement;
  readonly value: string[];
  set(v: readonly string[]): void;
  /** Shows an error under one of the items; with null there is none any more. */
  error(text: string | null, item?: number): void;
  focus(): void;
}

/** Several texts, each one of many options or typed: items are added, changed and removed. */
export function listField(o: ListFieldOptions): ListField {
  const id = freshId('list');
  let items: { control: Control<string>; root: HTMLElement }[] = [];
  const rows = h('div', { class: 'list-items', role: 'group', 'aria-labelledby': id });
  const error = h('p', { class: 'field-error', role: 'alert', hidden: true });
  const tell = (): void => o.on(items.map((i) => i.control.value));
  const number = (): void => {
    items.forEach((i, k) => i.root.querySelector('button')?.setAttribute('aria-label', `Remove ${o.item} ${k + 1}: ${i.control.value}`));
  };
  const make = (value: string): { control: Control<string>; root: HTMLElement } => {
    const control = combobox({
      label: `${o.item} ${items.length + 1}`, unlabelled: true, options: o.options, value, free: true, mono: true,
      ...(o.placeholder ? { placeholder: o.placeholder } : {}),
      on: () => {
        number();
        tell();
      },
    });
    const item = { control, root: h('div', { class: 'list-item' }, control.root, h('button', { type: 'button', class: 'button quiet remove', on: { click: () => remove(item) } }, cross())) };
    return item;
  };
  const remove = (item: { control: Control<string>; root: HTMLElement }): void => {
    const at = items.indexOf(item);
    items = items.filter((i) => i !== item);
    item.root.remove();
    number();
    announce(`${o.item} removed`);
    (items[Math.min(at, items.length - 1)]?.root.querySelector<HTMLElement>('button') ?? add.root).focus();
    tell();
  };
  const add = button({
    label: `Add a ${o.item}`, kind: 'quiet',
    on: () => {
      const item = make(o.fresh);
      items.push(item);
      rows.append(item.root);
      number();
      tell();
      item.control.focus();
    },
  });
  const set = (values: readonly string[]): void => {
    items = [];
    for (const v of values) items.push(make(v));
    rows.replaceChildren(...items.map((i) => i.root));
    number();
  };
  set(o.value);
  return {
    root: h('div', { class: 'field list-field' }, h('span', { class: 'field-label', id }, o.label), rows, error,
      h('div', { class: 'list-add' }, add.root), o.help ? h('p', { class: 'field-help' }, o.help) : null),
    get value() { return items.map((i) => i.control.value); },
    set,
    error(text, item) {
      for (const i of items) i.control.error(null);
      const at = item === undefined ? undefined : items[item];
      error.hidden = text === null || at !== undefined;
      error.textContent = at ? '' : text ?? '';
      if (text !== null && at) at.control.error(text);
    },
    focus: () => (items[0] ? items[0].control.focus() : add.root.focus()),
  };
}
