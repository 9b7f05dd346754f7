// The colours of both themes, for what is drawn; style.css holds the same values for what is laid out.

export type ThemeName = 'light' | 'dark';
export type ThemeChoice = ThemeName | 'system';

/** The colours of a theme, as #rrggbb or rgba(). */
export interface Tokens {
  name: ThemeName;
  paper: string;
  /** Inside the axes. */
  plot: string;
  ink: string;
  muted: string;
  line: string;
  grid: string;
  soft: string;
  accent: string;
  clear: string;
  open: string;
  warning: string;
  /** Where a function is undefined. */
  void: string;
  isoline: string;
  /** Round paths, to lift them off a fill. */
  halo: string;
  series: readonly string[];
}

export type Marker = 'circle' | 'square' | 'triangle' | 'diamond' | 'wedge' | 'pentagon' | 'plus' | 'hexagon' | 'star' | 'cross';

/** How a series is drawn. Its colour is that of the theme at the moment when it is read. */
export interface SeriesStyle {
  readonly color: string;
  /** Lengths of strokes and gaps in CSS pixels; empty: unbroken. */
  readonly dash: number[];
  readonly marker: Marker;
}

const light: Tokens = {
  name: 'light',
  paper: '#ffffff', plot: '#ffffff', ink: '#1f2933', muted: '#55616d', line: '#d9dee3', grid: '#e9ecef', soft: '#f4f6f8',
  accent: '#005a94', clear: '#00734f', open: '#8a5a00', warning: '#a8330a', void: '#c9c9c9',
  isoline: 'rgba(43,74,107,0.26)', halo: 'rgba(255,255,255,0.78)',
  series: ['#0072b2', '#d55e00', '#009e73', '#b8559a', '#b37a00', '#2590d2', '#1a1a1a', '#8f8600'],
};

const dark: Tokens = {
  name: 'dark',
  paper: '#14181d', plot: '#191e24', ink: '#e6eaee', muted: '#9aa6b2', line: '#333c46', grid: '#283038', soft: '#1c222a',
  accent: '#7cc4f0', clear: '#35cfa3', open: '#f0b84a', warning: '#ff9069', void: '#4a4a4a',
  isoline: 'rgba(213,228,245,0.22)', halo: 'rgba(11,15,20,0.7)',
  series: ['#56b4e9', '#e69f00', '#25c79a', '#e58cc4', '#f0e442', '#f4743b', '#f2f2f2', '#9c9cff'],
};

export const tokens: Readonly<Record<ThemeName, Tokens>> = { light, dark };

const dashes: readonly number[][] = [[], [8, 3], [2.5, 2.5], [9, 3, 2.5, 3], [5, 2.5]];
const markers: readonly Marker[] = ['circle', 'square', 'triangle', 'diamond', 'wedge', 'pentagon', 'plus', 'hexagon'];

/**
 * The i-th style, the same always: Okabe and Ito's colours, adapted so that each stands out from
 * both papers by 3:1. No two of the first 40 are alike in colour, dash and marker together.
 */
export function seriesStyle(i: number): SeriesStyle {
  const at = Math.max(0, Math.trunc(i));
  const round = Math.trunc(at / light.series.length);
  return {
    get color() {
      const { series } = theme();
      return series[at % series.length] ?? '';
    },
    dash: [...(dashes[(at + round) % dashes.length] ?? [])],
    marker: markers[(at + 3 * round) % markers.length] ?? 'circle',
  };
}

const listeners = new Set<() => void>();
let forced: ThemeName | undefined;

/** The colours to draw with now. */
export function theme(): Tokens {
  return tokens[forced ?? shown()];
}

/** Draws with the colours of a theme, whatever the page shows: downloads are for white paper. */
export function withTheme<T>(name: ThemeName, draw: () => T): T {
  const before = forced;
  forced = name;
  try {
    return draw();
  } finally {
    forced = before;
  }
}

/** Calls f whenever the colours have changed, until the function returned is called. */
export function onTheme(f: () => void): () => void {
  listeners.add(f);
  return () => listeners.delete(f);
}

/** What the user chose. */
export function themeChoice(): ThemeChoice {
  const chosen = document.documentElement.dataset.theme;
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}

/** Chooses a theme and remembers it. */
export function chooseTheme(choice: ThemeChoice): void {
  if (choice === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  try {
    if (choice === 'system') localStorage.removeItem('descent.theme');
    else localStorage.setItem('descent.theme', choice);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  changed();
}

const systemDark = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : undefined;
systemDark?.addEventListener('change', changed);

function changed(): void {
  for (const f of [...listeners]) f();
}

function shown(): ThemeName {
  const choice = typeof document === 'undefined' ? 'light' : themeChoice();
  if (choice !== 'system') return choice;
  return systemDark?.matches ? 'dark' : 'light';
}

/** Whether the user asks for less movement. */
export function reducedMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
