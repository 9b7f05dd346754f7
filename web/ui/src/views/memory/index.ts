import './memory.css';
import { aborted, ApiError, post } from '../../api';
import { numberField, radios, textField, type Control } from '../../controls';
import { h } from '../../dom';
import { bytes, count } from '../../format';
import { type Meta } from '../../meta';
import { tableElement } from '../../table';
import { urlState, type UrlState } from '../../url';
import type { View } from '../../view';
import { Bars, memoryTable, verdictOf } from './bars';
import { rulePicker } from './rules';
import { asked, codec, countText, Misfit, types, type State, type Told } from './state';

let end: () => void = () => {};

export const view: View = {
  title: 'Memory',
  async mount(root, m) {
    const state = urlState<State>(codec);
    const form = memoryForm(m, state);
    const bars = new Bars();
    const verdict = h('div', { class: 'verdict memory-verdict' });
    const table = h('div', { class: 'memory-table' });
    let control = new AbortController();
    const ask = async (): Promise<void> => {
      control.abort();
      control = new AbortController();
      form.clear();
      try {
        const told = await post<Told>('/api/memory', asked(state.get()), control.signal);
        bars.update(told);
        table.replaceChildren(tableElement(readable(told), { sortable: false }));
        const v = verdictOf(told);
        verdict.hidden = told.memory === undefined;
        verdict.className = `verdict memory-verdict ${v.kind}`;
        verdict.replaceChildren(h('p', { class: 'verdict-title' }, v.title), h('p', null, v.text));
      } catch (error) {
        if (aborted(error)) return;
        if (error instanceof Misfit) form.refuse(error.field, error.message);
        else if (error instanceof ApiError && error.field) form.refuse(error.field, error.message);
        else throw error;
      }
    };
    const off = state.on(() => {
      form.show();
      void ask();
    });
    end = () => {
      off();
      control.abort();
      bars.destroy();
    };
    // Shown when the first numbers are there, so that nothing moves.
    await ask().finally(() => root.append(
      h('p', { class: 'lead' }, 'What training takes before anything is allocated: parameters, gradients and what the rule remembers.'),
      h('div', { class: 'split' }, form.root, h('div', { class: 'stack' }, verdict, bars.root, table))));
  },
  unmount() {
    end();
    end = () => {};
  },
};

/** The table of the page: amounts as people read them. */
function readable(told: Told): ReturnType<typeof memoryTable> {
  const whole = memoryTable(told);
  return {
    caption: `${count(told.params)} parameters in ${told.dtype}`,
    columns: whole.columns.map((c, i) => ({ ...c, numeric: i >= 2 && c.name !== 'fits' })),
    rows: told.runs.map((r) => [
      r.optimizer, r.slots.join(', ') || 'none', r.bytes_per_parameter, bytes(r.parameters), bytes(r.gradients), bytes(r.state), bytes(r.total),
      ...(told.memory === undefined ? [] : [r.fits ? 'yes' : 'no', countText(r.largest)]),
    ]),
  };
}

function memoryForm(m: Meta, state: UrlState<State>): { root: HTMLElement; show(): void; clear(): void; refuse(field: string, text: string): void } {
  const s = state.get();
  const by = radios<State['by']>({
    label: 'Parameters', segmented: true, value: s.by,
    options: [{ value: 'count', label: 'Number' }, { value: 'model', label: 'Model' }, { value: 'shapes', label: 'Shapes' }],
    on: (v) => state.set({ by: v }, 'push'),
  });
  const params = textField({ label: 'Number of parameters', help: 'Such as 7B, 350M or 7e9.', value: s.params, on: (v) => state.set({ params: v }) });
  const model = textField({ label: 'Model', mono: true, value: s.model, help: 'Such as mlp:128,64.', on: (v) => state.set({ model: v }) });
  const inputs = textField({ label: 'Shape of an example', value: s.inputs, help: '784, or 1x28x28 for a convolution.', on: (v) => state.set({ inputs: v }) });
  const outputs = numberField({ label: 'Outputs', int: true, min: 1, max: 2 ** 30, value: s.outputs, on: (v) => state.set({ outputs: v }) });
  const shapes = textField({ label: 'Shapes of arrays, one a line', rows: 6, mono: true, value: s.shapes, on: (v) => state.set({ shapes: v }) });
  const dtype = radios<State['dtype']>({ label: 'Precision', segmented: true, options: types, value: s.dtype, on: (v) => state.set({ dtype: v }, 'push') });
  const memory = textField({ label: 'Memory that there is', value: s.memory, help: 'Such as 80GB or 24GiB. Empty: none is compared with.', on: (v) => state.set({ memory: v }) });
  const rules = rulePicker(m, s.rules, (v) => state.set({ rules: v }, 'push'));

  const group = { count: h('div', { class: 'stack tight' }, params.root), model: h('div', { class: 'stack tight' }, model.root, inputs.root, outputs.root), shapes: h('div', { class: 'stack tight' }, shapes.root) };
  const fields: Record<string, Pick<Control<unknown>, 'error'>> = { params, model, inputs, outputs, shapes, dtype, memory, optimizers: rules, rules };
  const root = h('form', { class: 'stack', 'aria-label': 'What to count', on: { submit: (e) => e.preventDefault() } },
    h('div', { class: 'stack tight' }, by.root, group.count, group.model, group.shapes), dtype.root, memory.root, rules.root);

  const show = (): void => {
    const now = state.get();
    by.set(now.by);
    for (const [way, part] of Object.entries(group)) part.hidden = way !== now.by;
    params.set(now.params);
    model.set(now.model);
    inputs.set(now.inputs);
    if (outputs.value !== now.outputs) outputs.set(now.outputs);
    shapes.set(now.shapes);
    dtype.set(now.dtype);
    memory.set(now.memory);
    rules.set(now.rules);
  };
  show();
  return {
    root,
    show,
    clear() {
      for (const f of new Set(Object.values(fields))) f.error(null);
    },
    refuse(field, text) {
      const [name = '', index] = field.split('.');
      const where = index === undefined || name !== 'shapes' ? '' : `Line ${Number(index) + 1}: `;
      (fields[name] ?? params).error(where + text);
    },
  };
}
