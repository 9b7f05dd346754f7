import type { Meta, RuleInfo } from '../../meta';

/** A rule that descends, with its settings: what differs from the defaults. */
export interface Rider {
  rule: string;
  lr: number;
  /** By name, as specs write them. */
  hypers: Record<string, string>;
}

/** Writes a rider as the command line takes it, its rate first: adam:lr=0.1,beta2=0.99. */
export function format(r: Rider): string {
  return `${r.rule}:${[`lr=${r.lr}`, ...Object.entries(r.hypers).map(([k, v]) => `${k}=${v}`)].join(',')}`;
}

/** The rule with its options, without the rate, as the server takes it. */
export function spec(r: Rider): string {
  const options = Object.entries(r.hypers).map(([k, v]) => `${k}=${v}`);
  return options.length > 0 ? `${r.rule}:${options.join(',')}` : r.rule;
}

/** Reads what format wrote; undefined where the rule or an option is not known. */
export function parse(text: string, m: Meta): Rider | undefined {
  const [name = '', ...rest] = text.split(':');
  const info = m.rules.find((r) => r.name === name.trim());
  if (!info) return undefined;
  const rider: Rider = { rule: info.name, lr: info.rate, hypers: {} };
  for (const option of rest.join(':').split(',')) {
    if (option.trim() === '') continue;
    const [key = '', value = 'true'] = option.split('=').map((t) => t.trim());
    if (key === 'lr') {
      const lr = Number(value);
      if (!(lr >= 0 && Number.isFinite(lr))) return undefined;
      rider.lr = lr;
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
    const title = order[at]?.title ?? rider.rule;
    return {
      rider, copy,
      name: copy === 1 ? title : `${title} (${copy})`,
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
