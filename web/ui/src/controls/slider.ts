import { h } from '../dom';
import { fieldFrame, type Control, type Labelled } from './field';
import { scale, type ScaleOptions } from './scale';
import { readNumber, refuseNumber } from './textfield';

export interface SliderOptions extends Labelled, ScaleOptions {
  value: number;
  /** What may be typed, where it is more than the slider's ends. */
  domain?: { min?: number; max?: number; minOpen?: boolean; maxOpen?: boolean };
  on(v: number): void;
}

/** A slider with a field beside it that takes any number of the domain. */
export function slider(o: SliderOptions): Control<number> {
  const int = o.step !== undefined && Number.isInteger(o.step) && Number.isInteger(o.min);
  const domain = { ...(o.domain ?? { min: o.zero ? 0 : o.min, max: o.max }), int };
  const { steps, place, value: valueOf } = scale(o);
  let value = o.value;

  const range = h('input', {
    type: 'range', min: '0', max: String(steps), step: '1', 'aria-label': o.label,
    on: {
      input: () => {
        take(valueOf(Number(range.value)));
        exactly.value = String(value);
      },
    },
  });
  const exactly = h('input', {
    type: 'text', inputmode: 'decimal', class: 'number', autocomplete: 'off', spellcheck: 'false',
    on: {
      change: () => {
        const v = readNumber(exactly.value, int);
        const why = refuseNumber(v, domain);
        frame.error(why || null);
        if (why) return;
        take(v);
        show();
      },
    },
  });
  const frame = fieldFrame(o, exactly, h('div', { class: 'slider' }, range, exactly), 'field-slider');

  const show = (): void => {
    range.value = String(place(value));
    exactly.value = String(value);
    fill();
  };
  const fill = (): void => {
    range.style.setProperty('--filled', `${(100 * Number(range.value)) / steps}%`);
    range.setAttribute('aria-valuetext', String(value));
  };
  const take = (v: number): void => {
    frame.error(null);
    const changed = v !== value;
    value = v;
    fill();
    if (changed) o.on(v);
  };
  show();
  return {
    ...frame,
    get value() { return value; },
    set(v) {
      value = v;
      frame.error(null);
      show();
    },
    focus: () => range.focus(),
  };
}
