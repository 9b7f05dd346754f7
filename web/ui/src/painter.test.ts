import { expect, test } from 'vitest';
import { SvgPainter } from './painter';
import { escape } from './svgpainter';

test('nothing gets out of a text', () => {
  expect(escape('<script>"&\'\u0000\u0008\ud800</script>')).toBe('&lt;script&gt;&quot;&amp;\'&lt;/script&gt;');
  expect(escape('η \u{1F600} − x₁')).toBe('η \u{1F600} − x₁');
  const p = new SvgPainter(100, 50, { title: '</title><script>', desc: ']]>' });
  p.text(1, 2, '<b onclick="x">', { color: '"/><script>' });
  const svg = p.toString();
  expect(svg).not.toContain('<script');
  expect(svg).not.toContain('<b ');
  expect(svg).toContain('&lt;b onclick=&quot;x&quot;&gt;');
});

test('a number that is not one lifts the pen', () => {
  const p = new SvgPainter(100, 50);
  p.line([0, 0, 10, 10, NaN, 5, 20, 20, 30.004, 30.006, Infinity, 1], { color: '#000' });
  expect(p.toString()).toContain('d="M0 0L10 10M20 20L30 30.01"');
});

test('what is drawn inside another keeps its clips apart', () => {
  const p = new SvgPainter(100, 50);
  const box = { x: 0, y: 0, width: 10, height: 10 };
  p.clip(box, () => p.circle(1, 1, 1, { fill: 'red' }));
  p.inset(box, (q) => q.clip(box, () => q.rect(box, { fill: { color: 'blue', alpha: 0.5 } })));
  const ids = [...p.toString().matchAll(/<clipPath id="(\w+)"/g)].map((m) => m[1]);
  expect(new Set(ids).size).toBe(2);
  expect(p.toString()).toContain('fill-opacity="0.5"');
});

test('a ring in a ring is a hole, and no ring is no path', () => {
  const p = new SvgPainter(10, 10);
  p.area([[0, 0, 9, 0, 9, 9], [1, 1, 2, 1, 2, 2]], { fill: '#fff' });
  p.area([], { fill: '#fff' });
  expect(p.toString().match(/<path/g)).toHaveLength(1);
  expect(p.toString()).toContain('d="M0 0L9 0L9 9ZM1 1L2 1L2 2Z" fill-rule="evenodd"');
});
