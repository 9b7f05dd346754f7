import { Board } from '../../canvas';
import { figureFrame } from '../../figure';
import { percent } from '../../format';
import { type Importance } from '../../lab/report';
import { type Painter } from '../../painter';
import { seriesStyle, theme } from '../../style';

/** How much each dimension matters, as bars with the spread of the forest's trees. */
export function importanceFigure(m: Importance, command: () => string): { root: HTMLElement; destroy(): void } {
  const shares = [...m.shares].sort((a, b) => b.share - a.share);
  const rows = [...shares, { key: 'several together', share: m.interactions, spread: 0 }];
  const row = 30;
  const height = rows.length * row + 34;
  const most = Math.max(0.01, ...rows.map((r) => r.share + r.spread));
  const paint = (p: Painter): void => {
    const t = theme();
    const left = Math.min(p.width * 0.4, 24 + Math.max(...rows.map((r) => p.measure(r.key, { size: 12 }))));
    const width = p.width - left - 76;
    rows.forEach((r, i) => {
      const y = 8 + i * row;
      const at = (v: number): number => left + (Math.max(0, v) / most) * width;
      p.text(left - 8, y + row / 2, r.key, { align: 'right', baseline: 'middle', size: 12 });
      p.rect({ x: left, y: y + 6, width: Math.max(1, at(r.share) - left), height: row - 12 }, { fill: i < shares.length ? seriesStyle(0).color : t.muted });
      if (r.spread > 0) p.line([at(r.share - r.spread), y + row / 2, at(r.share + r.spread), y + row / 2], { color: t.ink, width: 1.5 });
      p.text(at(r.share + r.spread) + 8, y + row / 2, percent(r.share), { baseline: 'middle', size: 12, color: t.muted });
    });
    p.line([left, 4, left, 8 + rows.length * row], { color: t.muted, width: 1 });
    const said = `share of the variance of ${m.log ? 'the logarithm of the loss' : 'the loss'}`;
    const from = Math.max(0, Math.min(left, p.width - p.measure(said, { size: 11 }) - 4));
    p.text(from, height - 6, said, { size: 11, color: t.muted });
  };
  const board = new Board({ label: `Importance: ${rows.map((r) => `${r.key} ${percent(r.share)}`).join(', ')}`, paint });
  board.root.style.height = `${height}px`;
  const figure = figureFrame({
    id: 'importance', level: 3, title: 'How much each dimension matters', body: board.root, paint, command,
    caption: 'The share of the variance that each explains by itself; the thin lines are the spread of the forest’s trees.',
    size: () => ({ width: Math.max(480, board.width), height }),
    table: () => ({
      caption: 'Importance', columns: [{ name: 'dimension' }, { name: 'share', numeric: true }, { name: 'spread', numeric: true }],
      rows: rows.map((r) => [r.key, r.share, r.key === 'several together' ? null : r.spread]),
    }),
  });
  return { root: figure.root, destroy: () => board.destroy() };
}
