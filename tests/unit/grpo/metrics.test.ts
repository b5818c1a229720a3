import { describe, expect, it } from 'vitest';
import { stepMetrics } from '../../../src/grpo/metrics.ts';
import { behaviourShares } from '../../../src/traces/behaviours.ts';
import { makeTrace } from './makeTrace.ts';
import { SHAPES } from './smallUpdate.ts';

describe('stepMetrics', () => {
  it('joins what rollouts and update tell', () => {
    const trace = { ...makeTrace({ ...SHAPES[0], logprobs: [] }), behaviours: ['self-correction'] as const };
    const stats = {
      kl: 0.1,
      clipFraction: 0.2,
      zeroSpreadGroups: 0.5,
      gradNorm: 3,
      tokensTrained: 40,
      losses: [],
      samplingGap: 0,
      learningRate: 1,
    };
    const metrics = stepMetrics(7, [trace, makeTrace(SHAPES[1])], stats, { rollout: 2, train: 1 });
    expect(metrics).toEqual({
      step: 7,
      reward: 0.5,
      em: 0,
      f1: 0.5,
      formatRate: 1,
      searches: 0,
      responseTokens: 3.5,
      selfCorrections: 0.5,
      behaviours: {
        ...behaviourShares([]),
        'self-correction': 0.5,
      },
      entropy: 0,
      kl: 0.1,
      clipFraction: 0.2,
      zeroSpreadGroups: 0.5,
      gradNorm: 3,
      secondsRollout: 2,
      secondsTrain: 1,
      tokensGenerated: 7,
      tokensTrained: 40,
    });
  });
});
