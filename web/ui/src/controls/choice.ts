import { freshId, h } from '../dom';
import { fieldFrame, optionsOf, type Control, type Labelled, type Option } from './field';

/** One of a few, in the browser's own list. */
export function select<V extends string>(o: Labelled & {
  options: readonly (V | Option<V>)[];
  value: V;
  on(v: V): void;
}): Control<V> & { options(next: readonly (V | Option<V>)[]): void } {
  const input = h('select', { on: { change: () => o.on(input.value as V) } });
  const fill = (options: readonly (V | Option<V>)[]): void => {
    input.replaceChildren(...optionsOf(options).map((p) =>
      h('option', { value: p.value, disabled: p.disabled ?? false }, p.note ? `${p.label} (${p.note})` : p.label)));
  };
  fill(o.options);
  input.value = o.value;
  const frame = fieldFrame(o, input, h('div', { class: 'select' }, input));
  return {
    ...frame,
    get value() { return input.value as V; },
    set(v) { input.value = v; },
    options(next) {
      const { value } = input;
      fill(next);
      input.value = value;
    },
    focus: () => input.focus(),
  };
}

/** Yes or no. */
export function checkbox(o: { label: string; help?: string; value: boolean; on(v: boolean): void }): Control<boolean> {
  const id = freshId('field');
  const input = h('input', { type: 'checkbox', id, checked: o.value, on: { change: () => o.on(input.checked) } });
  const help = o.help ? h('p', { class: 'field-help', id: `${id}-help` }, o.help) : null;
  if (help) input.setAttribute('aria-describedby', help.id);
  const error = h('p', { class: 'field-error', hidden: true });
  const root = h('div', { class: 'field field-check' }, h('label', null, input, h('span', null, o.label)), error, help);
  return {
    root,
    get value() { return input.checked; },
    set(v) { input.checked = v; },
    error(text) {
      error.replaceChildren(h('span', null, text ?? ''));
      error.hidden = text === null;
    },
    disable(off) {
      input.disabled = off;
      root.classList.toggle('disabled', off);
    },
    focus: () => input.focus(),
  };
}

/** One of a few, all of them in sight. With segmented they are joined like the keys of an instrument. */
export function radios<V extends string>(o: Labelled & {
  options: readonly (V | Option<V>)[];
  value: V;
  segmented?: boolean;
  on(v: V): void;
}): Control<V> {
  const name = freshId('radios');
  let value = o.value;
  const inputs = new Map<V, HTMLInputElement>();
  const items = optionsOf(o.options).map((p) => {
    const input = h('input', {
      type: 'radio', name, value: p.value, checked: p.value === value, disabled: p.disabled ?? false,
      on: { change: () => { value = p.value; o.on(value); } },
    });
    inputs.set(p.value, input);
    return h('label', null, input, h('span', null, p.label));
  });
  const error = h('p', { class: 'field-error', hidden: true });
  const root = h('fieldset', { class: `field radios${o.segmented ? ' segmented' : ''}` },
    h('legend', { class: o.unlabelled ? 'unseen' : 'field-label' }, o.label),
    h('div', { class: 'radios-row' }, items), error,
    o.help ? h('p', { class: 'field-help' }, o.help) : null);
  return {
    root,
    get value() { return value; },
    set(v) {
      value = v;
      const input = inputs.get(v);
      if (input) input.checked = true;
    },
    error(text) {
      error.replaceChildren(h('span', null, text ?? ''));
      error.hidden = text === null;
    },
    disable(off) { root.disabled = off; },
    focus: () => inputs.get(value)?.focus(),
  };
}
