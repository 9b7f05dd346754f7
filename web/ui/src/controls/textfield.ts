import { h } from '../dom';
import { fieldFrame, type Control, type Labelled } from './field';

export interface NumberFieldOptions extends Labelled {
  value: number;
  min?: number;
  max?: number;
  /** Whether min or max itself is refused. */
  minOpen?: boolean;
  maxOpen?: boolean;
  int?: boolean;
  /** The unit after the field. */
  unit?: string;
  on(v: number): void;
}

/** A field for one number, in any notation that Number reads. What is not in the interval is refused in words. */
export function numberField(o: NumberFieldOptions): Control<number> {
  let value = o.value;
  const input = h('input', {
    type: 'text', inputmode: o.int ? 'numeric' : 'decimal', autocomplete: 'off', spellcheck: 'false',
    class: 'number', value: String(o.value),
    on: {
      change: () => read(true),
      input: () => read(false),
      keydown: (e) => {
        const by = { ArrowUp: 1, ArrowDown: -1 }[e.key];
        if (!by) return;
        e.preventDefault();
        set(step(value, by, o.int ?? false, o));
        o.on(value);
      },
    },
  });
  const frame = fieldFrame(o, input, o.unit ? h('div', { class: 'with-unit' }, input, h('span', { class: 'unit' }, o.unit)) : input);
  const set = (v: number): void => {
    value = v;
    input.value = String(v);
    frame.error(null);
  };
  const read = (finished: boolean): void => {
    const v = readNumber(input.value, o.int);
    const why = refuseNumber(v, o);
    if (why) {
      if (finished) frame.error(why);
      return;
    }
    frame.error(null);
    if (v === value) return;
    value = v;
    o.on(v);
  };
  return { ...frame, get value() { return value; }, set, focus: () => input.focus() };
}

/**
 * Reads a number as people write it, and as the page does: a minus sign, commas between thousands of a
 * whole number, a comma before decimals. NaN where it is none, or could be two.
 */
export function readNumber(text: string, int = false): number {
  const t = text.trim().replace(/^−/, '-').replace(/([eE])−/, '$1-');
  if (t === '') return NaN;
  const grouped = /^[+-]?[1-9]\d{0,2}(?:,\d{3})+(\.\d+)?$/.exec(t);
  if (grouped && (int || grouped[1] !== undefined || t.indexOf(',') !== t.lastIndexOf(','))) return Number(t.replaceAll(',', ''));
  return grouped ? NaN : Number(t.replace(',', '.'));
}

interface Interval {
  min?: number;
  max?: number;
  minOpen?: boolean;
  maxOpen?: boolean;
  int?: boolean;
}

/** Why a number cannot be taken; empty if it can. */
export function refuseNumber(v: number, o: Interval): string {
  if (!Number.isFinite(v)) return `Want ${wanted(o)}.`;
  if (o.int && !Number.isInteger(v)) return `${v} is not a whole number.`;
  const low = o.min !== undefined && (o.minOpen ? v <= o.min : v < o.min);
  const high = o.max !== undefined && (o.maxOpen ? v >= o.max : v > o.max);
  return low || high ? `${v} is not in ${intervalText(o)}.` : '';
}

function wanted(o: Interval): string {
  const kind = o.int ? 'a whole number' : 'a number';
  return o.min === undefined && o.max === undefined ? kind : `${kind} in ${intervalText(o)}`;
}

export function intervalText(o: Interval): string {
  const low = o.min === undefined || o.min === -Infinity ? '(−∞' : `${o.minOpen ? '(' : '['}${o.min}`;
  const high = o.max === undefined || o.max === Infinity ? '∞)' : `${o.max}${o.maxOpen ? ')' : ']'}`;
  return `${low}, ${high}`;
}

/** One step of the arrow keys: a unit of the last but one digit that the number has. */
function step(v: number, by: number, int: boolean, o: Interval): number {
  const size = v === 0 ? 0.1 : 10 ** (Math.floor(Math.log10(Math.abs(v)) + 1e-12) - 1);
  const unit = int ? Math.max(1, Math.round(size)) : size;
  const next = Number((v + by * unit).toPrecision(12));
  return refuseNumber(next, o) === '' ? next : v;
}

export interface TextFieldOptions extends Labelled {
  value: string;
  placeholder?: string;
  /** A fixed-width face, for expressions and specifications. */
  mono?: boolean;
  /** With more than one row it is a text area. */
  rows?: number;
  /** Calls on this many milliseconds after the last key; 0: at the end (Enter or leaving). Default 250. */
  wait?: number;
  on(v: string): void;
}

export function textField(o: TextFieldOptions): Control<string> {
  let told = o.value;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = o.wait ?? 250;
  const tell = (): void => {
    clearTimeout(timer);
    if (input.value === told) return;
    told = input.value;
    o.on(told);
  };
  const props = {
    class: o.mono ? 'mono' : '', value: o.value, placeholder: o.placeholder, autocomplete: 'off', spellcheck: 'false',
    autocapitalize: 'off', on: {
      change: tell,
      input: () => {
        clearTimeout(timer);
        if (wait > 0) timer = setTimeout(tell, wait);
      },
      keydown: (e: KeyboardEvent) => {
        if (e.key === 'Enter' && !(o.rows && o.rows > 1)) tell();
      },
    },
  };
  const input: HTMLInputElement | HTMLTextAreaElement = o.rows && o.rows > 1
    ? h('textarea', { ...props, rows: o.rows })
    : h('input', { ...props, type: 'text' });
  const frame = fieldFrame(o, input);
  return {
    ...frame,
    get value() { return input.value; },
    set(v) {
      clearTimeout(timer);
      told = v;
      if (input.value !== v) input.value = v;
    },
    focus: () => input.focus(),
  };
}
