import { drawMarker, fillOf, measureText, mono, sans, trace, type Painter, type Points, type Rect, type Shape, type Stroke, type TextStyle } from './painter';
import { theme, type Marker } from './style';

/** Draws an SVG document, which toString returns. */
export class SvgPainter implements Painter {
  private readonly parts: string[];
  private readonly ids: { next: number };

  constructor(
    readonly width: number,
    readonly height: number,
    private readonly heading: { title?: string; desc?: string } = {},
    shared?: { parts: string[]; ids: { next: number } },
  ) {
    this.parts = shared?.parts ?? [];
    this.ids = shared?.ids ?? { next: 0 };
  }

  toString(): string {
    const { title, desc } = this.heading;
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${short(this.width)}" height="${short(this.height)}" viewBox="0 0 ${short(this.width)} ${short(this.height)}" role="img" font-family="${escape(sans)}">`,
      title ? `<title>${escape(title)}</title>` : '',
      desc ? `<desc>${escape(desc)}</desc>` : '',
      ...this.parts,
      '</svg>',
    ].filter((part) => part !== '').join('\n') + '\n';
  }

  line(points: Points, style: Stroke): void {
    const d = pathOf(points, style.closed ?? false);
    if (d !== '') this.parts.push(`<path d="${d}" fill="none"${strokeOf(style)}/>`);
  }

  area(rings: readonly Points[], shape: Shape): void {
    const d = rings.map((ring) => pathOf(ring, true)).join('');
    if (d !== '') this.parts.push(`<path d="${d}" fill-rule="evenodd"${paintOf(shape)}/>`);
  }

  rect({ x, y, width, height }: Rect, shape: Shape & { radius?: number }): void {
    const radius = shape.radius ? ` rx="${short(shape.radius)}"` : '';
    this.parts.push(`<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}"${radius}${paintOf(shape)}/>`);
  }

  circle(x: number, y: number, r: number, shape: Shape): void {
    this.parts.push(`<circle cx="${short(x)}" cy="${short(y)}" r="${short(r)}"${paintOf(shape)}/>`);
  }

  marker(kind: Marker, x: number, y: number, r: number, shape: Shape): void {
    drawMarker(this, kind, x, y, r, shape);
  }

  text(x: number, y: number, text: string, style: TextStyle = {}): void {
    const size = style.size ?? 12;
    // Viewers disagree on dominant-baseline: the shift is part of the position.
    const shift = { alphabetic: 0, middle: 0.35, top: 0.8, bottom: -0.2 }[style.baseline ?? 'alphabetic'] * size;
    const attributes = [
      style.rotate
        ? `transform="translate(${short(x)} ${short(y)}) rotate(${short(style.rotate)})" y="${short(shift)}"`
        : `x="${short(x)}" y="${short(y + shift)}"`,
      `font-size="${short(size)}"`,
      style.align && style.align !== 'left' ? `text-anchor="${style.align === 'center' ? 'middle' : 'end'}"` : '',
      style.weight && style.weight !== 400 ? `font-weight="${style.weight}"` : '',
      style.mono ? `font-family="${escape(mono)}"` : '',
      style.halo ? `stroke="${escape(style.halo)}" stroke-width="3" stroke-linejoin="round" paint-order="stroke"` : '',
      `fill="${escape(style.color ?? theme().ink)}"`,
    ].filter((a) => a !== '');
    this.parts.push(`<text ${attributes.join(' ')}>${escape(text)}</text>`);
  }

  measure(text: string, style?: TextStyle): number {
    return measureText(text, style);
  }

  clip({ x, y, width, height }: Rect, draw: () => void): void {
    const id = `clip${this.ids.next++}`;
    this.parts.push(`<clipPath id="${id}"><rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}"/></clipPath>`);
    this.parts.push(`<g clip-path="url(#${id})">`);
    draw();
    this.parts.push('</g>');
  }

  inset({ x, y, width, height }: Rect, draw: (p: Painter) => void): void {
    this.parts.push(`<g transform="translate(${short(x)} ${short(y)})">`);
    draw(new SvgPainter(width, height, {}, { parts: this.parts, ids: this.ids }));
    this.parts.push('</g>');
  }

  image(source: HTMLCanvasElement | OffscreenCanvas, { x, y, width, height }: Rect): void {
    let canvas = source;
    if (!('toDataURL' in canvas)) {
      const copy = document.createElement('canvas');
      copy.width = source.width;
      copy.height = source.height;
      copy.getContext('2d')?.drawImage(source, 0, 0);
      canvas = copy;
    }
    this.parts.push(`<image x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" preserveAspectRatio="none" href="${canvas.toDataURL('image/png')}"/>`);
  }
}

/** Makes a text safe inside an element and inside an attribute; what XML cannot hold is left out. */
export function escape(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}

/** A hundredth of a pixel is enough. */
function short(v: number): string {
  return String(Math.round(v * 100) / 100);
}

function pathOf(points: Points, closed: boolean): string {
  let d = '';
  trace(points, {
    moveTo(x, y) { d += `M${short(x)} ${short(y)}`; },
    lineTo(x, y) { d += `L${short(x)} ${short(y)}`; },
  });
  return closed && d !== '' ? `${d}Z` : d;
}

function paintOf(shape: Shape): string {
  const fill = fillOf(shape.fill);
  const inside = fill ? ` fill="${escape(fill.color)}"${alphaOf('fill', fill.alpha)}` : ' fill="none"';
  return inside + (shape.stroke ? strokeOf(shape.stroke) : '');
}

function strokeOf(style: Stroke): string {
  const dash = style.dash?.length ? ` stroke-dasharray="${style.dash.map(short).join(' ')}"` : ' stroke-linecap="round"';
  return ` stroke="${escape(style.color)}" stroke-width="${short(style.width ?? 1)}" stroke-linejoin="${style.join ?? 'round'}"${dash}${alphaOf('stroke', style.alpha)}`;
}

function alphaOf(what: string, alpha: number | undefined): string {
  return alpha === undefined || alpha === 1 ? '' : ` ${what}-opacity="${short(alpha)}"`;
}
