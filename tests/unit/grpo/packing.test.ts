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
    const [batch] = packTraces(traces, true, 100, false);
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
    const [batch] = packTraces(traces, false, 100, false);
    expect([...(batch?.targets ?? [])]).toEqual([4, 5, 6, 7, 8, 10, 11]);
    expect(lossTokens(makeTrace({ prompt: [1], response: [2, 3], inserted: [1] }), true)).toEqual([0]);
  });

  it('does not run tokens after the last one of the loss', () => {
    const cut = makeTrace({ prompt: [1], response: [2, 3, 4], inserted: [1, 2] });
    const [batch] = packTraces([cut], true, 100, false);
    expect([...(batch?.packed.ids ?? [])]).toEqual([1]);
  });

  it('keeps to the token budget, but gives a longer rollout a batch of its own', () => {
    const many = [3, 4, 30, 2, 2].map((n) =>
      makeTrace({ prompt: [1], response: Array.from({ length: n }, () => 2), inserted: [] }),
    );
    const batches = packTraces(many, true, 8, false);
    expect(batches.map(({ packed }) => packed.ids.length)).toEqual([7, 30, 4]);
    expect(batches.map(({ tokens }) => [...new Set(tokens.map(({ trace }) => trace))])).toEqual([
      [0, 1],
      [2],
      [3, 4],
    ]);
  });

  it('refuses a rollout without a prompt', () => {
    expect(() =>
      packTraces([makeTrace({ prompt: [], response: [1], inserted: [] })], true, 8, false),
    ).toThrow('no prompt tokens');
  });

  it('lays what rollouts of a prompt share out once, and predicts it once', () => {
    const group = [
      makeTrace({ prompt: [1, 2], response: [3, 4, 5, 6], inserted: [] }),
      makeTrace({ prompt: [1, 2], response: [3, 4, 7, 8], inserted: [] }),
      makeTrace({ prompt: [1, 2], response: [3, 9], inserted: [] }),
      makeTrace({ prompt: [1, 9], response: [3], inserted: [] }),
      makeTrace({ prompt: [1, 2], response: [3, 4, 5, 6], inserted: [] }),
    ];
    const [batch, ...others] = packTraces(group, true, 100, true);
    expect(others).toEqual([]);
    // 1 2 3 4, which goes on with 5 or with 7; then the other prompt, 1 9.
    expect([...(batch?.packed.ids ?? [])]).toEqual([1, 2, 3, 4, 5, 7, 1, 9]);
    expect([...(batch?.packed.positions ?? [])]).toEqual([0, 1, 2, 3, 4, 4, 0, 1]);
    expect([...(batch?.packed.starts ?? [])]).toEqual([0, 4, 5, 6, 8]);
    expect([...(batch?.packed.parents ?? [])]).toEqual([-1, 0, 0, -1]);
    expect([...(batch?.rows ?? [])]).toEqual([1, 2, 3, 4, 3, 5, 2, 7]);
    expect([...(batch?.targets ?? [])]).toEqual([3, 4, 5, 6, 7, 8, 9, 3]);
    expect(batch?.tokens.map(({ trace, prediction }) => [trace, prediction])).toEqual([
      ...[0, 1, 2, 3].map((prediction) => [0, prediction]),
      ...[0, 1, 4, 5].map((prediction) => [1, prediction]),
      ...[0, 6].map((prediction) => [2, prediction]),
      [3, 7],
      ...[0, 1, 2, 3].map((prediction) => [4, prediction]),
    ]);
    expect(batch?.length).toBe(5 + 5 + 3 + 2 + 5);
  });

  it('counts shared rows once against the budget', () => {
    const rollout = makeTrace({ prompt: [1, 2, 3, 4], response: [5, 6], inserted: [] });
    const other = makeTrace({ prompt: [1, 2, 3, 4], response: [7, 8], inserted: [] });
    expect(packTraces([rollout, rollout, other], true, 6, true)).toHaveLength(1);
    expect(packTraces([rollout, rollout, other], true, 6, false)).toHaveLength(3);
  });
});
