import { combobox, numberField, slider, type Control, type Option } from '../../controls';
import { h } from '../../dom';
import type { Meta } from '../../meta';
import { sentence } from './functions';
import { mostSteps, type Explored } from './state';

export interface ConditionsPanel {
  readonly root: HTMLElement;
  set(s: Explored): void;
  error(field: string | null, text: string): void;
}

type Patch = Partial<Pick<Explored, 'steps' | 'schedule' | 'noise' | 'seed'>>;

/** The schedules by name. */
export function scheduleOptions(m: Meta): Option[] {
  return m.schedules.filter((k) => !k.plateau).map((k) => ({ value: k.name, label: k.name, note: k.title }));
}

/** What all rules have in common: steps, schedule, noise with its seed. */
export function conditionsPanel(m: Meta, s: Explored, on: (patch: Patch) => void): ConditionsPanel {
  const steps = slider({ label: 'Steps', value: s.steps, min: 10, max: mostSteps, log: true, domain: { min: 1, max: mostSteps }, on: (v) => on({ steps: Math.round(v) }) });
  const schedule = combobox({
    label: 'Schedule of the rate', value: s.schedule, free: true, mono: true, placeholder: 'constant',
    help: 'Of all rules; one of its own is among the settings of a rule',
    options: [{ value: '', label: 'constant' }, ...scheduleOptions(m).filter((k) => k.value !== 'constant')],
    on: (v) => on({ schedule: v === 'constant' ? '' : v }),
  });
  const noise = slider({
    label: 'Noise of the gradient', value: s.noise, min: 1e-4, max: 100, log: true, zero: true, domain: { min: 0 },
    help: 'Standard deviation of what is added to each coordinate', on: (v) => on({ noise: v }),
  });
  const seed = numberField({ label: 'Seed', value: s.seed, min: 0, max: Number.MAX_SAFE_INTEGER, int: true, on: (v) => on({ seed: v }) });
  const fields: Record<string, Control<number> | Control<string>> = { steps, schedule, noise, seed };
  return {
    root: h('section', { class: 'stack tight', 'aria-label': 'Conditions' }, steps.root, schedule.root, noise.root, seed.root),
    set(now) {
      if (steps.value !== now.steps) steps.set(now.steps);
      if (schedule.value !== now.schedule) schedule.set(now.schedule);
      if (noise.value !== now.noise) noise.set(now.noise);
      if (seed.value !== now.seed) seed.set(now.seed);
      seed.root.hidden = now.noise === 0;
    },
    error(field, text) {
      for (const [name, control] of Object.entries(fields)) control.error(name === field ? sentence(text) : null);
    },
  };
}
