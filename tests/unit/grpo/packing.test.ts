import { describe, expect, it } from 'vitest';
import { lossTokens, packTraces } from '../../../src/grpo/packing.ts';
import { makeTrace } from './makeTrace.ts';

describe('packTraces', () => {
  const traces = [
    makeTrace({ prompt: [1, 2, 3], response: [4, 5, 6, 7, 8], inserted: [1, 2] }),
    makeTrace({ prompt: [9], response: [10, 11], inserted: [] }),
    makeTrace({ prompt: [1], response: [], inserted: [] }),
  ];

  it('predicts each written token from the row before it, and leaves results out', () => {
    const [batch] = packTraces(traces, true, 100);
    expect([...(batch?.packed.ids ?? [])]).toEqual([1, 2, 3, 4, 5, 6, 7, 9, 10]);
    expect([...(batch?.packed.starts ?? [])]).toEqual([0, 7, 9]);
    expect([...(batch?.packed.positions ?? [])]).toEqual([0, 1, 2, 3, 4, 5, 6, 0, 1]);
    expect([...(batch?.rows ?? [])]).toEqual([2, 5, 6, 7, 8]);
    expect([...(batch?.targets ?? [])]).toEqual([4, 7, 8, 10, 11]);
    expect(batch?.tokens.map(({ trace, token }) => [trace, token])).toEqual([
      [0, 0],
      [0, 3],
      [0, 4],
      [1, 0],
      [1, 1],
    ]);
  });

  it('takes results in when they are not masked', () => {
    const [batch] = packTraces(traces, false, 100);
    expect([...(batch?.targets ?? [])]).toEqual([4, 5, 6, 7, 8, 10, 11]);
    expect(lossTokens(makeTrace({ prompt: [1], response: [2, 3], inserted: [1] }), true)).toEqual([0]);
  });

  it('does not run tokens after the last one of the loss', () => {
    const cut = makeTrace({ prompt: [1], response: [2, 3, 4], inserted: [1, 2] });
    const [batch] = packTraces([cut], true, 100);
    expect([...(batch?.packed.ids ?? [])]).toEqual([1]);
  });

  it('keeps to the token budget, but gives a longer rollout a batch of its own', () => {
    const many = [3, 4, 30, 2, 2].map((n) =>
      makeTrace({ prompt: [1], response: Array.from({ length: n }, () => 2), inserted: [] }),
    );
    const batches = packTraces(many, true, 8);
    expect(batches.map(({ packed }) => packed.ids.length)).toEqual([7, 30, 4]);
    expect(batches.map(({ tokens }) => [...new Set(tokens.map(({ trace }) => trace))])).toEqual([
      [0, 1],
      [2],
      [3, 4],
    ]);
  });

  it('refuses a rollout without a prompt', () => {
    expect(() => packTraces([makeTrace({ prompt: [], response: [1], inserted: [] })], true, 8)).toThrow(
      'no prompt tokens',
    );
  });
});
