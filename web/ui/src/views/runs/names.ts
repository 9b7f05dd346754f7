import { count, duration, number4, percent } from '../../format';
import { num } from '../../api';
import type { Comparison, Real } from './types';

/** The curves that are drawn when none are chosen, in their order, as far as a run has them. */
export const usualCurves = ['loss', 'val_loss', 'val_accuracy', 'train_accuracy', 'rate', 'grad_norm', 'update_norm', 'sharpness', 'alpha'];

const titles: Record<string, string> = {
  loss: 'Training loss', epoch_loss: 'Mean of the epoch', val_loss: 'Validation loss', val_accuracy: 'Validation accuracy',
  train_loss: 'Training set loss', train_accuracy: 'Training accuracy', test_loss: 'Test loss', test_accuracy: 'Test accuracy',
  rate: 'Learning rate', grad_norm: 'Gradient norm', update_norm: 'Update norm', param_norm: 'Parameter norm',
  cosine: 'Cosine of gradients', alpha: 'α of the step', along: 'Curvature along it',
  sharpness: 'Sharpness, λmax', edge: 'Edge, 2/λmax',
};

const of: Record<string, string> = { value: 'Norm of', grad: 'Gradient norm of', update: 'Update norm of', ratio: 'Update over value of' };

export function curveTitle(name: string): string {
  const slash = name.indexOf('/');
  const what = slash < 0 ? undefined : of[name.slice(0, slash)];
  return titles[name] ?? (what ? `${what} ${name.slice(slash + 1)}` : name);
}

/** What the axis of a curve says. */
export function curveLabel(name: string): string {
  if (name.endsWith('accuracy')) return 'accuracy';
  if (name.endsWith('loss')) return 'loss';
  if (name === 'rate' || name === 'edge') return 'rate';
  if (name.startsWith('ratio/')) return 'ratio';
  if (name.includes('norm') || name.includes('/')) return '2-norm';
  return name === 'alpha' ? 'α' : name;
}

/** Whether a logarithmic axis makes sense. */
export function logarithmic(name: string): boolean {
  return /loss$|norm$|^sharpness$|^edge$|^along$|\//.test(name);
}

/** What the column of a field is called. */
export function fieldTitle(name: string): string {
  return ({
    id: 'run', final_loss: 'loss', val_accuracy: 'val acc.', test_accuracy: 'test acc.', train_accuracy: 'train acc.', val_loss: 'val loss',
    test_loss: 'test loss', train_loss: 'train loss', seconds: 'time', lr: 'rate', best_loss: 'best loss', first_loss: 'first loss',
  } as Record<string, string>)[name] ?? name.replaceAll('_', ' ');
}

/** A field of a run for people, as the command line writes it. */
export function fieldText(name: string, v: Real | null | undefined): string {
  if (v === null || v === undefined) return '';
  if (typeof v === 'string' && !/^[+-]?(NaN|Inf)$/.test(v)) return v;
  const value = num(v);
  if (name.endsWith('_accuracy')) return percent(value);
  if (name === 'seconds') return duration(value);
  return Number.isInteger(value) && !name.endsWith('_loss') ? count(value) : number4(value);
}

/** Whether a field's column holds numbers. */
export function numeric(name: string): boolean {
  return /loss$|accuracy$|^(best_step|steps|skipped|epochs|examples|seconds|parameters|state_bytes|planned_.*|lr|seed|batch)$/.test(name);
}

/** The settings that people tell runs apart by, the first of them first. */
const telling = ['optimizer', 'lr', 'model', 'data', 'function', 'schedule', 'batch', 'seed', 'epochs', 'steps'];

/** Names runs by as few of the settings in which they differ as tell them apart, or by their IDs. */
export function runNames(c: Comparison): Map<string, string> {
  const rank = (field: string): number => (telling.includes(field) ? telling.indexOf(field) : telling.length);
  const differs = c.settings.filter((d) => !/^(name|tags|diagnose.*|checkpoint-.*|keep)$/.test(d.field)).sort((a, b) => rank(a.field) - rank(b.field));
  const short = (v: string): string => (v.length > 24 ? `${v.slice(0, 23)}…` : v);
  for (let n = 1; n <= Math.min(3, differs.length); n++) {
    const names = c.ids.map((_, i) => differs.slice(0, n).flatMap(({ field, values }) => {
      const value = values[i];
      if (value === null || value === undefined || value === '') return [];
      return [['optimizer', 'model', 'data', 'function'].includes(field) ? short(value) : `${field} ${short(value)}`];
    }).join(', '));
    if (names.every((name) => name !== '') && new Set(names).size === names.length) return new Map(c.ids.map((id, i) => [id, names[i] ?? id]));
  }
  return new Map(c.ids.map((id) => [id, shortId(id)]));
}

/** An ID without the day, which the list shows beside it. */
export function shortId(id: string): string {
  return id.replace(/^\d{8}-(\d{6}-)/, '$1');
}
