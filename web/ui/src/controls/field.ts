import { freshId, h, type Child } from '../dom';

/** What every control with a value returns. */
export interface Control<T> {
  readonly root: HTMLElement;
  /** The value now. */
  readonly value: T;
  /** Sets the value without calling `on`. */
  set(v: T): void;
  /** Shows an error under the control, or none with null. column counts characters from 1. */
  error(text: string | null, column?: number): void;
  disable(off: boolean): void;
  focus(): void;
}

export interface Option<V extends string = string> {
  value: V;
  label: string;
  /** A second line, or what stands beside the label. */
  note?: string;
  disabled?: boolean;
}

export interface Labelled {
  label: string;
  /** A sentence under the control. */
  help?: string | undefined;
  /** Leaves the label to screen readers, where the place says what it is. */
  unlabelled?: boolean;
}

/** Options given as texts alone are their own labels. */
export function optionsOf<V extends string>(options: readonly (V | Option<V>)[]): Option<V>[] {
  return options.map((o) => (typeof o === 'string' ? { value: o, label: o } : o));
}

export interface FieldFrame {
  root: HTMLElement;
  error(text: string | null, column?: number): void;
  disable(off: boolean): void;
}

/** Puts a label over an input and help and errors under it, and tells the input of them. */
export function fieldFrame(o: Labelled, input: HTMLElement, body: Child = input, kind = ''): FieldFrame {
  if (!input.id) input.id = freshId('field');
  const helpId = `${input.id}-help`;
  const errorId = `${input.id}-error`;
  const error = h('p', { class: 'field-error', id: errorId, hidden: true });
  const help = o.help ? h('p', { class: 'field-help', id: helpId }, o.help) : null;
  const root = h('div', { class: `field ${kind}`.trim() },
    h('label', { class: o.unlabelled ? 'unseen' : 'field-label', for: input.id }, o.label), body, error, help);
  const describe = (failed: boolean): void => {
    const ids = [failed ? errorId : '', help ? helpId : ''].filter((id) => id !== '').join(' ');
    if (ids) input.setAttribute('aria-describedby', ids);
    else input.removeAttribute('aria-describedby');
  };
  describe(false);
  return {
    root,
    error(text, column) {
      error.hidden = text === null;
      root.classList.toggle('failed', text !== null);
      if (text === null) input.removeAttribute('aria-invalid');
      else input.setAttribute('aria-invalid', 'true');
      const caret = column && input instanceof HTMLInputElement ? caretLine(input.value, column) : null;
      error.replaceChildren(...(caret ? [caret] : []), h('span', null, text ?? ''));
      describe(text !== null);
    },
    disable(off) {
      root.classList.toggle('disabled', off);
      for (const e of root.querySelectorAll<HTMLInputElement>('input, select, textarea, button')) e.disabled = off;
    },
  };
}

/** The text again with a mark under its column, for errors of a parser. */
function caretLine(text: string, column: number): HTMLElement {
  const all = [...text]; // characters, not their halves
  const at = Math.max(0, Math.min(column - 1, all.length));
  const from = Math.max(0, at - 24);
  const before = (from > 0 ? '…' : '') + all.slice(from, at).join('');
  return h('code', { class: 'field-caret', 'aria-hidden': true }, before, h('mark', null, all[at] ?? ' '), all.slice(at + 1, at + 24).join(''));
}
