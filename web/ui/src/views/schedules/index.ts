import './schedules.css';
import { aborted, ApiError, num, post } from '../../api';
import { Chart, type ChartSpec } from '../../chart';
import { disclosure, numberField, slider, tabs, textField } from '../../controls';
import { h } from '../../dom';
import { commandLine } from '../../figure';
import { type Meta } from '../../meta';
import { seriesStyle } from '../../style';
import { urlState } from '../../url';
import type { View } from '../../view';
import { BlockEditor } from './blocks';
import { overlayList } from './overlay';
import { bare, codec, most, type Block, type Drawn, type State } from './state';

let end: () => void = () => {};

export const view: View = {
  title: 'Schedules',
  async mount(root, m) {
    const state = urlState<State>(codec);
    const at = (): number => Math.max(0, Math.min(state.get().at, state.get().s.length - 1));
    let drawn: Drawn[] = [];
    // What the editor of blocks says goes to the server as blocks, until it has said what they are as text.
    let edited: Block[] | undefined;

    const total = numberField({ label: 'Steps of the run', int: true, min: 1, max: 10_000_000, value: state.get().total, on: (v) => state.set({ total: v }) });
    const lr = slider({ label: 'Learning rate', value: state.get().lr, min: 1e-6, max: 10, log: true, domain: { min: 0, minOpen: true }, on: (v) => state.set({ lr: v }) });
    const spec = textField({
      label: 'As text', mono: true, value: state.get().s[at()] ?? '', wait: 200,
      help: '+ is one after another, * a product, brackets group: warmup:steps=100+0.5*cosine',
      on: (v) => setSpec(v),
    });
    const editor = new BlockEditor(m.schedules, (blocks) => {
      edited = blocks;
      void ask();
    });
    const overlay = overlayList({
      choose: (i) => state.set({ at: i }, 'push'),
      add: () => {
        const { s } = state.get();
        const copy = s[at()] ?? 'cosine';
        state.set({ s: [...s, copy], at: s.length }, 'push');
      },
      remove: (i) => {
        const { s } = state.get();
        state.set({ s: s.filter((_, k) => k !== i), at: at() > i || at() === s.length - 1 ? Math.max(0, at() - 1) : at() }, 'push');
      },
    });
    const setSpec = (text: string, how?: 'push'): void => {
      const s = [...state.get().s];
      s[at()] = text;
      state.set({ s }, how);
    };

    const rate = new Chart(rateSpec([], state.get(), 0));
    const momentum = new Chart(momentumSpec([], state.get()));
    const copies = copyTabs();
    let control = new AbortController();
    const ask = async (): Promise<void> => {
      control.abort();
      control = new AbortController();
      const s = state.get();
      const mine = at();
      const blocks = edited;
      const schedules = s.s.map((text, i) => (i === mine && blocks ? { blocks: blocks.map(bare) } : { spec: text }));
      try {
        const told = await post<{ schedules: Drawn[] }>('/api/schedules/curve', { total: s.total, lr: s.lr, points: 1200, schedules }, control.signal);
        drawn = told.schedules;
        total.error(null);
        lr.error(null);
        const own = drawn[mine];
        if (blocks && own && !own.error) {
          edited = undefined;
          spec.set(own.spec);
          if (own.spec !== s.s[mine]) setSpecQuietly(own.spec);
        }
        show();
      } catch (error) {
        if (aborted(error)) return;
        if (error instanceof ApiError && error.field === 'total') total.error(error.message);
        else if (error instanceof ApiError && error.field === 'lr') lr.error(error.message);
        else throw error;
      }
    };
    const setSpecQuietly = (text: string): void => {
      quiet = true;
      setSpec(text);
      quiet = false;
    };
    let quiet = false;

    const show = (): void => {
      const s = state.get();
      const own = drawn[at()];
      if (total.value !== s.total) total.set(s.total);
      if (lr.value !== s.lr) lr.set(s.lr);
      overlay.set(s.s, at(), drawn.map((d) => d.error !== undefined), s.s.length >= most);
      if (!own?.error) editor.set(own?.blocks ?? null);
      const inBlock = editor.error(own?.error);
      spec.error(own?.error && !inBlock ? own.error.error : null, edited ? undefined : own?.error?.column);
      rate.update(rateSpec(drawn, s, at()));
      momentum.update(momentumSpec(drawn, s));
      copies.set(own);
    };
    const off = state.on(() => {
      if (quiet) return;
      edited = undefined;
      overlay.set(state.get().s, at(), drawn.map((d) => d.error !== undefined), state.get().s.length >= most);
      spec.set(state.get().s[at()] ?? '');
      void ask();
    });
    end = () => {
      off();
      control.abort();
      overlay.destroy();
      rate.destroy();
      momentum.destroy();
    };
    // Shown when the first curves are there, so that nothing moves.
    await ask().finally(() => root.append(h('p', { class: 'lead' }, 'The learning rate of every step, drawn by the code that trains.'),
        h('div', { class: 'split' },
          h('div', { class: 'stack' }, h('div', { class: 'stack tight' }, total.root, lr.root), overlay.root,
            h('div', { class: 'stack tight schedule-edit' }, spec.root, editor.root)),
          h('div', { class: 'stack' }, rate.root, momentum.root, copies.root, kindsOf(m.schedules)))));
  },
  unmount() {
    end();
    end = () => {};
  },
};

function lines(drawn: readonly Drawn[], values: (d: Drawn) => (number | string)[] | undefined): ChartSpec['series'] {
  const names = new Map<string, number>();
  return drawn.flatMap((d, i) => {
    const y = values(d);
    // Two alike are two lines all the same.
    const before = names.get(d.spec) ?? 0;
    names.set(d.spec, before + 1);
    if (!y || !d.steps) return [];
    return [{ name: before === 0 ? d.spec : `${d.spec} (${before + 1})`, x: d.steps, y: y.map(num), style: seriesStyle(i) }];
  });
}

function rateSpec(drawn: readonly Drawn[], s: State, at: number): ChartSpec {
  const own = drawn[at];
  const joints = (own?.blocks ?? []).filter((b) => (b.from ?? 0) > 0).map((b) => ({ x: b.from ?? 0, text: b.kind }));
  return {
    id: 'schedules', title: 'Learning rate', x: { label: 'step', min: 0, max: Math.max(1, s.total - 1) }, y: { label: 'learning rate', min: 0 },
    series: lines(drawn, (d) => d.rate), verticals: joints, group: 'schedules', height: 340,
    command: () => drawn.map((d) => d.command ?? '').filter((c) => c !== '').join('\n'),
  };
}

function momentumSpec(drawn: readonly Drawn[], s: State): ChartSpec {
  return {
    id: 'schedules-momentum', title: 'Momentum', x: { label: 'step', min: 0, max: Math.max(1, s.total - 1) }, y: { label: 'momentum, β₁' },
    series: lines(drawn, (d) => d.momentum), group: 'schedules', height: 220,
    empty: 'None of these schedules moves the momentum: onecycle and cyclic do.',
    command: () => drawn.filter((d) => d.momentum).map((d) => d.command ?? '').join('\n'),
  };
}

/** The schedule as a program, an experiment and a command have it. */
function copyTabs(): { root: HTMLElement; set(d: Drawn | undefined): void } {
  const kinds = [
    { id: 'go', label: 'Go', of: (d: Drawn) => d.go },
    { id: 'yaml', label: 'YAML', of: (d: Drawn) => d.yaml },
    { id: 'flags', label: 'Flags', of: (d: Drawn) => d.flags },
    { id: 'command', label: 'Command', of: (d: Drawn) => d.command },
  ];
  const places = new Map(kinds.map((k) => [k.id, h('div')]));
  const box = tabs({ label: 'Copy the schedule as', tabs: kinds.map((k) => ({ id: k.id, label: k.label, panel: () => places.get(k.id) ?? h('div') })) });
  return {
    root: h('section', { class: 'schedule-copy', 'aria-label': 'Copy the schedule' }, h('h2', { class: 'figure-title' }, 'Take it with you'), box.root),
    set(d) {
      for (const k of kinds) {
        const text = (d && k.of(d)) ?? '';
        places.get(k.id)?.replaceChildren(text === '' ? h('p', { class: 'note' }, 'There is nothing to copy while the schedule is wrong.') : commandLine(text.trimEnd()));
      }
    },
  };
}

/** What there is, for those who look for it. */
function kindsOf(all: Meta['schedules']): HTMLElement {
  return disclosure({ label: 'All kinds of schedules' }, h('dl', { class: 'facts' }, all.flatMap((info) => [
    h('dt', null, h('code', null, info.name)), h('dd', null, info.doc, info.citation ? h('span', { class: 'note' }, ` ${info.citation}`) : null),
  ])));
}
