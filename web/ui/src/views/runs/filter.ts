import { button, checkbox, dialog, textField } from '../../controls';
import { h, freshId } from '../../dom';
import type { State } from './state';
import { statuses, type RunList } from './types';

interface Handlers {
  set(patch: Partial<State>): void;
  /** The values of a field among the runs listed, for suggestions. */
  values(field: string): string[];
}

const operators = ['!=', '<=', '>=', '=', '<', '>', '~'];

/** Reads a condition; text without an operator is looked for in IDs. */
export function conditionOf(text: string): string {
  const t = text.trim();
  return t === '' || operators.some((o) => t.indexOf(o) > 0) ? t : `id~${t}`;
}

/** The conditions, states and tags that choose runs. */
export class Filter {
  readonly root: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly hints: HTMLDataListElement;
  private readonly chips = h('div', { class: 'runs-chips', role: 'group', 'aria-label': 'Conditions' });
  private readonly states = h('div', { class: 'runs-chips', role: 'group', 'aria-label': 'States' });
  private readonly tags = h('div', { class: 'runs-chips', role: 'group', 'aria-label': 'Tags' });
  private readonly problem = h('p', { class: 'field-error', role: 'alert', hidden: true });
  private state: State | undefined;
  private list: RunList | undefined;
  private readonly keys = new Map<HTMLElement, string>();

  constructor(private readonly on: Handlers) {
    const id = freshId('conditions');
    this.hints = h('datalist', { id: `${id}-hints` });
    this.input = h('input', {
      type: 'text', id, class: 'mono', autocomplete: 'off', spellcheck: 'false', placeholder: 'lr<0.01', list: `${id}-hints`, 'aria-describedby': `${id}-help`,
      on: {
        input: () => this.suggest(),
        focus: () => this.suggest(),
        keydown: (e) => {
          if (e.key === 'Enter') this.add();
          else if (e.key === 'Backspace' && this.input.value === '' && this.state && this.state.where.length > 0) this.on.set({ where: this.state.where.slice(0, -1) });
        },
      },
    });
    const line = h('div', { class: 'row runs-conditions' }, this.input, button({ label: 'Filter', on: () => this.add() }).root);
    this.root = h('div', { class: 'runs-filter' },
      h('div', { class: 'field' }, h('label', { class: 'field-label', for: id }, 'Condition'), line, this.problem,
        h('p', { class: 'field-help', id: `${id}-help` }, 'A field, one of = != < <= > >= ~ (contains), a value; as descent runs --where has it. Without an operator: part of an ID.')),
      h('div', { class: 'runs-chosen' }, this.chips, this.states, this.tags));
  }

  update(state: State, list: RunList | undefined): void {
    this.state = state;
    this.list = list;
    this.put(this.chips, state.where.map((w) => chip(w, () => this.on.set({ where: state.where.filter((o) => o !== w) }))), JSON.stringify(state.where));
    const toggles = (values: readonly string[], on: readonly string[], set: (next: string[]) => void): HTMLElement[] =>
      values.map((v) => button({
        label: v, kind: 'quiet', pressed: on.includes(v),
        on: () => set(on.includes(v) ? on.filter((o) => o !== v) : [...on, v]),
      }).root);
    this.put(this.states, toggles(statuses.slice(0, -1), state.status, (status) => this.on.set({ status })), JSON.stringify(state.status));
    const tags = [...new Set([...state.tag, ...list?.tags ?? []])].slice(0, 40);
    this.put(this.tags, toggles(tags, state.tag, (tag) => this.on.set({ tag })), JSON.stringify([state.tag, tags]));
    this.tags.hidden = tags.length === 0;
  }

  /** Shows what the server has to say of the filter; null: nothing. */
  error(text: string | null): void {
    this.problem.hidden = text === null;
    this.problem.replaceChildren(h('span', null, text ?? ''));
    if (text === null) this.input.removeAttribute('aria-invalid');
    else this.input.setAttribute('aria-invalid', 'true');
  }

  /** Puts elements in place if they are others, and the focus where it was. */
  private put(place: HTMLElement, children: HTMLElement[], key: string): void {
    if (this.keys.get(place) === key) return;
    this.keys.set(place, key);
    const at = [...place.querySelectorAll('button')].indexOf(document.activeElement as HTMLButtonElement);
    place.replaceChildren(...children);
    if (at >= 0) (place.querySelectorAll('button')[at] ?? this.input).focus();
  }

  private add(): void {
    const c = conditionOf(this.input.value);
    if (c === '' || !this.state) return;
    this.input.value = '';
    if (!this.state.where.includes(c)) this.on.set({ where: [...this.state.where, c] });
  }

  private suggest(): void {
    const text = this.input.value;
    const op = operators.find((o) => text.indexOf(o) > 0);
    const field = op ? text.slice(0, text.indexOf(op)).trim() : '';
    const options = op ? this.on.values(field).map((v) => `${field}${op}${v}`) : (this.list?.fields ?? []).map((f) => `${f}=`);
    this.hints.replaceChildren(...options.slice(0, 60).map((value) => h('option', { value })));
    if (!this.hints.isConnected) this.root.append(this.hints);
  }
}

/** A word with a button that takes it away. */
export function chip(text: string, remove: () => void): HTMLElement {
  return h('span', { class: 'runs-chip' }, h('span', { class: 'runs-chip-text' }, text),
    h('button', { type: 'button', 'aria-label': `Remove ${text}`, title: `Remove ${text}`, on: { click: remove } }, '×'));
}

/** Has the reader choose among names: columns, or curves. */
export function choose(o: { title: string; names: readonly string[]; chosen: readonly string[]; usual: readonly string[]; title_of?: (name: string) => string; on(chosen: string[]): void }): void {
  let chosen = [...o.chosen];
  const place = h('div', { class: 'runs-choices' });
  const draw = (find: string): void => {
    const names = [...new Set([...chosen, ...o.names])].filter((n) => n.toLowerCase().includes(find.toLowerCase()));
    place.replaceChildren(...names.map((n) => checkbox({
      label: o.title_of && o.title_of(n) !== n ? `${o.title_of(n)} (${n})` : n, value: chosen.includes(n),
      on: (yes) => {
        chosen = yes ? [...chosen, n] : chosen.filter((c) => c !== n);
        o.on(chosen);
      },
    }).root));
  };
  draw('');
  const d = dialog({ title: o.title },
    textField({ label: 'Find', value: '', wait: 0, on: draw }).root, place,
    h('div', { class: 'row' }, button({ label: 'The usual ones', on: () => { chosen = [...o.usual]; o.on(chosen); draw(''); } }).root,
      button({ label: 'Done', kind: 'primary', on: () => d.close() }).root));
  d.open();
}


