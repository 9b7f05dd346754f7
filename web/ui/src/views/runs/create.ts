import { ApiError, num, post } from '../../api';
import { button, checkbox, combobox, dialog, disclosure, select, textField, type Control, type Dialog } from '../../controls';
import { h, replace } from '../../dom';
import { commandLine } from '../../figure';
import type { Meta, SettingInfo } from '../../meta';
import { shellLine } from './state';
import type { Job } from './types';

/** The settings that are asked for first; the others are in groups below. */
const first = ['data', 'model', 'optimizer', 'lr', 'schedule', 'epochs', 'steps', 'batch', 'seed', 'name'];

type Values = Map<string, string>;

/** Reads what an address holds: key=value. */
export function valuesOf(set: readonly string[]): Values {
  const values: Values = new Map();
  for (const s of set) {
    const i = s.indexOf('=');
    if (i > 0) values.set(s.slice(0, i), s.slice(i + 1));
  }
  return values;
}

/** The flags of a request: what differs from the default. */
export function flagsOf(values: Values, settings: readonly SettingInfo[]): Record<string, string | string[] | boolean> {
  const flags: Record<string, string | string[] | boolean> = {};
  for (const s of settings) {
    const v = values.get(s.key)?.trim();
    if (v === undefined || v === '' || v === s.default) continue;
    if (s.type === 'switch') flags[s.key] = v === 'true';
    else if (s.type === 'list') flags[s.key] = v.split(',').map((w) => w.trim()).filter((w) => w !== '');
    else flags[s.key] = v;
  }
  return flags;
}

/** The command that a user would type. */
export function trainCommand(program: string, flags: Record<string, string | string[] | boolean>): string {
  const words = [program, 'train'];
  for (const [key, v] of Object.entries(flags)) {
    if (typeof v === 'boolean') words.push(v ? `--${key}` : `--${key}=false`);
    else words.push(`--${key}`, Array.isArray(v) ? v.join(',') : v);
  }
  return shellLine(words);
}

/** The form of a new training, made of the settings of experiments. */
export class Form {
  private readonly values: Values;
  private readonly controls = new Map<string, Control<never>>();
  private readonly command = h('div');
  private readonly problem = h('p', { class: 'field-error', role: 'alert', hidden: true });
  private readonly dialog: Dialog;
  private starting = false;

  constructor(private readonly meta: Meta, set: readonly string[], private readonly on: {
    changed(set: string[]): void;
    started(job: Job): void;
    closed(): void;
  }) {
    const settings = meta.settings;
    this.values = valuesOf(set);
    for (const s of settings) {
      const v = this.values.get(s.key);
      if (v === '' || v === s.default || v === s.usual) this.values.delete(s.key);
    }
    const ordered = first.flatMap((key) => settings.filter((s) => s.key === key));
    const rest = new Map<string, SettingInfo[]>();
    for (const s of settings) if (!first.includes(s.key)) rest.set(s.part, [...rest.get(s.part) ?? [], s]);
    const start = button({ label: 'Start', kind: 'primary', on: () => void this.start() });
    this.dialog = dialog({ title: 'New training', onClose: () => this.on.closed() },
      h('form', { class: 'runs-form', on: { submit: (e) => { e.preventDefault(); void this.start(); } } },
        h('div', { class: 'runs-fields' }, ordered.map((s) => this.field(s))),
        [...rest].map(([part, list]) => disclosure({ label: part, open: list.some((s) => this.values.has(s.key)) }, h('div', { class: 'runs-fields' }, list.map((s) => this.field(s))))),
        h('section', null, h('h3', null, 'The command that is run'), this.command),
        this.problem,
        h('div', { class: 'row runs-form-end' }, start.root, button({ label: 'Cancel', on: () => this.dialog.close() }).root)));
    this.draw();
  }

  open(): void {
    this.dialog.open();
  }

  close(): void {
    this.dialog.close();
  }

  private field(s: SettingInfo): HTMLElement {
    const label = s.key;
    const help = s.doc.replaceAll(/[{}]/g, '').replace(/^./, (c) => c.toUpperCase());
    const value = this.values.get(s.key) ?? '';
    const on = (v: string): void => this.set(s.key, v);
    const usual = s.default || s.usual || '';
    const suggestions = this.suggestions(s);
    let control: Control<string> | Control<boolean>;
    if (s.type === 'switch') {
      control = checkbox({ label, help, value: (value || s.default) === 'true', on: (yes) => on(String(yes)) });
    } else if (s.choices && s.type !== 'list') {
      control = select({ label, help, value: value || s.default, options: s.choices, on });
    } else if (suggestions.length > 0) {
      control = combobox({ label, help, value, free: true, mono: true, placeholder: usual || `such as ${suggestions[0]?.value ?? ''}`, options: suggestions, on });
    } else {
      const placeholder = usual || (s.example ? `such as ${s.example}` : s.choices?.join(', ') ?? '');
      control = textField({ label, help, value, placeholder, mono: true, wait: 150, on });
    }
    this.controls.set(s.key, control as Control<never>);
    return control.root;
  }

  private suggestions(s: SettingInfo): { value: string; label: string; note?: string }[] {
    const plain = (value: string, note?: string): { value: string; label: string; note?: string } => (note === undefined ? { value, label: value } : { value, label: value, note });
    switch (s.key) {
      case 'data': return [plain('digits', 'generated digits'), plain('digits:n=1000', 'few of them'), plain('spirals', 'two spirals in the plane')];
      case 'model': return this.meta.own ? [] : ['softmax', 'linear', 'mlp:64', 'mlp:128,64', 'mlp:256,128', 'cnn'].map((m) => plain(m));
      case 'optimizer': return this.meta.rules.map((r) => plain(r.name, r.title));
      case 'schedule': return this.meta.schedules.filter((k) => !k.plateau).map((k) => plain(k.name, k.title));
      case 'function': return this.meta.functions.map((f) => plain(f.name, f.title));
      default: return [];
    }
  }

  private set(key: string, v: string): void {
    const usual = this.meta.settings.find((s) => s.key === key)?.default ?? '';
    if (v.trim() === '' || v.trim() === usual) this.values.delete(key);
    else this.values.set(key, v);
    this.controls.get(key)?.error(null);
    this.on.changed([...this.values].map(([k, w]) => `${k}=${w}`));
    this.draw();
  }

  private draw(): void {
    replace(this.command, commandLine(trainCommand(this.meta.program, flagsOf(this.values, this.meta.settings))));
  }

  private async start(): Promise<void> {
    if (this.starting) return;
    for (const [key, control] of this.controls) {
      const text = this.refused(key);
      control.error(text);
      if (text !== null) return control.focus();
    }
    this.starting = true;
    this.problem.hidden = true;
    try {
      const job = await post<Job>('/api/jobs', { kind: 'train', flags: flagsOf(this.values, this.meta.settings) });
      this.on.started(job);
      this.dialog.close();
    } catch (error) {
      const field = error instanceof ApiError ? error.field : undefined;
      const control = field === undefined ? undefined : this.controls.get(field);
      const text = error instanceof Error ? error.message : String(error);
      if (control) {
        control.root.closest('details')?.setAttribute('open', '');
        control.error(text, error instanceof ApiError ? error.column : undefined);
        control.focus();
      } else {
        this.problem.hidden = false;
        this.problem.replaceChildren(h('span', null, text));
      }
    } finally {
      this.starting = false;
    }
  }

  /** Why a value cannot be, as far as that is known here; null: it may be. */
  private refused(key: string): string | null {
    const s = this.meta.settings.find((k) => k.key === key);
    const v = this.values.get(key)?.trim() ?? '';
    if (!s || v === '' || v === s.or) return null;
    if (s.type !== 'whole' && s.type !== 'number') return null;
    const n = Number(v);
    if (!Number.isFinite(n)) return `${v}, want a number`;
    if (s.type === 'whole' && !Number.isInteger(n)) return `${v}, want a whole number`;
    const d = s.domain;
    if (!d) return null;
    const min = num(d.min);
    const max = num(d.max);
    const inside = (d.min_open ? n > min : !(n < min)) && (d.max_open ? n < max : !(n > max));
    return inside ? null : `${v}, want ${d.text}`;
  }
}
