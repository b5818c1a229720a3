import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../../src/engine/backend.ts';
import { Decoder } from '../../../src/engine/decoder.ts';
import { decoderTensors } from '../../../src/engine/decoderTensors.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { TrainState } from '../../../src/engine/trainState.ts';
import { judge } from '../../../src/grpo/judge.ts';
import { grpoUpdate, type GrpoOptions } from '../../../src/grpo/update.ts';
import { variantNames, variantOf, type VariantName } from '../../../src/grpo/variants/variants.ts';
import type { Trace } from '../../../src/traces/trace.ts';
import { smallConfig } from '../engine/generationModel.ts';
import { openBackend } from '../engine/openBackend.ts';
import { makeTrace } from './makeTrace.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend();
});
afterAll(() => backend.dispose());

const optionsOf = (variant: VariantName): GrpoOptions => ({
  learningRate: 0.01,
  warmupSteps: 0,
  weightDecay: 0,
  maxGradNorm: 1,
  clipLow: 0.2,
  clipHigh: 0.28,
  klWeight: 0,
  entropyWeight: 0,
  lldsWeight: 0,
  maskResults: true,
  temperature: 1,
  tokensPerBatch: 24,
  maxTokens: 20,
  ...variantOf(variant).numbers.grpo,
  variant,
  divideByStd: variantOf(variant).mayDivideByStd,
  minibatches: 1,
  epochs: 1,
});

/** Old logprobs are made up, so that ratios differ from 1 and some tokens are clipped. */
const groups: readonly (readonly Trace[])[] = [
  [
    { prompt: [1, 2, 3], response: [4, 5, 6, 7, 8], inserted: [2], reward: 1 },
    { prompt: [1, 2, 3], response: [10, 11, 12], inserted: [], reward: 0 },
    { prompt: [1, 2, 3], response: [13, 14], inserted: [], reward: 0.1 },
  ],
  [
    { prompt: [7, 8], response: [13, 14, 15, 16], inserted: [1], reward: 0.1 },
    { prompt: [7, 8], response: [20, 21], inserted: [], reward: 0.1 },
    { prompt: [7, 8], response: [22, 21, 9], inserted: [], reward: 0.1 },
  ],
].map((group, g) =>
  group.map((parts, r) =>
    makeTrace({ ...parts, logprobs: parts.response.map((_, t) => -3.2 - 0.4 * Math.sin(t + 2 * r + g)) }),
  ),
);

async function updated(options: GrpoOptions) {
  const parameters = new Parameters(backend, decoderTensors(smallConfig));
  parameters.initialise(3);
  const trainState = new TrainState(parameters);
  try {
    return await grpoUpdate(
      { decoder: new Decoder(smallConfig, parameters), trainState },
      groups,
      1,
      options,
    );
  } finally {
    trainState.dispose();
    parameters.dispose();
  }
}

describe('judging an update on the host', () => {
  it.each(variantNames)('finds what the update itself found: %s', async (variant) => {
    const options = optionsOf(variant);
    const update = await updated(options);
    const judged = judge(update.groups, options);
    let loss = 0;
    let clipped = 0;
    update.groups.forEach((group, g) =>
      group.forEach((trace, r) => {
        const rollout = judged[g]?.[r];
        if (rollout === undefined) throw new Error('a rollout is missing');
        expect(rollout.advantage).toBe(trace.advantage);
        rollout.tokens.forEach((token, t) => {
          if (token === null) return;
          loss -= rollout.weight * token.objective;
          if (token.clipped) clipped++;
          const chance = Math.exp(trace.tokens.currentLogprobs?.[t] ?? trace.tokens.logprobs?.[t] ?? NaN);
          expect(token.push).toBeCloseTo(token.slope * (1 - chance), 12);
          const ratio = trace.tokens.ratios?.[t] ?? null;
          // Rollouts whose gradient is 0 are not run by the update.
          if (ratio === null) expect(token.slope).toBe(0);
          else expect([token.ratio, token.clipped]).toEqual([ratio, trace.tokens.clipped?.[t]]);
        });
      }),
    );
    // Each minibatch's own loss counts rollouts without a gradient as 0, and so does judging them.
    expect(loss).toBeCloseTo(update.stats.losses[0] ?? NaN, 6);
    if (variant === 'grpo') expect(clipped).toBeGreaterThan(0);
  });

  it('gives the same rollouts other weights under another variant', async () => {
    const { groups: traces } = await updated(optionsOf('grpo'));
    const pushes = (variant: VariantName): number[] =>
      judge(traces, optionsOf(variant))
        .flat()
        .flatMap(({ tokens }) => tokens.map((token) => token?.push ?? 0));
    const grpo = pushes('grpo');
    expect(pushes('dr-grpo')).not.toEqual(grpo);
    // The second group earned the same throughout: only a baseline over the batch pushes it.
    const second = (values: readonly number[]): number[] => values.slice(10).filter((push) => push !== 0);
    expect(second(grpo)).toEqual([]);
    expect(second(pushes('reinforce-pp')).length).toBeGreaterThan(0);
    expect(judge(traces, optionsOf('dapo'))[1]?.map(({ leftOut }) => leftOut)).toEqual([true, true, true]);
  });
});
