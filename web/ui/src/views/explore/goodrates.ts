import { aborted, ApiError, num, post } from '../../api';
import { button, disclosure } from '../../controls';
import { h, replace } from '../../dom';
import { commandLine } from '../../figure';
import { count, duration, general, number4 } from '../../format';
import { announce } from '../../live';
import { Latest, type Conditions, type Rates } from './api';
import { sentence } from './functions';
import { spec, type Named } from './rules';

export interface GoodRates {
  readonly root: HTMLElement;
  /** The conditions are others: rates that were found, or are being looked for, are not for them. */
  outdated(): void;
  destroy(): void;
}

/** Tunes the rate of every rule that is shown, all in the same way, and says how. */
export function goodRates(o: {
  conditions(): Conditions;
  riders(): readonly Named[];
  /** Takes the rates, by the spec of their rider: others may have come and gone meanwhile. */
  take(rates: ReadonlyMap<string, number>): void;
}): GoodRates {
  const latest = new Latest();
  let busy = false;
  const said = h('div', { class: 'explore-rates', 'aria-live': 'polite' });
  const find = button({
    label: 'Find good rates', title: 'Tune the learning rate of every rule that is shown, all with the same trials, budget and starts',
    on: () => void (busy ? cancel() : run()),
  });
  const cancel = (): void => {
    latest.cancel();
    idle();
    replace(said);
  };
  const idle = (): void => {
    busy = false;
    find.label('Find good rates');
    find.root.removeAttribute('aria-busy');
  };
  const run = async (): Promise<void> => {
    const riders = [...o.riders()];
    if (riders.length === 0) return replace(said, h('p', { class: 'note' }, 'Tick a rule first.'));
    busy = true;
    find.label('Stop tuning');
    find.root.setAttribute('aria-busy', 'true');
    replace(said, h('p', { class: 'note' }, `Tuning ${riders.length === 1 ? 'one rule' : `${riders.length} rules`} …`));
    try {
      const found = await latest.run((signal) => post<Rates>('/api/explore/rates', {
        ...o.conditions(), optimizers: riders.map((n) => ({ spec: spec(n.rider) })),
      }, signal));
      idle();
      o.take(new Map(riders.map((n, i) => [spec(n.rider), found.rates[i]?.lr ?? n.rider.lr])));
      show(found, riders);
      announce(`Rates found. ${found.verdict}`);
    } catch (error) {
      if (aborted(error)) return;
      idle();
      if (!(error instanceof ApiError)) throw error;
      replace(said, h('p', { class: 'field-error' }, h('span', null, sentence(error.message))));
    }
  };
  const show = (found: Rates, riders: readonly Named[]): void => {
    const rows = found.rates.map((r, i) => h('tr', null,
      h('th', { scope: 'row' }, riders[i]?.name ?? r.spec),
      h('td', { class: 'number' }, number4(r.lr), r.edge ? h('span', { title: 'The lowest or highest rate that was tried: a better one may lie beyond' }, ' *') : null),
      h('td', { class: 'number' }, general(num(r.final), 3)),
      h('td', { class: 'number' }, general(num(r.untuned), 3))));
    replace(said,
      h('p', { class: 'note' }, found.how),
      h('div', { class: 'table' }, h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Rates found' }, h('table', null,
        h('thead', null, h('tr', null, ['rule', 'rate', 'f', 'untuned'].map((t, i) => h('th', { scope: 'col', class: i > 0 ? 'number' : '' }, t)))),
        h('tbody', null, rows)))),
      h('p', null, found.verdict),
      found.rates.some((r) => r.edge) ? h('p', { class: 'note' }, '* at the edge of what was tried') : null,
      disclosure({ label: 'How, and the command' },
        found.protocol.map((line) => h('p', { class: 'note' }, line)),
        h('p', { class: 'note' }, `${count(found.trials)} trainings of ${duration(found.seconds)} together. They start at places about yours, so that the rates suit the region, not one point.`),
        commandLine(found.command)));
  };
  return { root: h('div', { class: 'stack tight' }, h('div', { class: 'row' }, find.root), said), outdated: cancel, destroy: () => latest.cancel() };
}
