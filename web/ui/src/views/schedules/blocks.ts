import { button, combobox, select, textField, type Control } from '../../controls';
import { cross, down, up } from '../../controls/icon';
import { h } from '../../dom';
import { count } from '../../format';
import { announce } from '../../live';
import type { ScheduleInfo, ScheduleParam } from '../../meta';
import type { Block, Refusal } from './state';

/** Parts that hold other schedules are written as text; those that follow a metric have no curve. */
export function buildable(all: readonly ScheduleInfo[]): ScheduleInfo[] {
  return all.filter((info) => !info.plateau && !info.params.some((p) => (p.type === 'schedule' && info.name !== 'warmup') || p.type === 'schedules'));
}

/** The parts of one schedule: add, remove, reorder, set. */
export class BlockEditor {
  readonly root = h('div', { class: 'blocks' });
  private readonly list = h('ol', { class: 'block-list' });
  private readonly plain: HTMLElement;
  private readonly woven = h('p', { class: 'note' }, 'This schedule has brackets or products: it is edited as text.');
  private blocks: Block[] = [];
  private fields: Map<string, Pick<Control<unknown>, 'error'>>[] = [];
  private readonly kinds: ScheduleInfo[];

  constructor(all: readonly ScheduleInfo[], private readonly on: (blocks: Block[]) => void) {
    this.kinds = buildable(all);
    const add = combobox({
      label: 'Add a block at the end', value: '', placeholder: 'Choose a kind',
      options: this.kinds.map((k) => ({ value: k.name, label: k.name, note: k.doc })),
      on: (kind) => {
        add.set('');
        if (kind === '') return;
        this.change(this.appended(kind));
        this.focus(this.blocks.length - 1, 'select');
        announce(`${kind} added as block ${this.blocks.length}`);
      },
    });
    this.plain = h('div', { class: 'stack tight' }, this.list, add.root);
    this.root.append(this.plain, this.woven);
  }

  /** Shows the blocks of a schedule; null: it has none that can be shown. */
  set(blocks: Block[] | null): void {
    this.plain.hidden = blocks === null;
    this.woven.hidden = blocks !== null;
    if (blocks === null) return;
    const same = blocks.length === this.blocks.length && blocks.every((b, i) => {
      const mine = this.blocks[i];
      return mine?.kind === b.kind && (mine.scale ?? '') === (b.scale ?? '') && given(mine) === given(b);
    });
    this.blocks = blocks;
    if (same && this.fields.length === blocks.length) this.hints();
    else this.draw();
  }

  /** Shows what the server refused, at the field that it names. */
  error(refusal: Refusal | undefined): boolean {
    for (const all of this.fields) for (const f of all.values()) f.error(null);
    const m = /^blocks\.(\d+)(?:\.(?:params\.)?(\w+))?$/.exec(refusal?.field ?? '');
    if (!refusal || !m) return false;
    const all = this.fields[Number(m[1])];
    const field = all?.get(m[2] ?? 'kind') ?? all?.get('kind');
    field?.error(refusal.error);
    return field !== undefined;
  }

  private change(blocks: Block[], redraw = true): void {
    this.blocks = blocks;
    if (redraw) this.draw();
    this.on(blocks);
  }

  /** The blocks with one more, which takes the second half of what the last one had. */
  private appended(kind: string): Block[] {
    const info = this.kinds.find((k) => k.name === kind);
    const params: Record<string, string> = {};
    for (const p of info?.params ?? []) {
      const usual = info?.example?.[p.name];
      if (p.default === undefined && usual !== undefined) params[p.name] = Array.isArray(usual) ? usual.join('|') : String(usual);
    }
    const last = this.blocks.at(-1);
    const had = Number(last?.values?.total ?? 0);
    if (!last || last.params.total !== undefined || had < 2) return [...this.blocks, { kind, params }];
    return [...this.blocks.slice(0, -1), { ...last, params: { ...last.params, total: String(Math.floor(had / 2)) } }, { kind, params }];
  }

  private focus(i: number, selector: string): void {
    this.list.children[i]?.querySelector<HTMLElement>(selector)?.focus();
  }

  private move(i: number, by: number): void {
    const to = i + by;
    const moved = this.blocks[i];
    if (!moved || to < 0 || to >= this.blocks.length) return;
    const next = this.blocks.filter((_, k) => k !== i);
    next.splice(to, 0, moved);
    this.change(next);
    this.focus(to, by < 0 ? '[data-do="up"]:not(:disabled), [data-do="down"]' : '[data-do="down"]:not(:disabled), [data-do="up"]');
    announce(`${moved.kind} is block ${to + 1} of ${this.blocks.length} now`);
  }

  private remove(i: number): void {
    const gone = this.blocks[i];
    this.change(this.blocks.filter((_, k) => k !== i));
    if (this.blocks.length > 0) this.focus(Math.min(i, this.blocks.length - 1), '[data-do="remove"]');
    else this.plain.querySelector<HTMLElement>('.combobox input')?.focus();
    announce(`${gone?.kind ?? 'block'} removed`);
  }

  private draw(): void {
    this.fields = [];
    this.list.replaceChildren(...this.blocks.map((b, i) => this.card(b, i)));
    this.hints();
  }

  /** Says where each block lies, and what the parameters left out are. */
  private hints(): void {
    this.blocks.forEach((b, i) => {
      const card = this.list.children[i];
      const span = card?.querySelector('.block-span');
      if (span) span.textContent = b.values === undefined ? '' : `from step ${count(b.from ?? 0)}${b.steps ? `, ${count(b.steps)} steps` : ''}`;
      for (const input of card?.querySelectorAll<HTMLInputElement>('input[data-param]') ?? []) {
        const value = b.values?.[input.dataset.param ?? ''];
        if (value !== undefined) input.placeholder = Array.isArray(value) ? value.join('|') : String(value);
      }
    });
  }

  private card(b: Block, i: number): HTMLElement {
    const info = this.kinds.find((k) => k.name === b.kind);
    const fields = new Map<string, Pick<Control<unknown>, 'error'>>();
    this.fields[i] = fields;
    const kind = select({
      label: `Kind of block ${i + 1}`, unlabelled: true, value: b.kind,
      options: this.kinds.some((k) => k.name === b.kind) ? this.kinds.map((k) => k.name) : [b.kind, ...this.kinds.map((k) => k.name)],
      on: (v) => {
        this.change(this.blocks.map((o, k) => (k === i ? { kind: v, params: {}, ...(o.scale ? { scale: o.scale } : {}) } : o)));
        this.focus(i, 'select');
      },
    });
    fields.set('kind', kind);
    const set = (name: string, value: string): void => {
      const now = this.blocks[i];
      if (!now) return;
      const params = { ...now.params };
      if (value.trim() === '') delete params[name];
      else params[name] = value.trim();
      this.change(this.blocks.map((o, k) => (k === i ? { ...o, params } : o)), false);
    };
    const inputs = (info?.params ?? []).filter((p) => p.type !== 'schedule' && p.type !== 'schedules').map((p) => {
      const field = this.param(b, p, (v) => set(p.name, v));
      fields.set(p.name, field);
      return field.root;
    });
    const scale = textField({
      label: 'times', value: b.scale ?? '', placeholder: '1', wait: 300,
      on: (v) => this.change(this.blocks.map((o, k) => (k === i ? { ...o, scale: v.trim() } : o)), false),
    });
    fields.set('scale', scale);
    if (b.kind !== 'warmup') inputs.push(scale.root);
    const tool = (what: string, label: string, icon: SVGSVGElement, off: boolean, on: () => void): HTMLElement => {
      const made = button({ label, kind: 'quiet', iconOnly: true, icon, on });
      made.root.dataset.do = what;
      made.disable(off);
      return made.root;
    };
    const name = `block ${i + 1}, ${b.kind}`;
    return h('li', {
      class: 'block', on: {
        keydown: (e) => {
          if (!e.altKey || (e.key !== 'ArrowUp' && e.key !== 'ArrowDown')) return;
          e.preventDefault();
          this.move(i, e.key === 'ArrowUp' ? -1 : 1);
        },
      },
    },
    h('div', { class: 'block-head' }, kind.root,
      tool('up', `Move ${name} up`, up(), i === 0, () => this.move(i, -1)),
      tool('down', `Move ${name} down`, down(), i === this.blocks.length - 1, () => this.move(i, 1)),
      tool('remove', `Remove ${name}`, cross(), this.blocks.length === 1, () => this.remove(i))),
    h('p', { class: 'note block-doc' }, info?.doc ?? '', ' ', h('span', { class: 'block-span number' })),
    h('div', { class: 'block-params' }, inputs));
  }

  private param(b: Block, p: ScheduleParam, on: (v: string) => void): Control<string> {
    const value = b.params[p.name] ?? '';
    const label = p.name;
    const help = `${p.doc}${p.domain ? `, ${p.domain}` : ''}`;
    const choices = p.type === 'bool' ? ['false', 'true'] : p.choices;
    if (choices) {
      const usual = p.default ?? choices[0] ?? '';
      const field = select({
        label, value: value === '' ? usual : value, options: choices.map((c) => ({ value: c, label: c })),
        on: (v) => on(v === usual ? '' : v),
      });
      field.root.title = help;
      return field;
    }
    const field = textField({ label, value, placeholder: p.default ?? '', wait: 300, on });
    const input = field.root.querySelector('input');
    if (input) input.dataset.param = p.name;
    field.root.title = help;
    return field;
  }
}

function given(b: Block): string {
  return JSON.stringify(Object.entries(b.params).filter(([, v]) => v !== '').sort(([a], [c]) => (a < c ? -1 : 1)));
}
