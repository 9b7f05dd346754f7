import type { Meta, RuleInfo } from '../../meta';

/** A rule that descends, with its settings: what differs from the defaults. */
export interface Rider {
  rule: string;
  lr: number;
  /** By name, as specs write them. */
  hypers: Record<string, string>;
  /** Of its rate alone; '': that of all. */
  schedule: string;
}

/** What differs from the defaults but the rate; a schedule that has commas stands in brackets. */
function options(r: Rider): string[] {
  const own = r.schedule === '' ? [] : [`schedule=${r.schedule.includes(',') ? `(${r.schedule})` : r.schedule}`];
  return [...Object.entries(r.hypers).map(([k, v]) => `${k}=${v}`), ...own];
}

/** Writes a rider as the command line takes it, its rate first: adam:lr=0.1,beta2=0.99,schedule=cosine. */
export function format(r: Rider): string {
  return `${r.rule}:${[`lr=${r.lr}`, ...options(r)].join(',')}`;
}

/** The rule with its options, without the rate, as the server takes it. */
export function spec(r: Rider): string {
  const all = options(r);
  return all.length > 0 ? `${r.rule}:${all.join(',')}` : r.rule;
}

/** Cuts a text at the commas that no brackets enclose. */
function split(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const c of text) {
    if (c === '(') depth++;
    else if (c === ')') depth = Math.max(0, depth - 1);
    if (c === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += c;
  }
  return parts;
}

/** Takes away brackets that enclose a whole text. */
function bare(text: string): string {
  if (!text.startsWith('(') || !text.endsWith(')')) return text;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')') depth--;
    if (depth === 0 && i < text.length - 1) return text;
  }
  return depth === 0 ? bare(text.slice(1, -1).trim()) : text;
}

/** Reads what format wrote; undefined where the rule or an option is not known. */
export function parse(text: string, m: Meta): Rider | undefined {
  const [name = '', ...rest] = text.split(':');
  const info = m.rules.find((r) => r.name === name.trim());
  if (!info) return undefined;
  const rider: Rider = { rule: info.name, lr: info.rate, hypers: {}, schedule: '' };
  for (const option of split(rest.join(':'))) {
    if (option.trim() === '') continue;
    const at = option.indexOf('=');
    const key = (at < 0 ? option : option.slice(0, at)).trim();
    const value = at < 0 ? 'true' : option.slice(at + 1).trim();
    if (key === 'lr') {
      const lr = Number(value);
      if (!(lr >= 0 && Number.isFinite(lr))) return undefined;
      rider.lr = lr;
      continue;
    }
    if (key === 'schedule') {
      rider.schedule = bare(value);
      continue;
    }
    const hyper = info.hypers.find((h) => h.name === key);
    if (!hyper) return undefined;
    if (value !== hyper.text) rider.hypers[key] = value;
  }
  return rider;
}

/** The rules in the order of the list: those of the classic family, then the others. */
export function ordered(m: Meta): RuleInfo[] {
  const classic = m.classic.map((c) => c.name);
  const first = classic.flatMap((name) => m.rules.filter((r) => r.name === name));
  return [...first, ...m.rules.filter((r) => !classic.includes(r.name))];
}

/** A rider with a name and a look that stay the same while others come and go. */
export interface Named {
  rider: Rider;
  /** Unique: "Adam", "Adam (2)". */
  title: string;
  /** The same with a schedule of its own: "Adam, cosine". */
  name: string;
  /** For seriesStyle. */
  style: number;
  /** 1 for the first of its rule. */
  copy: number;
}

export function named(riders: readonly Rider[], m: Meta): Named[] {
  const order = ordered(m);
  const seen = new Map<string, number>();
  let copies = 0;
  return riders.map((rider) => {
    const at = order.findIndex((r) => r.name === rider.rule);
    const copy = (seen.get(rider.rule) ?? 0) + 1;
    seen.set(rider.rule, copy);
    const rule = order[at]?.title ?? rider.rule;
    const title = copy === 1 ? rule : `${rule} (${copy})`;
    const { schedule } = rider;
    return {
      rider, copy, title,
      name: schedule === '' ? title : `${title}, ${schedule.length > 24 ? `${schedule.slice(0, 23)}…` : schedule}`,
      style: copy === 1 ? at : order.length + copies++,
    };
  });
}

/** Riders in the order of the list, copies after their first. */
export function sorted(riders: readonly Rider[], m: Meta): Rider[] {
  const order = ordered(m).map((r) => r.name);
  return riders.map((rider, i) => ({ rider, i }))
    .sort((a, b) => order.indexOf(a.rider.rule) - order.indexOf(b.rider.rule) || a.i - b.i)
    .map(({ rider }) => rider);
}
