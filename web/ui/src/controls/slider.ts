import { h } from '../dom';
import { fieldFrame, type Control, type Labelled } from './field';
import { refuseNumber } from './textfield';

export interface SliderOptions extends Labelled {
  value: number;
  min: number;
  max: number;
  /** Equal ratios at equal distances; min must be positive. */
  log?: boolean;
  /** The grid of a linear slider; default: a hundredth of the span. */
  step?: number;
  /** What may be typed, where it is more than the slider's ends. */
  domain?: { min?: number; max?: number; minOpen?: boolean; maxOpen?: boolean };
  on(v: number): void;
}

/** A slider with a field beside it that takes any number of the domain. */
export function slider(o: SliderOptions): Control<number> {
  if (!(o.min < o.max) || (o.log && !(o.min > 0))) {
    throw new RangeError(`controls: slider ${o.label}: ${o.min} to ${o.max}, want min < max${o.log ? ' and min > 0' : ''}`);
  }
  const int = o.step !== undefined && Number.isInteger(o.step) && Number.isInteger(o.min);
  const domain = { ...(o.domain ?? { min: o.min, max: o.max }), int };
  const steps = o.log ? Math.max(20, Math.round(Math.log10(o.max / o.min) * 20)) : Math.round((o.max - o.min) / (o.step ?? (o.max - o.min) / 100));
  let value = o.value;

  const place = (v: number): number => {
    const u = o.log ? Math.log(Math.max(v, o.min) / o.min) / Math.log(o.max / o.min) : (v - o.min) / (o.max - o.min);
    return Math.round(Math.max(0, Math.min(1, u)) * steps);
  };
  const valueOf = (p: number): number => {
    if (p <= 0) return o.min;
    if (p >= steps) return o.max;
    if (o.log) return Number((o.min * (o.max / o.min) ** (p / steps)).toPrecision(2));
    const v = o.step ? o.min + p * o.step : o.min + (p / steps) * (o.max - o.min);
    return Number(v.toPrecision(10));
  };

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
        const text = exactly.value.trim().replace(',', '.');
        const v = text === '' ? NaN : Number(text);
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
