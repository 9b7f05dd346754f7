import { button, checkbox, radios, select, slider } from '../../controls';
import { h } from '../../dom';
import type { State } from './state';
import type { Axis } from './types';

/** What is drawn, and how: axis, smoothing, logarithms, groups. */
export class Bar {
  readonly root: HTMLElement;
  private readonly x;
  private readonly smooth;
  private readonly logx;
  private readonly logy;
  private readonly group;
  private groups = '';

  constructor(state: State, on: { set(patch: Partial<State>): void; choose(): void }) {
    this.x = radios<Axis>({ label: 'Against', segmented: true, options: ['step', 'epoch', 'examples', 'seconds'], value: state.x, on: (x) => on.set({ x }) });
    this.smooth = slider({
      label: 'Smoothing', help: 'Decay of the average; 0 is none', min: 0, max: 0.999, complement: true, value: state.smooth, domain: { min: 0, max: 0.9999 },
      on: (smooth) => on.set({ smooth: Number(smooth.toPrecision(4)) }),
    });
    this.logy = checkbox({ label: 'Logarithmic losses and norms', value: state.logy, on: (logy) => on.set({ logy }) });
    this.logx = checkbox({ label: 'Logarithmic axis', value: state.logx, on: (logx) => on.set({ logx }) });
    this.group = select({ label: 'Group by', value: state.group, options: [{ value: '', label: 'nothing' }, { value: 'all', label: 'all as one' }], on: (group) => on.set({ group }) });
    this.root = h('div', { class: 'runs-bar', role: 'group', 'aria-label': 'How curves are drawn' },
      this.x.root, this.smooth.root, h('div', { class: 'runs-checks' }, this.logy.root, this.logx.root), this.group.root,
      button({ label: 'Curves…', on: on.choose }).root);
  }

  update(state: State, varied: readonly string[]): void {
    this.group.root.hidden = state.run !== '';
    this.x.set(state.x);
    this.smooth.set(state.smooth);
    this.logx.set(state.logx);
    this.logy.set(state.logy);
    const names = [...new Set([...varied.filter((v) => v !== 'seed' && v !== 'name' && v !== 'tags'), 'optimizer', 'lr', 'model', ...(state.group && state.group !== 'all' ? [state.group] : [])])];
    const key = JSON.stringify(names);
    if (key !== this.groups) {
      this.groups = key;
      this.group.options([{ value: '', label: 'nothing' }, { value: 'all', label: 'all as one' }, ...names.map((n) => ({ value: n, label: n }))]);
    }
    this.group.set(state.group);
  }
}
