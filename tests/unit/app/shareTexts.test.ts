import { describe, expect, it } from 'vitest';
import { shareTexts } from '../../../src/app/worker/shareTexts.ts';
import { makeTrace } from './traces.ts';

describe('shareTexts', () => {
  it('changes nothing of a trace, and leaves what came as it was', () => {
    const came = [makeTrace({ parts: [['think', 3] as const, ['answer', 2] as const] })];
    const before = structuredClone(came);
    expect(shareTexts(came)).toEqual(before);
    expect(came).toEqual(before);
    expect(shareTexts([])).toEqual([]);
  });
});
