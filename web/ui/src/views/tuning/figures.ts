import { type ChartSpec, type Series } from '../../chart';
import { number4 } from '../../format';
import { type Dimension } from '../../lab/events';
import { seriesStyle, theme, type SeriesStyle } from '../../style';
import { extent } from './axes';
import { configurationText, improvements, logLosses, paretoFront, whole, type Search, type Try } from './tries';

// The charts of a search, from what is known of it.

const tried: SeriesStyle = seriesStyle(0);
const best: SeriesStyle = seriesStyle(1);
const early: SeriesStyle = { get color() { return seriesStyle(2).color; }, dash: [], marker: 'wedge' };

/** The tries above an axis: those trained to their end, those ended early, and where some diverged. */
function scatter(s: Search, x: (t: Try) => number): Series[] {
  const placed = s.tries.filter((t) => Number.isFinite(x(t)));
  const series = (name: string, some: Try[], style: SeriesStyle): Series => {
    const sorted = [...some].sort((a, b) => x(a) - x(b));
    return { name, style, scatter: true, x: sorted.map(x), y: sorted.map((t) => t.loss) };
  };
  const lost = placed.filter((t) => t.diverged).sort((a, b) => x(a) - x(b));
  const out = [series('trained to the end', placed.filter(whole), tried)];
  const pruned = placed.filter((t) => !whole(t) && !t.diverged);
  if (pruned.length > 0) out.push(series('ended early', pruned, early));
  if (lost.length > 0) {
    out.push({
      name: 'diverged', style: { get color() { return theme().warning; }, dash: [], marker: 'cross' }, scatter: true,
      x: lost.map(x), y: lost.map(() => null),
      marks: lost.map((t) => ({ x: x(t), y: Infinity, kind: 'diverged' as const, text: `try ${t.number} diverged: ${configurationText(t.configuration)}` })),
    });
  }
  return out;
}

const command = (text: string): { command?: () => string } => (text === '' ? {} : { command: () => text });

export function historySpec(s: Search, line: string): ChartSpec {
  const better = improvements(s.tries);
  const last = s.tries.at(-1)?.number ?? 0;
  const x: number[] = [];
  const y: number[] = [];
  better.forEach((t, i) => {
    const before = better[i - 1];
    if (before) {
      x.push(t.number);
      y.push(before.loss);
    }
    x.push(t.number);
    y.push(t.loss);
  });
  const end = better.at(-1);
  if (end && last > end.number) {
    x.push(last);
    y.push(end.loss);
  }
  const star = s.tries.find((t) => t.number === s.chosen);
  return {
    id: 'history', level: 3, title: 'History', height: 320, ...command(line),
    caption: 'The tries in the order in which they began, and the best so far of those trained to the end. The star is the one that other seeds chose.',
    x: { label: 'try', whole: true, min: 0.5, max: last + 0.5 }, y: { label: s.objective, log: logLosses(s.tries) },
    series: [...scatter(s, (t) => t.number), {
      name: 'best so far', style: best, x, y,
      marks: star && !star.diverged ? [{ x: star.number, y: star.loss, kind: 'best' as const, text: `chosen: ${configurationText(star.configuration)}` }] : [],
    }],
  };
}

export function sliceSpec(s: Search, i: number, line: string): ChartSpec {
  const d = s.dimensions[i];
  const label = !d ? '' : d.choices ? `${d.key} (${d.choices.map((c, k) => `${k} ${c}`).join(', ')})` : d.key;
  return {
    id: 'slices', level: 3, title: `Slice along ${d?.key ?? ''}`, height: 320, ...command(line),
    caption: 'All tries above one dimension, whatever they are in the others.',
    x: { label, log: d?.log ?? false, whole: d?.int ?? d?.choices !== undefined, ...(d ? ends(d) : {}) }, y: { label: s.objective, log: logLosses(s.tries) },
    series: scatter(s, (t) => t.values[i] ?? NaN),
  };
}

/** The ends of an axis a little beyond those of the dimension, so that points on the edge are whole. */
function ends(d: Dimension): { min: number; max: number } {
  if (d.choices) return { min: -0.5, max: d.choices.length - 0.5 };
  const [low, high] = [d.low ?? 0, d.high ?? 1];
  if (d.log) return { min: low * (low / high) ** 0.03, max: high * (high / low) ** 0.03 };
  return { min: low - 0.03 * (high - low), max: high + 0.03 * (high - low) };
}

export function paretoSpec(s: Search, line: string): ChartSpec {
  const front = paretoFront(s.tries);
  const log = s.tries.every((t) => t.seconds > 0);
  const [low, high] = extent(s.tries.map((t) => t.seconds));
  return {
    id: 'pareto', level: 3, title: 'Time against loss', height: 320, ...command(line),
    caption: 'What each try took to train, all its seeds together, and what it came to. On the line none is both quicker and better.',
    x: { label: 'seconds of training', log, ...(low < high ? ends({ key: '', low, high, log }) : {}) }, y: { label: s.objective, log: logLosses(s.tries) },
    series: [...scatter(s, (t) => t.seconds), { name: 'none is quicker and better', style: best, points: true, x: front.map((t) => t.seconds), y: front.map((t) => t.loss) }],
  };
}

/** What can be said of a search in a line. */
export function searchText(s: Search): string {
  if (s.chosen > 0) return `${s.tries.length} tries; other seeds chose try ${s.chosen}.`;
  const end = improvements(s.tries).at(-1);
  if (!end) return `${s.tries.length} tries, none of them to the end so far.`;
  return `Best so far: ${s.objective} ${number4(end.loss)} by try ${end.number}, ${configurationText(end.configuration)}.`;
}
