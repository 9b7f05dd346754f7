import type { ApiError } from '../../api';
import { combobox, numberField, slider, textField, type Control } from '../../controls';
import { h, replace } from '../../dom';
import { number6 } from '../../format';
import { sliderOptions, type FunctionInfo, type Meta } from '../../meta';
import type { Terrain } from './api';
import type { Point } from './state';

export interface FunctionPanel {
  readonly root: HTMLElement;
  /** Shows a function's text and start. */
  set(f: string, start: Point): void;
  /** Shows what the server made of the text. */
  terrain(t: Terrain): void;
  error(e: ApiError | null): void;
}

interface Options {
  f: string;
  start: Point;
  on(f: string): void;
  moved(p: Point): void;
}

/** The value of the choice that is an expression. */
const own = '';

/** Chooses a function by name, with its parameters, or takes an expression; and the start in numbers. */
export function functionPanel(m: Meta, o: Options): FunctionPanel {
  let shown = '';
  let sliders = new Map<string, Control<number>>();
  const choice = combobox({
    label: 'Function', value: nameOf(m, o.f)?.name ?? own,
    options: [{ value: own, label: 'Expression in x and y' }, ...m.functions.map((f) => ({ value: f.name, label: f.title, note: f.text }))],
    on(v) {
      if (v !== own) return take(v);
      show(expression.value || current());
      expression.focus();
    },
  });
  const expression = textField({
    label: 'f(x, y) =', value: '', mono: true, wait: 200, placeholder: '(1-x)^2 + 100*(y-x^2)^2',
    on: (v) => take(v.trim()),
  });
  const doc = h('p', { class: 'note explore-doc' });
  const params = h('div', { class: 'stack tight' });
  const formula = h('p', { class: 'explore-formula' });
  const x = numberField({ label: 'Start x', value: 0, on: () => o.moved([x.value, y.value]) });
  const y = numberField({ label: 'Start y', value: 0, on: () => o.moved([x.value, y.value]) });
  const root = h('section', { class: 'stack tight explore-function', 'aria-label': 'Function' },
    choice.root, expression.root, formula, params, doc, h('div', { class: 'explore-pair' }, x.root, y.root));

  const take = (f: string): void => {
    if (f === '') return;
    o.on(f);
  };
  /** The text of the chosen function with its parameters in place, to go on from. */
  const current = (): string => {
    const info = nameOf(m, shown);
    if (!info) return shown;
    const values = valuesOf(info, shown);
    return inPlace(info.text, new Map(info.params.map((p) => [p.name, values.get(p.name) ?? p.value])));
  };
  const show = (f: string): void => {
    const info = nameOf(m, f);
    const before = nameOf(m, shown);
    shown = f;
    choice.set(info?.name ?? own);
    expression.root.hidden = info !== undefined;
    if (!info) expression.set(f);
    doc.textContent = info ? `${info.doc} ${info.source}`.trim() : 'Numbers, x, y, pi, e, + - * / ^ ( ) and abs, acos, asin, atan, cos, cosh, erf, exp, log, sign, sin, sinh, sqrt, tan, tanh.';
    if (info !== before || !info) {
      sliders = new Map();
      replace(params, info?.params.map((p) => {
        const control = slider({
          label: `${p.name}, ${p.doc}`, value: p.value, ...sliderOptions(p.slider), domain: {},
          on: () => take(specOf(info, sliders)),
        });
        sliders.set(p.name, control);
        return control.root;
      }));
    }
    if (info) for (const [name, v] of valuesOf(info, f)) if (sliders.get(name)?.value !== v) sliders.get(name)?.set(v);
  };
  show(o.f);
  return {
    root,
    set(f, start) {
      if (f !== shown) show(f);
      if (x.value !== start[0]) x.set(start[0]);
      if (y.value !== start[1]) y.set(start[1]);
    },
    terrain(t) {
      expression.error(null);
      choice.error(null);
      const minima = t.minima.length > 0 ? t.minima : t.stationary.filter((q) => q.kind === 'minimum');
      const [lowest] = minima;
      replace(formula, t.own ? null : [h('code', null, `f(x, y) = ${t.text}`), h('br')],
        h('span', { class: 'note' }, lowest
          ? `${minima.length === 1 ? 'Minimum' : `${minima.length} minima, the lowest`} ${number6(lowest.value)} at (${number6(lowest.x)}, ${number6(lowest.y)})${t.minima.length > 0 ? '' : ', found here'}`
          : 'No minimum is known here'));
    },
    error(e) {
      const field = expression.root.hidden ? choice : expression;
      field.error(e ? sentence(e.message) : null, expression.root.hidden ? undefined : e?.column);
    },
  };
}

/** An expression with numbers for its parameters; one below zero is in brackets. */
export function inPlace(text: string, values: ReadonlyMap<string, number>): string {
  return text.replace(/[a-z]\w*/gi, (name) => {
    const v = values.get(name);
    return v === undefined ? name : v < 0 ? `(${v})` : String(v);
  });
}

export function sentence(text: string): string {
  const t = text.trim();
  return t.charAt(0).toUpperCase() + t.slice(1) + (/[.!?]$/.test(t) ? '' : '.');
}

/** The built-in function that a text names, with parameters or without. */
export function nameOf(m: Meta, f: string): FunctionInfo | undefined {
  return m.functions.find((g) => g.name === f.split(':')[0]?.trim());
}

function valuesOf(info: FunctionInfo, f: string): Map<string, number> {
  const values = new Map(info.params.map((p) => [p.name, p.value]));
  for (const part of f.split(':').slice(1).join(':').split(',')) {
    const [key = '', v = ''] = part.split('=').map((t) => t.trim());
    if (values.has(key) && v !== '' && Number.isFinite(Number(v))) values.set(key, Number(v));
  }
  return values;
}

function specOf(info: FunctionInfo, sliders: Map<string, Control<number>>): string {
  const given = info.params.filter((p) => sliders.get(p.name)?.value !== p.value).map((p) => `${p.name}=${sliders.get(p.name)?.value}`);
  return given.length > 0 ? `${info.name}:${given.join(',')}` : info.name;
}
