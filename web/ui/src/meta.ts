import { get, num } from './api';
import type { ScaleOptions } from './controls/scale';
import type { SliderOptions } from './controls/slider';

/** What the server's registries hold; web/meta.go writes it. */
export interface Meta {
  version: string;
  /** What users call the program. */
  program: string;
  /** The program has a model of its own: there is none to choose. */
  own: boolean;
  rules: RuleInfo[];
  schedules: ScheduleInfo[];
  functions: FunctionInfo[];
  /** Problems of any dimension. */
  families: FamilyInfo[];
  /** How data are named. */
  data: { spec: string; doc: string }[];
  /** The language of models, one form a line. */
  models: string;
  /** What a comparison takes if it is not told. */
  classic: { name: string; spec: string; rate: number }[];
  /** The settings of experiments, which are the flags of train. */
  settings: SettingInfo[];
  showings: { name: string; title: string; doc: string; source?: string }[];
  /** Of tune. */
  samplers: string[];
  pruners: string[];
}

/** How a number is best moved: evenly on the scale; complement is the logarithm of 1 - x. */
export interface SliderInfo {
  low: number;
  high: number;
  scale: 'linear' | 'log' | 'complement';
  /** The number may be 0 too, which is the lower end of a log scale. */
  zero?: boolean;
}

/** Where a number may lie. The ends are as the server writes numbers: read them with num. */
export interface DomainInfo {
  text: string;
  min: number | string;
  max: number | string;
  min_open: boolean;
  max_open: boolean;
}

export interface RuleInfo {
  name: string;
  title: string;
  summary: string;
  citation: string;
  notes: string[];
  /** The default learning rate. */
  rate: number;
  slider: SliderInfo;
  hypers: HyperInfo[];
  /** The ways in which it runs: the hyper-parameters choose. */
  forms: { name: string; default: boolean; slots: string[]; state_bytes: number; tex: string[] }[];
}

export interface HyperInfo {
  name: string;
  /** A switch, whose default is 0 or 1; it has no domain and no slider. */
  bool: boolean;
  default: number;
  /** The default as specs write it. */
  text: string;
  domain?: DomainInfo;
  slider?: SliderInfo;
  symbol?: string;
  doc: string;
}

export interface ScheduleInfo {
  name: string;
  title: string;
  doc: string;
  citation?: string;
  tex: string;
  /** It follows a metric: it has no curve of its own. */
  plateau: boolean;
  params: ScheduleParam[];
  /** The shortest specification that has it; none for what is written by signs. */
  spec?: string;
  /** It has a length, so that another can come after it. */
  ends: boolean;
  /** A curve of about 100 steps, as the library writes it. */
  example?: Record<string, unknown>;
}

export interface ScheduleParam {
  name: string;
  /** As Go writes it. */
  field: string;
  type: 'float' | 'int' | 'bool' | 'string' | 'ints' | 'schedule' | 'schedules';
  /** "total", "total/3": from the steps of the run; "=up": the value of another parameter. */
  default?: string;
  domain?: string;
  choices?: string[];
  symbol?: string;
  doc: string;
}

export interface FunctionInfo {
  name: string;
  title: string;
  doc: string;
  source: string;
  /** The expression, parameters by name. */
  text: string;
  tex: string;
  params: { name: string; value: number; slider: SliderInfo; doc: string }[];
  minima: { x: number; y: number; value: number; global: boolean }[];
  domain: { xmin: number; xmax: number; ymin: number; ymax: number };
  start: [number, number];
  /** Contours are best spaced logarithmically above the minimum. */
  log_levels: boolean;
}

export interface FamilyInfo {
  name: string;
  title: string;
  doc: string;
  source: string;
  tex: string;
  options: { name: string; default: string; doc: string }[];
}

export interface SettingInfo {
  key: string;
  type: 'text' | 'list' | 'switch' | 'whole' | 'number';
  /** As text. */
  default: string;
  /** What an optional setting that is absent stands for. */
  usual?: string;
  example?: string;
  optional: boolean;
  choices?: string[];
  domain?: DomainInfo;
  /** A value outside of the domain that is allowed too. */
  or?: string;
  doc: string;
  /** The heading of its group. */
  part: string;
  /** It may differ when a run is resumed. */
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

/** The options of a slider for a number of the registries, and of the field beside it. */
export function sliderOptions(info: SliderInfo, domain?: DomainInfo): ScaleOptions & Pick<SliderOptions, 'domain'> {
  const options: ScaleOptions & Pick<SliderOptions, 'domain'> = { min: info.low, max: info.high };
  if (info.scale === 'log') options.log = true;
  if (info.scale === 'complement') options.complement = true;
  if (info.zero) options.zero = true;
  options.domain = domain
    ? { min: num(domain.min), max: num(domain.max), minOpen: domain.min_open, maxOpen: domain.max_open }
    : { min: -Infinity, max: Infinity };
  return options;
}
