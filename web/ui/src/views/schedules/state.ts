import { flag, int, list, number, oneOf, urlState, type UrlState } from '../../url';

export const forms = ['go', 'yaml', 'flags', 'json'] as const;
export type Form = (typeof forms)[number];

/** What the address holds. */
export interface State {
  /** The specifications. */
  s: string[];
  /** Steps of the run. */
  total: number;
  /** The rate that the schedules multiply. */
  lr: number;
  /** The schedule whose blocks are shown. */
  at: number;
  log: boolean;
  as: Form;
}

export const most = 12;

export function scheduleState(): UrlState<State> {
  return urlState<State>({
    s: list(['warmup:steps=100+cosine', 'onecycle', 'wsd:warmup=50']),
    total: int(1000), lr: number(0.1), at: int(0), log: flag(), as: oneOf(forms, 'go'),
  });
}
