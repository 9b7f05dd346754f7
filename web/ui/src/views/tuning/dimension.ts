import { type Meta } from '../../meta';

// A dimension of a space as the command line writes it, and as the form has it.

export const kinds = ['log', 'linear', 'whole', 'wholelog', 'choice'] as const;
export type Kind = (typeof kinds)[number];

export const kindLabels: Record<Kind, string> = {
  log: 'logarithmic', linear: 'linear', whole: 'whole numbers', wholelog: 'whole, logarithmic', choice: 'one of',
};

export interface Dimension {
  key: string;
  kind: Kind;
  low: string;
  high: string;
  step: string;
  choices: string;
  /** KEY=VALUE, or nothing. */
  when: string;
}

const form = /^\s*([^\s={}]+)\s*=\s*(?:\{([^}]*)\}|([^\s.]*(?:\.\d+)?\S*?)\.\.(\S+))((?:\s+(?:log|int|step\s+\S+))*)(?:\s+if\s+(.+?))?\s*$/;

/** Reads a dimension; undefined where the form has no fields for it. */
export function parseDimension(text: string): Dimension | undefined {
  const found = form.exec(text);
  if (!found) return undefined;
  const [, key = '', choices, low = '', high = '', words = '', when = ''] = found;
  if (choices !== undefined) {
    return words.trim() === '' ? { key, kind: 'choice', low: '', high: '', step: '', choices, when } : undefined;
  }
  const log = /\blog\b/.test(words);
  const whole = /\bint\b/.test(words);
  return {
    key, low, high, when, choices: '', step: /\bstep\s+(\S+)/.exec(words)?.[1] ?? '',
    kind: whole ? (log ? 'wholelog' : 'whole') : log ? 'log' : 'linear',
  };
}

export function formatDimension(d: Dimension): string {
  const range = d.kind === 'choice' ? `{${d.choices.trim()}}` : `${d.low.trim()}..${d.high.trim()}`;
  const words = [
    d.kind === 'wholelog' || d.kind === 'whole' ? 'int' : '', d.kind === 'log' || d.kind === 'wholelog' ? 'log' : '',
    d.step.trim() !== '' && (d.kind === 'linear' || d.kind === 'whole') ? `step ${d.step.trim()}` : '',
    d.when.trim() !== '' ? `if ${d.when.trim()}` : '',
  ].filter((w) => w !== '');
  return [`${d.key}=${range}`, ...words].join(' ');
}

/** What can be searched for a rule: keys with what they are. */
export function keysFor(m: Meta, optimizer: string, schedule: string): { value: string; label: string; note: string }[] {
  const rule = m.rules.find((r) => r.name === optimizer.split(':')[0]);
  const curve = m.schedules.find((s) => s.name === schedule.split(':')[0]);
  const first = ['lr', 'optimizer', 'batch', 'schedule', 'model'];
  const settings = m.settings.filter((s) => !s.free && s.part !== 'Data' && s.part !== 'Function' && s.key !== 'seed' && s.key !== 'steps' && s.key !== 'epochs');
  const rank = (key: string): number => (first.includes(key) ? first.indexOf(key) : first.length);
  return [
    ...settings.filter((s) => first.includes(s.key)).sort((a, b) => rank(a.key) - rank(b.key)).map((s) => ({ value: s.key, label: s.key, note: s.doc })),
    ...(rule?.hypers ?? []).map((h) => ({ value: `optimizer.${h.name}`, label: `optimizer.${h.name}`, note: h.doc })),
    ...(curve?.params ?? []).map((p) => ({ value: `schedule.${p.name}`, label: `schedule.${p.name}`, note: p.doc })),
    { value: 'width', label: 'width', note: 'of all hidden layers of an mlp' },
    { value: 'depth', label: 'depth', note: 'hidden layers of an mlp' },
    ...settings.filter((s) => !first.includes(s.key)).map((s) => ({ value: s.key, label: s.key, note: s.doc })),
  ];
}

/** Where a search along a key usually looks. */
export function usualDimension(m: Meta, key: string, optimizer: string): Dimension {
  const none = { key, low: '', high: '', step: '', choices: '', when: '' };
  const rule = m.rules.find((r) => r.name === optimizer.split(':')[0]);
  const short = (v: number): string => String(Number(v.toPrecision(3)));
  if (key === 'lr') return { ...none, kind: 'log', low: short((rule?.rate ?? 1e-2) / 100), high: short((rule?.rate ?? 1e-2) * 100) };
  if (key === 'batch') return { ...none, kind: 'choice', choices: '16,32,64,128' };
  if (key === 'optimizer') return { ...none, kind: 'choice', choices: 'adam,sgd:momentum=0.9' };
  if (key === 'schedule') return { ...none, kind: 'choice', choices: 'constant|cosine|onecycle' };
  if (key === 'model') return { ...none, kind: 'choice', choices: 'mlp:32|mlp:64,32' };
  if (key === 'width') return { ...none, kind: 'wholelog', low: '8', high: '256' };
  if (key === 'depth') return { ...none, kind: 'whole', low: '1', high: '4' };
  const hyper = rule?.hypers.find((h) => key === `optimizer.${h.name}`);
  if (hyper?.bool) return { ...none, kind: 'choice', choices: 'true,false' };
  if (hyper?.slider) {
    const { low, high, scale } = hyper.slider;
    return { ...none, kind: scale === 'log' && low > 0 ? 'log' : 'linear', low: short(low), high: short(high) };
  }
  const setting = m.settings.find((s) => s.key === key);
  if (setting?.type === 'switch') return { ...none, kind: 'choice', choices: 'true,false' };
  if (setting?.choices?.length) return { ...none, kind: 'choice', choices: setting.choices.join(',') };
  return setting?.type === 'whole' ? { ...none, kind: 'whole', low: '1', high: '8' } : { ...none, kind: 'linear', low: '0', high: '1' };
}
