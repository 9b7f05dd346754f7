import { button, checkbox, combobox, disclosure, slider, type Control } from '../../controls';
import { freshId, h, replace, s } from '../../dom';
import { general } from '../../format';
import { sliderOptions, type HyperInfo, type Meta, type RuleInfo } from '../../meta';
import { CanvasPainter } from '../../painter';
import { onTheme, seriesStyle, theme } from '../../style';
import type { Path } from './api';
import { scheduleOptions } from './conditions';
import { sentence } from './functions';
import { named, ordered, sorted, spec, type Named, type Rider } from './rules';
import { num } from '../../api';

export interface RidersPanel {
  readonly root: HTMLElement;
  /** Shows the rules that are ticked, with their settings. */
  set(riders: readonly Rider[]): void;
  /** Shows how they fared. */
  outcome(paths: readonly Path[]): void;
  error(index: number | null, text: string): void;
  destroy(): void;
}

interface Row {
  root: HTMLElement;
  rider: Rider;
  lr: Control<number>;
  hypers: Map<string, Control<number> | Control<boolean>>;
  schedule: Control<string>;
  /** Says the schedule where the settings are closed. */
  own: HTMLElement;
  badge: HTMLElement;
  loss: HTMLElement;
  cause: HTMLElement;
  error: HTMLElement;
  more: HTMLElement;
}

/** The list of rules: ticked ones descend, each with sliders of its own. */
export function ridersPanel(m: Meta, o: { on(riders: Rider[]): void }): RidersPanel {
  const infos = ordered(m);
  const classic = new Set(m.classic.map((c) => c.name));
  // What a rule was set to when it was last ticked.
  const remembered = new Map<string, Rider>();
  let riders: Rider[] = [];
  const rows = new Map<string, Row>();
  const places = new Map(infos.map((r) => [r.name, h('div', { class: 'rider-place' })]));
  const others = infos.filter((r) => !classic.has(r.name));
  const rest = disclosure({ label: `More rules (${others.length})` }, others.map((r) => places.get(r.name)));
  const root = h('section', { class: 'explore-riders', 'aria-label': 'Optimizers' },
    infos.filter((r) => classic.has(r.name)).map((r) => places.get(r.name)), rest);

  const tell = (next: Rider[]): void => {
    riders = sorted(next, m);
    draw();
    o.on(riders);
  };
  const change = (row: Row, patch: Partial<Rider>): void => {
    const next = { ...row.rider, ...patch };
    riders = riders.map((r) => (r === row.rider ? next : r));
    row.rider = next;
    remembered.set(next.rule, next);
    o.on(riders);
  };
  const keyOf = (n: Named): string => `${n.rider.rule} ${n.copy}`;

  const draw = (): void => {
    const all = named(riders, m);
    const live = new Set(all.map(keyOf));
    for (const key of [...rows.keys()]) if (!live.has(key)) rows.delete(key);
    for (const info of infos) {
      const mine = all.filter((n) => n.rider.rule === info.name);
      const place = places.get(info.name);
      if (!place) continue;
      const wanted: HTMLElement[] = mine.length === 0 ? [unticked(info)] : mine.map((n) => rowOf(n, info).root);
      const now = [...place.children];
      if (wanted.length !== now.length || wanted.some((e, i) => e !== now[i])) {
        const had = place.contains(document.activeElement);
        replace(place, wanted);
        if (had) place.querySelector<HTMLElement>('input[type=checkbox]')?.focus();
      }
    }
    if (others.some((r) => riders.some((q) => q.rule === r.name))) rest.open = true;
  };

  const off = new Map<string, HTMLElement>();
  const unticked = (info: RuleInfo): HTMLElement => {
    let root = off.get(info.name);
    if (!root) {
      root = h('div', { class: 'rider' }, h('div', { class: 'rider-head', title: info.summary }, checkbox({
        label: info.title, value: false,
        on: () => tell([...riders, remembered.get(info.name) ?? { rule: info.name, lr: info.rate, hypers: {}, schedule: '' }]),
      }).root));
      off.set(info.name, root);
    }
    const box = root.querySelector('input');
    if (box) box.checked = false;
    return root;
  };

  const rowOf = (n: Named, info: RuleInfo): Row => {
    const key = keyOf(n);
    const old = rows.get(key);
    if (old) {
      if (old.rider !== n.rider) fill(old, n.rider, info);
      old.rider = n.rider;
      return old;
    }
    const row = makeRow(n, info);
    rows.set(key, row);
    return row;
  };

  const makeRow = (n: Named, info: RuleInfo): Row => {
    const tick = checkbox({ label: n.title, value: true, on: () => { remembered.set(info.name, row.rider); tell(riders.filter((r) => r !== row.rider)); } });
    const { min, max, ...rest } = sliderOptions(info.slider);
    const lr = slider({ label: `Learning rate of ${n.title}`, unlabelled: true, value: n.rider.lr, min, max, ...rest, domain: { min: 0 }, on: (v) => change(row, { lr: v }) });
    const hypers = new Map<string, Control<number> | Control<boolean>>();
    for (const hyper of info.hypers) hypers.set(hyper.name, hyperControl(hyper, (text) => {
      const { [hyper.name]: _, ...without } = row.rider.hypers;
      change(row, { hypers: text === null ? without : { ...without, [hyper.name]: text } });
    }));
    const schedule = combobox({
      label: 'Schedule of the rate', value: n.rider.schedule, free: true, mono: true,
      options: [{ value: '', label: 'that of all' }, ...scheduleOptions(m)],
      on: (v) => {
        change(row, { schedule: v });
        showOwn(row);
      },
    });
    const own = h('p', { class: 'note rider-own', hidden: true });
    const badge = h('span', { class: 'badge', hidden: true });
    const loss = h('span', { class: 'number rider-loss' });
    const cause = h('p', { class: 'note rider-cause', hidden: true });
    const error = h('p', { class: 'field-error', hidden: true });
    const more = h('div', { class: 'rider-more', hidden: true, id: freshId('settings') },
      h('p', { class: 'note' }, info.summary),
      [...hypers.values()].map((c) => c.root), schedule.root,
      h('div', { class: 'row' },
        button({ label: 'Defaults', kind: 'quiet', title: 'Set the rate and all settings to the defaults of the rule', on: () => {
          change(row, { lr: info.rate, hypers: {}, schedule: '' });
          fill(row, row.rider, info);
        } }).root,
        button({ label: 'Add a copy', kind: 'quiet', title: 'Show this rule a second time, to compare settings', on: () => tell([...riders, { ...row.rider, hypers: { ...row.rider.hypers } }]) }).root));
    const open = button({
      label: `Settings of ${n.title}`, icon: dots(), iconOnly: true, kind: 'quiet',
      on: () => {
        more.hidden = !more.hidden;
        open.root.setAttribute('aria-expanded', String(!more.hidden));
      },
    });
    open.root.setAttribute('aria-expanded', 'false');
    open.root.setAttribute('aria-controls', more.id);
    const row: Row = { root: h('div'), rider: n.rider, lr, hypers, schedule, own, badge, loss, cause, error, more };
    row.root = h('div', { class: 'rider on', dataset: { rule: info.name, copy: n.copy } },
      h('div', { class: 'rider-head', title: info.summary }, tick.root, swatch(n.style), h('span', { class: 'rider-result' }, badge, loss), open.root),
      lr.root, own, cause, error, more);
    fill(row, n.rider, info);
    return row;
  };

  const fill = (row: Row, rider: Rider, info: RuleInfo): void => {
    if (row.lr.value !== rider.lr) row.lr.set(rider.lr);
    if (row.schedule.value !== rider.schedule) row.schedule.set(rider.schedule);
    showOwn(row, rider);
    for (const hyper of info.hypers) {
      const text = rider.hypers[hyper.name];
      const control = row.hypers.get(hyper.name);
      if (hyper.bool) (control as Control<boolean>).set(text === undefined ? hyper.default !== 0 : text === 'true' || text === '1');
      else if (control && control.value !== Number(text ?? hyper.default)) (control as Control<number>).set(Number(text ?? hyper.default));
    }
  };

  const stopTheme = onTheme(() => root.querySelectorAll<HTMLCanvasElement>('canvas.swatch').forEach(paintSwatch));
  return {
    root,
    set(next) {
      if (next.length === riders.length && next.every((r, i) => same(r, riders[i]))) return;
      riders = sorted(next, m);
      draw();
    },
    outcome(paths) {
      named(riders, m).forEach((n, i) => {
        const row = rows.get(keyOf(n));
        const path = paths[i];
        if (!row || !path || path.optimizer.split(':')[0] !== n.rider.rule) return;
        row.error.hidden = true;
        badge(row, path);
      });
    },
    error(index, text) {
      named(riders, m).forEach((n, i) => {
        const row = rows.get(keyOf(n));
        if (!row) return;
        row.error.hidden = i !== index;
        replace(row.error, h('span', null, text));
      });
    },
    destroy: stopTheme,
  };
}

function showOwn(row: Row, rider: Rider = row.rider): void {
  row.own.hidden = rider.schedule === '';
  replace(row.own, 'schedule ', h('code', null, rider.schedule));
}

const causes: Record<string, string> = {
  loss: 'the loss is not finite', gradient: 'a gradient is not finite', parameter: 'a coordinate is not finite',
  'blow-up': 'the loss has grown a million times', unbounded: 'it follows a function without a lower bound',
};

function badge(row: Row, path: Path): void {
  const d = path.diverged;
  row.loss.textContent = d ? '' : general(num(path.final_loss), 3);
  row.loss.title = d ? '' : `f at the end; ${path.verdict}`;
  row.badge.hidden = !d && path.verdict !== 'minimum';
  row.badge.className = `badge ${path.failed ? 'warning' : d ? 'open' : 'clear'}`;
  row.badge.title = path.why;
  replace(row.badge, d ? `${path.failed ? 'diverged' : 'unbounded'} at step ${d.step}`
    : [h('span', { 'aria-hidden': true }, '★'), h('span', { class: 'unseen' }, 'minimum'), path.arrived !== null ? [h('span', { class: 'unseen' }, 'from step'), ` ${path.arrived}`] : null]);
  if (!d && path.arrived !== null) row.badge.title = `Within ${path.near} of a minimum from step ${path.arrived} on; ${path.why}`;
  row.cause.hidden = !d;
  row.cause.textContent = d ? sentence(causes[d.cause] ?? d.cause) : '';
}

function hyperControl(hyper: HyperInfo, on: (text: string | null) => void): Control<number> | Control<boolean> {
  const help = hyper.doc;
  if (hyper.bool || !hyper.slider) {
    return checkbox({ label: hyper.name, help, value: hyper.default !== 0, on: (v) => on(v === (hyper.default !== 0) ? null : String(v)) });
  }
  return slider({
    label: hyper.name, help, value: hyper.default, ...sliderOptions(hyper.slider, hyper.domain),
    on: (v) => on(v === hyper.default ? null : String(v)),
  });
}

/** The line and the marker that a rule is drawn with. */
export function swatch(style: number): HTMLCanvasElement {
  const canvas = h('canvas', { class: 'swatch', width: 80, height: 32, 'aria-hidden': true, dataset: { style } });
  paintSwatch(canvas);
  return canvas;
}

function paintSwatch(canvas: HTMLCanvasElement): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  context.setTransform(2, 0, 0, 2, 0, 0);
  context.clearRect(0, 0, 40, 16);
  const look = seriesStyle(Number(canvas.dataset.style));
  const p = new CanvasPainter(context, 40, 16);
  p.line([1, 8, 39, 8], { color: look.color, width: 2, dash: look.dash });
  p.marker(look.marker, 20, 8, 4.5, { fill: look.color, stroke: { color: theme().paper, width: 1.5 } });
}

const dots = (): SVGSVGElement => s('svg', { width: 16, height: 16, viewBox: '0 0 16 16', 'aria-hidden': true },
  [3, 8, 13].map((x) => s('circle', { cx: x, cy: 8, r: 1.5, fill: 'currentColor' })));

function same(a: Rider, b: Rider | undefined): boolean {
  return b !== undefined && a.rule === b.rule && a.lr === b.lr && spec(a) === spec(b);
}
