import { describe, expect, it } from 'vitest';
import { type Job } from '../../lab/job';
import { type Meta } from '../../meta';
import { readQuery, writeQuery } from '../../url';
import { codec, compareFlags, fromJob, presets, type CompareState } from './state';

const m = { own: false, classic: [{ name: 'sgd', spec: 'sgd', rate: 1 }, { name: 'adam', spec: 'adam', rate: 1 }] } as Meta;

describe('the form of a comparison', () => {
  it('leaves out what is usual', () => {
    expect(compareFlags(readQuery<CompareState>(codec(m), ''), m)).toEqual({});
  });
  it('is the same again from its address and from its job', () => {
    for (const p of presets(m)) {
      const s: CompareState = { ...readQuery<CompareState>(codec(m), ''), ...p.patch, target: '0.5', seed: 3 };
      expect(readQuery<CompareState>(codec(m), writeQuery<CompareState>(codec(m), s))).toEqual(s);
      const flags = compareFlags(s, m);
      expect(flags.target).toBe('0.5');
      expect({ ...s, ...fromJob({ flags } as Job, m) }).toEqual(s);
    }
  });
});
