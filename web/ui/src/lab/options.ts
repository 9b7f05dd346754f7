import { type Option } from '../controls';
import { type Meta } from '../meta';

// What the fields of forms offer, from the registries.

export function ruleOptions(m: Meta): Option[] {
  return m.rules.map((r) => ({ value: r.name, label: r.name, note: r.title }));
}

export function scheduleOptions(m: Meta): Option[] {
  return m.schedules.filter((s) => !s.plateau).map((s) => ({ value: s.name, label: s.name, note: s.title }));
}

export function functionOptions(m: Meta): Option[] {
  return [
    ...m.functions.map((f) => ({ value: f.name, label: f.name, note: f.title })),
    ...m.families.map((f) => ({ value: f.name, label: f.name, note: f.title })),
  ];
}

export const models: readonly string[] = ['softmax', 'mlp:32', 'mlp:128,64', 'lenet5'];

export function dataOptions(m: Meta): Option[] {
  return m.data.filter((d) => !d.spec.startsWith('-')).map((d) => {
    const spec = d.spec.replace(/\[.*$/, '');
    return { value: spec, label: spec, note: d.doc };
  });
}

/** Functions, families, and data with a model each. */
export function problemOptions(m: Meta): Option[] {
  return [
    { value: 'digits/mlp:32', label: 'digits/mlp:32', note: 'generated digits, a small network' },
    { value: 'digits/softmax', label: 'digits/softmax', note: 'generated digits, linear' },
    ...functionOptions(m),
  ];
}
