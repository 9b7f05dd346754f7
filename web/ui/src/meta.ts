import { get } from './api';

/** What the server's registries hold; web/meta.go writes it and says more of each. */
export interface Meta {
  version: string;
  program: string;
  /** The program has a model of its own: there is none to choose. */
  own: boolean;
  rules: RuleMeta[];
  schedules: ScheduleMeta[];
  functions: FunctionMeta[];
  families: FamilyMeta[];
  data: { spec: string; doc: string }[];
  /** The language of models, one form a line. */
  models: string;
  classic: { name: string; spec: string; rate: number }[];
  settings: SettingMeta[];
  samplers: string[];
  pruners: string[];
}

/** How a number is best moved; a field beside the slider takes what lies outside. */
export interface SliderMeta {
  low: number;
  high: number;
  /** 'complement' is even in the logarithm of 1 - x. */
  scale: 'linear' | 'log' | 'complement';
  /** The lower end of a logarithmic one means 0. */
  zero?: boolean;
}

export interface DomainMeta {
  text: string;
  min: number | string;
  max: number | string;
  min_open: boolean;
  max_open: boolean;
}

export interface RuleMeta {
  name: string;
  title: string;
  summary: string;
  citation: string;
  notes: string[];
  rate: number;
  slider: SliderMeta;
  hypers: HyperMeta[];
  forms: { name: string; default: boolean; slots: string[]; state_bytes: number; tex: string[] }[];
}

export interface HyperMeta {
  name: string;
  bool: boolean;
  default: number;
  text: string;
  domain?: DomainMeta;
  slider?: SliderMeta;
  symbol?: string;
  doc: string;
}

export interface ScheduleMeta {
  name: string;
  title: string;
  doc: string;
  plateau: boolean;
  params: { name: string; field: string; type: string; default?: string; domain?: string; choices?: string[]; doc: string }[];
}

export interface FunctionMeta {
  name: string;
  title: string;
  doc: string;
  text: string;
  params: { name: string; value: number; slider: SliderMeta; doc: string }[];
  minima: { x: number; y: number; value: number; global: boolean }[];
  domain: { xmin: number; xmax: number; ymin: number; ymax: number };
  start: [number, number];
  log_levels: boolean;
}

export interface FamilyMeta {
  name: string;
  title: string;
  doc: string;
  options: { name: string; default: string; doc: string }[];
}

export interface SettingMeta {
  key: string;
  type: 'text' | 'list' | 'switch' | 'whole' | 'number';
  default: string;
  usual?: string;
  example?: string;
  optional: boolean;
  choices?: string[];
  domain?: DomainMeta;
  or?: string;
  doc: string;
  part: string;
  free: boolean;
}

let asked: Promise<Meta> | undefined;

/** The registries, asked for once. */
export function meta(): Promise<Meta> {
  asked ??= get<Meta>('/api/meta').catch((error: unknown) => {
    asked = undefined;
    throw error;
  });
  return asked;
}
