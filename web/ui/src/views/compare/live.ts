import { Chart, type ChartSpec } from '../../chart';
import { tabs } from '../../controls';
import { h, replace } from '../../dom';
import { count, number4 } from '../../format';
import { real, type ComparisonStarted, type LabEvent, type TrialDone } from '../../lab/events';
import { progressBar } from '../../lab/progress';
import { seldom } from '../../seldom';
import { tableElement } from '../../table';
import { seriesStyle } from '../../style';

/** What is known of a rule on a task while trials come in. */
interface Lane {
  name: string;
  rates: Map<number, { losses: number[]; diverged: number }>;
  done: number;
  diverged: number;
  chosen: number;
  fresh: number[];
}

interface TaskState {
  name: string;
  objective: string;
  lanes: Map<string, Lane>;
  stage: string;
  done: number;
  total: number;
  verdict: string;
  stale: boolean;
}

export interface Live {
  readonly root: HTMLElement;
  add(batch: readonly LabEvent[]): void;
  restart(): void;
  destroy(): void;
}

/** A comparison at work: how far it is, and every trial where it landed. */
export function compareLive(command: () => string): Live {
  const bar = progressBar('Trainings');
  const place = h('div', { class: 'live-tasks' });
  const root = h('div', { class: 'live' }, bar.root, place);
  let tasks: TaskState[] = [];
  let shown = 0;
  let charts = new Map<number, { chart: Chart; table: HTMLElement; note: HTMLElement }>();

  const begin = (e: ComparisonStarted): void => {
    tasks = e.tasks.map((t) => ({
      name: t.name, objective: t.objective, stage: '', done: 0, total: 0, verdict: '', stale: true,
      lanes: new Map(e.protocol.contenders.map((name) => [name, { name, rates: new Map(), done: 0, diverged: 0, chosen: NaN, fresh: [] }])),
    }));
    end();
    shown = 0;
    if (tasks.length === 1) place.replaceChildren(panel(0));
    else {
      place.replaceChildren(tabs({
        label: 'Problems', tabs: tasks.map((t, i) => ({ id: String(i), label: t.name, panel: () => panel(i) })), value: '0',
        on: (id) => {
          shown = Number(id);
          draw();
        },
      }).root);
    }
  };
  const panel = (i: number): HTMLElement => {
    const task = tasks[i];
    if (!task) return h('div');
    const chart = new Chart(spec(task, command));
    const table = h('div');
    const note = h('p', { class: 'note live-stage' });
    charts.set(i, { chart, table, note });
    task.stale = true;
    return h('div', null, note, chart.root, table);
  };
  const end = (): void => {
    for (const { chart } of charts.values()) chart.destroy();
    charts = new Map();
  };
  const draw = (): void => {
    const task = tasks[shown];
    const parts = charts.get(shown);
    if (!task || !parts || !task.stale) return;
    task.stale = false;
    parts.chart.update(spec(task, command));
    parts.note.textContent = task.verdict || stageText(task);
    replace(parts.table, laneTable(task));
  };
  const drawing = seldom(draw);
  const trial = (e: TrialDone): void => {
    const task = tasks.find((t) => t.name === e.task);
    const lane = e.contender === undefined ? undefined : task?.lanes.get(e.contender);
    if (!task || !lane) return;
    task.stage = e.stage;
    task.done = e.done;
    task.total = e.total;
    task.stale = true;
    lane.done++;
    const loss = real(e.outcome.final);
    if (e.outcome.diverged) lane.diverged++;
    if (e.stage === 'final') lane.fresh.push(loss);
    if (e.rate === undefined || e.stage === 'untuned') return;
    const at = lane.rates.get(e.rate) ?? { losses: [], diverged: 0 };
    if (Number.isFinite(loss)) at.losses.push(loss);
    else at.diverged++;
    lane.rates.set(e.rate, at);
  };
  return {
    root,
    add(batch) {
      for (const e of batch) {
        bar.event(e);
        if (e.event === 'comparison_started') begin(e);
        else if (e.event === 'trial_done') trial(e);
        else if (e.event === 'rate_chosen' || e.event === 'task_compared') {
          const task = tasks.find((t) => t.name === e.task);
          if (!task) continue;
          task.stale = true;
          if (e.event === 'task_compared') task.verdict = e.verdict.text;
          else {
            const lane = task.lanes.get(e.contender);
            if (lane) lane.chosen = e.rate;
          }
        }
      }
      drawing.ask();
    },
    restart() {
      tasks = [];
      bar.restart();
    },
    destroy() {
      drawing.stop();
      end();
    },
  };
}

const stages: Record<string, string> = {
  tuning: 'Tuning: learning rates are tried on one seed',
  selection: 'Selection: the best rates run again on other seeds',
  final: 'Result: the chosen rates run on fresh seeds',
  untuned: 'Defaults: the usual rates run on the same seeds',
};

function stageText(t: TaskState): string {
  if (t.stage === '') return 'Waiting for its turn';
  return `${stages[t.stage] ?? t.stage}. ${count(t.done)} of ${count(t.total)}`;
}

/** Every trial as a point: loss against learning rate, a line through the medians of each rule. */
function spec(t: TaskState, command: () => string): ChartSpec {
  let negative = false;
  const series = [...t.lanes.values()].map((lane, i) => {
    const rates = [...lane.rates.keys()].sort((a, b) => a - b);
    const points = rates.map((rate) => {
      const { losses = [], diverged = 0 } = lane.rates.get(rate) ?? {};
      const sorted = [...losses].sort((a, b) => a - b);
      const n = sorted.length + diverged;
      // What diverged counts as above all; where that is the median, it has no place.
      const [a, b] = [sorted[Math.floor((n - 1) / 2)], sorted[Math.floor(n / 2)]];
      const mid = a === undefined || b === undefined ? undefined : (a + b) / 2;
      negative ||= (mid ?? 0) < 0;
      return { rate, mid: mid ?? null, low: sorted[0] ?? null, high: sorted.at(-1) ?? null, diverged, n };
    });
    return {
      name: lane.name, style: seriesStyle(i), points: true,
      x: rates, y: points.map((p) => p.mid), low: points.map((p) => p.low), high: points.map((p) => p.high),
      marks: [
        ...points.filter((p) => p.diverged > 0).map((p) => ({ x: p.rate, y: Infinity, kind: 'diverged' as const, text: `${p.diverged} of ${p.n} diverged` })),
        ...points.filter((p) => p.rate === lane.chosen && p.mid !== null).map((p) => ({ x: p.rate, y: p.mid ?? 0, kind: 'best' as const, text: 'chosen' })),
      ],
    };
  });
  return {
    id: `trials-${t.name}`, title: `${t.name}: loss against learning rate`, level: 3,
    caption: 'Each trial as it comes in: the median of the seeds of a rate, within their lowest and highest. × has diverged.',
    x: { label: 'learning rate', log: true }, y: { label: `${t.objective} at the end`, log: !negative }, series, height: 340, command,
  };
}

function laneTable(t: TaskState): HTMLElement {
  return tableElement({
    caption: `${t.name}: trials so far`,
    columns: [{ name: 'rule' }, { name: 'trials', numeric: true }, { name: 'diverged', numeric: true }, { name: 'best so far', numeric: true }, { name: 'at rate', numeric: true }, { name: 'chosen rate', numeric: true }],
    rows: [...t.lanes.values()].map((lane) => {
      let best = Infinity;
      let at = NaN;
      for (const [rate, { losses }] of lane.rates) {
        for (const v of losses) if (v < best) [best, at] = [v, rate];
      }
      const shown = (v: number): string => (Number.isFinite(v) ? number4(v) : '–');
      return [lane.name, lane.done, lane.diverged, shown(best), shown(at), shown(lane.chosen)];
    }),
  });
}
