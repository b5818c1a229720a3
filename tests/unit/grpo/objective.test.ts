import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grpoObjective, type ObjectiveInput, type ObjectiveOptions } from '../../../src/grpo/objective.ts';
import { grpo } from '../../../src/grpo/variants/grpo.ts';
import { objectiveBeforeVariants } from './objectiveBeforeVariants.ts';
import goldens from '../../golden/data/objective.json' with { type: 'json' };

const PLAIN: ObjectiveOptions = {
  clipLow: 0.2,
  clipHigh: 0.28,
  klWeight: 0,
  entropyWeight: 0,
  lldsWeight: 0,
};

describe('grpoObjective against PyTorch (tests/golden/objective.py)', () => {
  it.each(goldens.map((golden, i) => [i, golden] as const))('case %d', (_i, golden) => {
    const output = grpoObjective(golden.input, { ...golden.options, lldsWeight: 0 }, grpo);
    expect(output.loss).toBeCloseTo(golden.loss, 12);
    golden.dLogprob.forEach((gradient, i) => {
      expect(output.dLogprob[i]).toBeCloseTo(gradient, 12);
    });
    golden.dEntropy.forEach((gradient, i) => {
      expect(output.dEntropy[i]).toBeCloseTo(gradient, 12);
    });
    expect(output.clippedTokens).toBe(golden.clipped);
    expect(output.klSum / output.tokens).toBeCloseTo(golden.kl, 12);
  });
});

describe('grpoObjective', () => {
  it('is for grpo, bit by bit, what it was before there were variants', () => {
    const finite = fc.double({ min: -4, max: 4, noNaN: true });
    const token = fc.record({
      logprob: finite,
      old: finite,
      ref: finite,
      advantage: finite,
      entropy: finite,
    });
    const option = fc.constantFrom(0, 0.001, 0.1);
    fc.assert(
      fc.property(
        fc.array(token, { minLength: 1, maxLength: 12 }),
        option,
        option,
        fc.boolean(),
        (tokens, klWeight, entropyWeight, asPart) => {
          const input = {
            logprobs: tokens.map((t) => t.logprob),
            oldLogprobs: tokens.map((t) => t.old),
            advantages: tokens.map((t) => t.advantage),
            entropies: tokens.map((t) => t.entropy),
            ...(klWeight === 0 ? {} : { refLogprobs: tokens.map((t) => t.ref) }),
          };
          const numbers = { clipLow: 0.2, clipHigh: 0.28, klWeight, entropyWeight };
          const before = objectiveBeforeVariants(
            { ...input, ...(asPart ? { tokenCount: 37 } : {}) },
            numbers,
          );
          const weights = tokens.map(() => 1 / 37);
          const { tokenLosses: _, ...now } = grpoObjective(
            { ...input, ...(asPart ? { weights } : {}) },
            { ...numbers, lldsWeight: 0 },
            grpo,
          );
          // toEqual tells 0 from -0 and lets no rounding pass.
          expect(now).toEqual(before);
        },
      ),
    );
  });

  it('has the gradients that finite differences give, away from the kinks', () => {
    const token = fc.record({
      logprob: fc.double({ min: -4, max: -0.01, noNaN: true }),
      old: fc.double({ min: -0.6, max: 0.6, noNaN: true }),
      ref: fc.double({ min: -2, max: 2, noNaN: true }),
      advantage: fc.double({ min: -2, max: 2, noNaN: true }),
      entropy: fc.double({ min: 0, max: 3, noNaN: true }),
      mask: fc.boolean(),
    });
    const options = { clipLow: 0.2, clipHigh: 0.28, klWeight: 0.1, entropyWeight: 0.05, lldsWeight: 0 };
    fc.assert(
      fc.property(fc.array(token, { minLength: 1, maxLength: 6 }), (tokens) => {
        fc.pre(tokens.some(({ mask }) => mask));
        const input = {
          logprobs: tokens.map((t) => t.logprob),
          oldLogprobs: tokens.map((t) => t.logprob - t.old),
          refLogprobs: tokens.map((t) => t.logprob + t.ref),
          advantages: tokens.map((t) => t.advantage),
          entropies: tokens.map((t) => t.entropy),
          mask: tokens.map((t) => t.mask),
        };
        const output = grpoObjective(input, options, grpo);
        const h = 1e-6;
        const lossWith = (key: 'logprobs' | 'entropies', i: number, by: number): number =>
          grpoObjective({ ...input, [key]: input[key].map((x, j) => (i === j ? x + by : x)) }, options, grpo)
            .loss;
        tokens.forEach(({ old }, i) => {
          const ratio = Math.exp(old);
          if (Math.abs(ratio - 0.8) < 1e-4 || Math.abs(ratio - 1.28) < 1e-4) return;
          const slope = (lossWith('logprobs', i, h) - lossWith('logprobs', i, -h)) / (2 * h);
          expect(output.dLogprob[i]).toBeCloseTo(slope, 6);
          const entropySlope = (lossWith('entropies', i, h) - lossWith('entropies', i, -h)) / (2 * h);
          expect(output.dEntropy[i]).toBeCloseTo(entropySlope, 6);
        });
      }),
    );
  });

  it.each<[string, number, number, boolean]>([
    ['a better token that has risen enough', 1.5, 1, true],
    ['a worse token that has fallen enough', 0.5, -1, true],
    ['a better token that has fallen', 0.5, 1, false],
    ['a worse token that has risen', 1.5, -1, false],
    ['within the bounds', 1.1, 1, false],
    ['between the two bounds', 1.25, 1, false],
  ])('clips %s or not', (_name, ratio, advantage, clipped) => {
    const output = grpoObjective(
      { logprobs: [Math.log(ratio)], oldLogprobs: [0], advantages: [advantage] },
      PLAIN,
      grpo,
    );
    expect(output.clipped).toEqual([clipped]);
    expect(output.ratios[0]).toBeCloseTo(ratio, 12);
    expect(output.dLogprob[0]).toBeCloseTo(clipped ? 0 : -advantage * ratio, 12);
  });

  it('is the same whether a minibatch is judged whole or in parts', () => {
    const n = 10;
    const column = (f: (i: number) => number): number[] => Array.from({ length: n }, (_, i) => f(i));
    const input = {
      logprobs: column((i) => -i / 3),
      oldLogprobs: column((i) => -i / 3 + Math.sin(i) / 3),
      advantages: column((i) => Math.cos(i)),
    };
    const whole = grpoObjective(input, PLAIN, grpo);
    const part = (from: number, to: number): ObjectiveInput => ({
      logprobs: input.logprobs.slice(from, to),
      oldLogprobs: input.oldLogprobs.slice(from, to),
      advantages: input.advantages.slice(from, to),
      weights: Array.from({ length: to - from }, () => 1 / n),
    });
    const parts = [grpoObjective(part(0, 3), PLAIN, grpo), grpoObjective(part(3, n), PLAIN, grpo)];
    expect(parts.reduce((sum, { loss }) => sum + loss, 0)).toBeCloseTo(whole.loss, 12);
    const gradients = parts.flatMap(({ dLogprob }) => [...dLogprob]);
    gradients.forEach((gradient, i) => {
      expect(gradient).toBeCloseTo(whole.dLogprob[i] ?? NaN, 12);
    });
  });

  it('never pulls a token whose KL is beyond the limit', () => {
    const input = { logprobs: [-9, -1], oldLogprobs: [-9, -1], advantages: [0, 0], refLogprobs: [-1, -9] };
    const output = grpoObjective(input, { ...PLAIN, klWeight: 1 }, grpo);
    expect([...output.kls]).toEqual([10, Math.exp(-8) + 8 - 1]);
    expect(output.dLogprob[0]).toBeCloseTo(0, 15);
  });

  it('refuses arrays that do not fit', () => {
    const input = { logprobs: [0, 0], oldLogprobs: [0], advantages: [0, 0] };
    expect(() => grpoObjective(input, PLAIN, grpo)).toThrow('oldLogprobs has 1 entries for 2 logprobs');
    const noReference = { ...input, oldLogprobs: [0, 0] };
    expect(() => grpoObjective(noReference, { ...PLAIN, klWeight: 1 }, grpo)).toThrow(
      'refLogprobs has no entries',
    );
  });
});
