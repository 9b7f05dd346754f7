import { Chart, type ChartSpec, type Series } from '../../chart';
import { h, replace } from '../../dom';
import { number4 } from '../../format';
import { real, type LabEvent, type RangeTested, type RateAnswered, type RatesSuggested, type RateTried, type SearchStarted, type Suggestion } from '../../lab/events';
import { progressBar } from '../../lab/progress';
import { type JobParts } from '../../lab/jobview';
import { seriesStyle, theme } from '../../style';
import { tableElement } from '../../table';

/** What descent find-lr answers at last. */
export interface FoundRate {
  optimizer: string;
  steps: number;
  seeds: number;
  ramp: RangeTested['ramp'];
  edge: RatesSuggested['edge'];
  suggestions: Suggestion[];
  tried: (Omit<RateTried, 'event' | 't'> & { good: boolean })[];
  answer: RateAnswered['answer'];
  no_answer?: RateAnswered['no_answer'];
}

/** A search for a learning rate, as its events tell it: the range test, what it suggests, the short runs, the answer. */
export function rateLive(command: () => string): JobParts['live'] & { finish(f: FoundRate): void } {
  const bar = progressBar('Budget');
  const verdict = h('div');
  const tables = h('div', { class: 'stack' });
  let started: SearchStarted | undefined;
  let tested: RangeTested | undefined;
  let suggested: RatesSuggested | undefined;
  let answered: RateAnswered | undefined;
  let tried: RateTried[] = [];
  let over = false;
  const chart = new Chart(spec());

  function spec(): ChartSpec {
    const series: Series[] = [];
    if (tested) {
      const { rates, losses, smoothed } = tested.ramp;
      series.push(
        { name: 'range test, raw', faint: true, style: seriesStyle(0), x: rates, y: losses.map(finite) },
        { name: 'range test, smoothed', style: seriesStyle(0), x: rates, y: smoothed.map(finite) });
    }
    const sorted = [...tried].sort((a, b) => a.rate - b.rate);
    if (sorted.length > 0) {
      series.push({
        name: 'short runs, median', style: seriesStyle(1), points: true, x: sorted.map((t) => t.rate), y: sorted.map((t) => finite(t.median)),
        low: sorted.map((t) => edge(t, Math.min)), high: sorted.map((t) => edge(t, Math.max)),
        marks: [
          ...sorted.filter((t) => t.diverged > 0).map((t) => ({ x: t.rate, y: Infinity, kind: 'diverged' as const, text: `${t.diverged} of ${t.losses.length} runs diverged` })),
          ...(answered?.answer ? [{ x: answered.answer.best, y: real(answered.answer.loss), kind: 'best' as const, text: 'the lowest median' }] : []),
        ],
      });
    }
    const positive = [...(tested?.ramp.losses ?? []).map(real), ...tried.map((t) => real(t.median))].filter(Number.isFinite);
    const a = answered?.answer;
    if (a && Number.isFinite(real(a.limit)) && sorted.length > 0) {
      series.push({ name: 'about as good as the best', style: limitStyle, x: [a.low, a.high], y: [real(a.limit), real(a.limit)] });
    }
    const verticals = [
      ...(suggested?.suggestions ?? []).filter((s) => s.rate > 0).map((s) => ({ x: s.rate, text: s.criterion })),
      ...(a ? [{ x: a.low, text: 'lowest in the answer' }, { x: a.high, text: 'highest' }] : []),
    ];
    return {
      id: 'find-lr', level: 3, title: 'Loss against learning rate', height: 400, command,
      caption: 'The range test raises the rate from step to step; what it suggests is drawn as upright lines. The points are short real runs from the start, which decide.',
      x: { label: 'learning rate', log: true }, y: { label: 'loss', log: positive.length > 0 && positive.every((v) => v > 0) },
      series, verticals,
    };
  }

  const answer = (): void => {
    const a = answered?.answer;
    const no = answered?.no_answer;
    if (a) {
      replace(verdict, h('div', { class: 'verdict clear' },
        h('p', { class: 'verdict-title' }, `${number4(a.low)} to ${number4(a.high)}; lowest loss at ${number4(a.best)}`),
        h('p', null, `Rates whose median loss is at most ${number4(real(a.limit))}; that of the best is ${number4(real(a.loss))}. ${a.settled ? '' : 'The budget ended before the interval was known well: it may be too narrow.'}`)));
    } else if (no) {
      replace(verdict, h('div', { class: 'verdict warning' }, h('p', { class: 'verdict-title' }, `No answer: ${no.reason}`), h('p', null, no.why)));
    } else verdict.replaceChildren();
  };
  const draw = (): void => {
    chart.update(spec());
    answer();
    const sorted = [...tried].sort((p, q) => p.rate - q.rate);
    const limit = real(answered?.answer?.limit);
    const good = (rate: number): string => (answered?.answer ? (rate >= answered.answer.low && rate <= answered.answer.high ? 'yes' : 'no') : '');
    replace(tables,
      suggested ? tableElement({
        caption: 'What suggests a rate', columns: [{ name: 'suggested by' }, { name: 'rate', numeric: true }, { name: 'loss', numeric: true }, { name: 'which is' }],
        rows: suggested.suggestions.map((s) => {
          const run = tried.find((t) => t.rate === s.rate);
          return [s.criterion, s.rate > 0 ? number4(s.rate) : null, run ? number4(real(run.median)) : null, s.why];
        }),
      }) : null,
      sorted.length > 0 ? tableElement({
        caption: `Short runs${started ? ` of ${started.steps} gradient evaluations on ${started.seeds} seeds` : ''}`,
        columns: [{ name: 'rate', numeric: true }, { name: 'median loss', numeric: true }, { name: 'diverged', numeric: true }, { name: 'in the answer' }],
        rows: sorted.map((t) => [number4(t.rate), number4(real(t.median)), t.diverged, Number.isFinite(limit) ? good(t.rate) : '']),
      }) : null);
  };
  return {
    root: h('div', { class: 'stack' }, bar.root, verdict, chart.root, tables),
    add(batch: readonly LabEvent[]) {
      if (over) return; // what the command said at last is there
      for (const e of batch) {
        bar.event(e);
        if (e.event === 'search_started') started = e;
        else if (e.event === 'range_tested') tested = e;
        else if (e.event === 'rates_suggested') suggested = e;
        else if (e.event === 'rate_answered') answered = e;
        else if (e.event === 'rate_tried') tried = [...tried.filter((t) => t.rate !== e.rate), e];
      }
      draw();
    },
    finish(f) {
      over = true;
      started = { event: 'search_started', t: 0, task: '', optimizer: f.optimizer, steps: f.steps, seeds: f.seeds, budget: 0, within: 0 };
      bar.event({ event: 'finished', t: 0, summary: '' });
      tested = { event: 'range_tested', t: 0, ramp: f.ramp };
      suggested = { event: 'rates_suggested', t: 0, edge: f.edge, suggestions: f.suggestions };
      answered = { event: 'rate_answered', t: 0, answer: f.answer, ...(f.no_answer ? { no_answer: f.no_answer } : {}) };
      tried = f.tried.map((r) => ({ event: 'rate_tried', t: 0, ...r }));
      draw();
    },
    restart() {
      if (over) return;
      started = tested = suggested = answered = undefined;
      tried = [];
      bar.restart();
    },
    destroy() {
      chart.destroy();
    },
  };
}

const limitStyle = { get color() { return theme().muted; }, dash: [2, 4], marker: 'circle' as const };

function finite(v: number | string): number | null {
  const n = real(v);
  return Number.isFinite(n) ? n : null;
}

function edge(t: RateTried, of: (...v: number[]) => number): number | null {
  const some = t.losses.map(real).filter(Number.isFinite);
  return some.length > 0 && Number.isFinite(real(t.median)) ? of(...some) : null;
}
