import { button, combobox } from '../../controls';
import { cross } from '../../controls/icon';
import { h } from '../../dom';
import type { Meta } from '../../meta';

/** Chooses rules, with options if one likes; none chosen is all of them. */
export function rulePicker(m: Meta, initial: string[], on: (rules: string[]) => void): {
  root: HTMLElement;
  set(rules: string[]): void;
  error(text: string | null): void;
} {
  let rules = initial;
  const chips = h('ul', { class: 'chips', 'aria-label': 'Rules compared' });
  const add = combobox({
    label: 'Rules', value: '', free: true, mono: true, placeholder: 'Add a rule',
    help: 'A name, or one with options: sgd:momentum=0.9',
    options: m.rules.map((r) => ({ value: r.name, label: r.name, note: r.title })),
    on: (v) => {
      add.set('');
      if (v === '' || rules.includes(v)) return;
      rules = [...rules, v];
      draw();
      on(rules);
    },
  });
  const draw = (): void => {
    chips.replaceChildren(...(rules.length === 0
      ? [h('li', { class: 'note' }, `All ${m.rules.length} rules with their defaults.`)]
      : rules.map((rule, i) => h('li', { class: 'chip' }, h('code', null, rule), button({
        label: `Remove ${rule}`, kind: 'quiet', iconOnly: true, icon: cross(),
        on: () => {
          rules = rules.filter((r) => r !== rule);
          draw();
          (chips.querySelectorAll('button')[Math.min(i, rules.length - 1)] ?? add.root.querySelector('input'))?.focus();
          on(rules);
        },
      }).root))));
  };
  draw();
  return {
    root: h('div', { class: 'stack tight' }, add.root, chips),
    set(next) {
      if (next.join('~') === rules.join('~')) return;
      rules = next;
      draw();
    },
    error: (text) => add.error(text),
  };
}
