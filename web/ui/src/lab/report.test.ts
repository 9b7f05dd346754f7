import { describe, expect, it } from 'vitest';
import { compareCells, splitCaption, tableCsv, type ReportCell } from './report';

describe('captions', () => {
  it('has its first part as the title', () => {
    expect(splitCaption('Convergence: the loss against evaluations.')).toEqual({ title: 'Convergence', caption: 'The loss against evaluations.' });
    expect(splitCaption('One thing.')).toEqual({ title: 'One thing', caption: '' });
  });
});

describe('cells', () => {
  const cells: ReportCell[] = [{ text: '∞', value: '+Inf' }, { text: '–' }, { text: '0.12', value: 0.123456789 }, { text: 'best' }, { text: '−3', value: -3 }];
  it('are sorted by their numbers, texts and nothing last either way', () => {
    const sorted = (sign: number): string[] => [...cells].sort((a, b) => compareCells(a, b, sign)).map((c) => c.text);
    expect(sorted(1)).toEqual(['−3', '0.12', '∞', 'best', '–']);
    expect(sorted(-1)).toEqual(['∞', '0.12', '−3', 'best', '–']);
  });
  it('are downloaded with all digits', () => {
    const text = tableCsv({ block: 'table', file: 'a', caption: 'b', columns: [{ name: 'x', numeric: true }], rows: cells.map((c) => ({ cells: [c] })) });
    expect(text).toBe('x\r\n+Inf\r\n\r\n0.123456789\r\nbest\r\n-3\r\n');
  });
});
