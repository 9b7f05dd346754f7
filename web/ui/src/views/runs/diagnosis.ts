import { get, num } from '../../api';
import { h } from '../../dom';
import { commandLine } from '../../figure';
import { meta } from '../../meta';
import { count, number4 } from '../../format';
import { tableElement } from '../../table';
import type { Diagnosis, Real } from './types';

const text = (v: Real | null): string => (v === null ? '' : number4(num(v)));

/** What the last diagnosis of a run found, parameter by parameter. */
export async function diagnosisPanel(id: string): Promise<HTMLElement> {
  const [d, m] = await Promise.all([get<Diagnosis>(`/api/runs/${encodeURIComponent(id)}/diagnosis`), meta()]);
  if (d.count === 0) {
    return h('div', { class: 'stack' },
      h('p', null, 'This run looked into none of its steps. Train with diagnose to see gradient norms and updates of each parameter, α, and the sharpness.'),
      commandLine(`${m.program} train --data digits --diagnose params,cosine,line,sharpness --diagnose-every 10`));
  }
  const facts: [string, Real | null, string][] = [
    ['α', d.alpha, '−1 is no step at all, 0 the minimum along the line, above 1 higher than before'],
    ['cosine of successive gradients', d.cosine, '−1 when they reverse'],
    ['curvature along the update', d.along, ''],
    ['sharpness λmax', d.sharpness, 'the largest eigenvalue of the Hessian'],
    ['edge 2/λmax', d.edge, 'the rate above which gradient descent is unstable'],
  ];
  return h('div', { class: 'stack' },
    h('p', { class: 'note' }, `${count(d.count)} diagnoses; the last is of step ${count(d.step)}. Their curves are among those that Curves… offers.`),
    h('dl', { class: 'runs-facts' }, facts.filter(([, v]) => v !== null).map(([k, v, help]) => h('div', { title: help }, h('dt', null, k), h('dd', null, text(v))))),
    d.params.length === 0 ? null : tableElement({
      caption: 'Norms of each parameter',
      columns: [{ name: 'parameter' }, ...['value', 'gradient', 'update', 'update / value'].map((name) => ({ name, numeric: true }))],
      rows: d.params.map((p) => [p.name, text(p.value), text(p.grad), text(p.update), text(p.ratio)]),
    }, { sortable: true }));
}
