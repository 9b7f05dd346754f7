import { button, combobox, select, textField } from '../../controls';
import { h } from '../../dom';
import { cross } from '../../controls/icon';
import { announce } from '../../live';
import { type Meta } from '../../meta';
import { formatDimension, keysFor, kindLabels, kinds, parseDimension, usualDimension, type Dimension } from './dimension';

export interface SpaceField {
  readonly root: HTMLElement;
  set(space: readonly string[]): void;
  /** Shows an error at one of the dimensions, or under all of them; null takes it away. */
  error(text: string | null, dimension?: number): void;
  /** The rule or the schedule has changed: there are other keys. */
  offer(optimizer: string, schedule: string): void;
}

interface Row {
  root: HTMLElement;
  text: string;
  error: HTMLElement;
  keys(): void;
}

/** The dimensions of a space: each a key, a scale and its ends, or choices; with a condition where it has one. */
export function spaceField(m: Meta, o: { value: readonly string[]; optimizer: string; schedule: string; on(space: string[]): void }): SpaceField {
  let { optimizer, schedule } = o;
  let rows: Row[] = [];
  const list = h('div', { class: 'space-rows' });
  const error = h('p', { class: 'field-error', role: 'alert', hidden: true });
  const tell = (): void => o.on(rows.map((r) => r.text));

  const make = (text: string): Row => {
    const parsed = parseDimension(text);
    const failed = h('p', { class: 'field-error', role: 'alert', hidden: true });
    const row: Row = { root: h('div'), text, error: failed, keys: () => {} };
    const remove = h('button', { type: 'button', class: 'button quiet remove', 'aria-label': 'Remove this dimension', on: { click: () => drop(row) } }, cross());
    if (!parsed) {
      const whole = textField({ label: 'Dimension', value: text, mono: true, on: (v) => change(v) });
      row.root = h('div', { class: 'space-row', role: 'group', 'aria-label': 'Dimension' }, h('div', { class: 'space-fields' }, whole.root, remove), failed);
      const change = (v: string): void => {
        row.text = v;
        tell();
      };
      return row;
    }
    let d: Dimension = parsed;
    const change = (patch: Partial<Dimension>): void => {
      d = { ...d, ...patch };
      row.text = formatDimension(d);
      row.root.setAttribute('aria-label', `Dimension ${d.key}`);
      tell();
    };
    const fields = h('div', { class: 'space-fields' });
    const draw = (): void => {
      const key = combobox({
        label: 'Key', options: keysFor(m, optimizer, schedule), value: d.key, free: true, mono: true,
        on: (v) => {
          d = usualDimension(m, v, optimizer);
          change({});
          draw();
          fields.querySelector<HTMLElement>('select')?.focus();
        },
      });
      row.keys = () => key.options(keysFor(m, optimizer, schedule));
      const kind = select({
        label: 'Scale', options: kinds.map((k) => ({ value: k, label: kindLabels[k] })), value: d.kind,
        on: (v) => {
          change({ kind: v });
          draw();
          fields.querySelector<HTMLElement>('select')?.focus();
        },
      });
      const ends = d.kind === 'choice'
        ? [textField({ label: 'Choices', value: d.choices, mono: true, on: (v) => change({ choices: v }) }).root]
        : [
          textField({ label: 'From', value: d.low, mono: true, on: (v) => change({ low: v }) }).root,
          textField({ label: 'To', value: d.high, mono: true, on: (v) => change({ high: v }) }).root,
        ];
      const when = textField({ label: 'Only if', value: d.when, mono: true, placeholder: 'always', on: (v) => change({ when: v }) });
      when.root.title = 'A choice of another dimension, such as optimizer=sgd';
      fields.replaceChildren(key.root, kind.root, ...ends, when.root, remove);
    };
    row.root = h('div', { class: 'space-row', role: 'group', 'aria-label': `Dimension ${d.key}` }, fields, failed);
    draw();
    return row;
  };
  const drop = (row: Row): void => {
    rows = rows.filter((r) => r !== row);
    row.root.remove();
    announce('Dimension removed');
    add.root.focus();
    tell();
  };
  const add = button({
    label: 'Add a dimension', kind: 'quiet',
    on: () => {
      const taken = new Set(rows.map((r) => parseDimension(r.text)?.key));
      const key = keysFor(m, optimizer, schedule).find((k) => !taken.has(k.value))?.value ?? 'lr';
      const row = make(formatDimension(usualDimension(m, key, optimizer)));
      rows.push(row);
      list.append(row.root);
      row.root.querySelector('input')?.focus();
      tell();
    },
  });
  const set = (space: readonly string[]): void => {
    rows = space.map(make);
    list.replaceChildren(...rows.map((r) => r.root));
  };
  set(o.value);
  return {
    root: h('fieldset', { class: 'space' }, h('legend', { class: 'field-label' }, 'Space to search'), list, error, h('div', null, add.root)),
    set,
    error(text, dimension) {
      for (const r of rows) r.error.hidden = true;
      const at = dimension === undefined ? undefined : rows[dimension];
      const place = at?.error ?? error;
      error.hidden = true;
      place.textContent = text ?? '';
      place.hidden = text === null;
    },
    offer(rule, curve) {
      if (rule === optimizer && curve === schedule) return;
      optimizer = rule;
      schedule = curve;
      for (const r of rows) r.keys();
    },
  };
}
