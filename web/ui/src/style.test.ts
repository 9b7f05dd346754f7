import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { seriesStyle, tokens, withTheme, type ThemeName } from './style';

const css = readFileSync(new URL('./style.css', import.meta.url), 'utf8');

/** WCAG's relative luminance. */
function luminance(color: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p) as [number, number];
  return (x + 0.05) / (y + 0.05);
}

const themes: ThemeName[] = ['light', 'dark'];

test.each(themes)('%s: what is drawn stands out from the paper', (name) => {
  const t = tokens[name];
  for (const ground of [t.paper, t.plot]) {
    for (const color of t.series) expect(contrast(color, ground), `${color} on ${ground}`).toBeGreaterThanOrEqual(3);
    for (const color of [t.ink, t.muted, t.accent, t.clear, t.open, t.warning]) expect(contrast(color, ground), `${color} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  }
  for (const color of [t.ink, t.muted, t.accent, t.clear, t.open, t.warning]) expect(contrast(color, t.soft)).toBeGreaterThanOrEqual(4.5);
});

test.each(['paper', 'plot', 'ink', 'muted', 'line', 'grid', 'soft', 'accent', 'clear', 'open', 'warning'] as const)(
  '%s is one colour in style.ts and style.css', (key) => {
    expect(css).toContain(`--${key}: light-dark(${tokens.light[key]}, ${tokens.dark[key]});`);
  });

test('the edges of controls stand out', () => {
  const found = /--edge: light-dark\((#\w+), (#\w+)\)/.exec(css);
  expect(contrast(found?.[1] ?? '', tokens.light.paper)).toBeGreaterThanOrEqual(3);
  expect(contrast(found?.[2] ?? '', tokens.dark.paper)).toBeGreaterThanOrEqual(3);
});

test('the first 40 styles differ in more than one way', () => {
  for (const name of themes) {
    withTheme(name, () => {
      const all = Array.from({ length: 40 }, (_, i) => seriesStyle(i)).map((s) => [s.color, s.dash.join(), s.marker].join('|'));
      expect(new Set(all).size).toBe(40);
    });
  }
  expect(seriesStyle(3)).toEqual(seriesStyle(3));
});

test('a style shows the colour of the theme when it is read', () => {
  const style = seriesStyle(0);
  expect(withTheme('dark', () => style.color)).toBe(tokens.dark.series[0]);
  expect(withTheme('light', () => style.color)).toBe(tokens.light.series[0]);
});
