import { s } from '../dom';

/** A drawing of one stroke that stands beside a text, or for it. */
function icon(width: number, height: number, d: string, className?: string): SVGSVGElement {
  return s('svg', { class: className, viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': true },
    s('path', { d, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' }));
}

/** What opens a list. */
export const chevron = (): SVGSVGElement => icon(10, 6, 'M1 1l4 4 4-4', 'chevron');

/** What closes or removes. */
export const cross = (): SVGSVGElement => icon(12, 12, 'M2 2l8 8M10 2l-8 8');

/** What moves something up or down in its list. */
export const up = (): SVGSVGElement => icon(12, 12, 'M6 10V2M2.5 5.5L6 2l3.5 3.5');
export const down = (): SVGSVGElement => icon(12, 12, 'M6 2v8M2.5 6.5L6 10l3.5-3.5');
