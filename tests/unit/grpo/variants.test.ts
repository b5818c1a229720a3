import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grpoObjective } from '../../../src/grpo/objective.ts';
import { tokenWeight } from '../../../src/grpo/tokenWeight.ts';
import { lldsPenalty } from '../../../src/grpo/variants/llds.ts';
import { isVariantName, variantNames, variantOf } from '../../../src/grpo/variants/variants.ts';
import goldens from '../../golden/data/variants.json' with { type: 'json' };

type Golden = (typeof goldens)[number];

const GROUP = 3;
const groupsOf = <T>(values: readonly T[]): T[][] =>
  Array.from({ length: values.length / GROUP }, (_, g) => values.slice(g * GROUP, (g + 1) * GROUP));

/** A golden's numbers through our functions: advantages, who is kept, loss and gradients. */
function ours(golden: Golden) {
  if (!isVariantName(golden.variant)) throw new Error(`no variant ${golden.variant}`);
  const variant = variantOf(golden.variant);
  const tokens = groupsOf(golden.logprobs.map((rollout) => rollout.length));
  const groups = golden.rewards.map((rewards, g) => ({ rewards, tokens: tokens[g] ?? [] }));
  const advantages = variant.advantages(groups, golden.options.divideByStd);
  const kept = advantages.flatMap((list, g) => {
    const group = groups[g];
    return list.map((advantage) => group !== undefined && variant.leavesOut?.(advantage, group) !== true);
  });
  const numbers = kept.flatMap((keep, i) => (keep ? [i] : []));
  const flat = <T>(of: (rollout: number) => readonly T[]): T[] => numbers.flatMap((i) => [...of(i)]);
  const lengthOf = (i: number): number => golden.logprobs[i]?.length ?? 0;
  const size = {
    tokens: numbers.reduce((sum, i) => sum + lengthOf(i), 0),
    rollouts: numbers.length,
    maxTokens: golden.maxTokens,
  };
  const same = (value: (i: number) => number): number[] =>
    flat((i) => Array.from({ length: lengthOf(i) }, () => value(i)));
  const output = grpoObjective(
    {
      logprobs: flat((i) => golden.logprobs[i] ?? []),
      oldLogprobs: flat((i) => golden.oldLogprobs[i] ?? []),
      refLogprobs: flat((i) => golden.refLogprobs[i] ?? []),
      advantages: same((i) => advantages.flat()[i] ?? NaN),
      rollouts: same((i) => i),
      actions: flat((i) => (golden.actions[i] ?? []).map((action) => 100 * i + action)),
      weights: same((i) => tokenWeight(variant.weighing, lengthOf(i), size)),
    },
    { ...golden.options, entropyWeight: 0 },
    variant,
  );
  let at = 0;
  const dLogprob = golden.logprobs.map((rollout, i) =>
    rollout.map(() => (kept[i] === true ? (output.dLogprob[at++] ?? NaN) : 0)),
  );
  return { advantages: advantages.flat(), kept, loss: output.loss, dLogprob, output };
}

describe('the variants against TRL, verl and their authors’ code (tests/golden/objective.py)', () => {
  it.each(goldens.map((golden, i) => [golden.variant, i, golden] as const))(
    '%s, case %d',
    (_name, _i, golden) => {
      const { advantages, kept, loss, dLogprob } = ours(golden);
      advantages.forEach((advantage, i) => expect(advantage).toBeCloseTo(golden.advantages[i] ?? NaN, 12));
      expect(kept).toEqual(golden.kept);
      expect(loss).toBeCloseTo(golden.loss, 12);
      dLogprob.forEach((rollout, i) => {
        rollout.forEach((gradient, t) => expect(gradient).toBeCloseTo(golden.dLogprob[i]?.[t] ?? NaN, 12));
      });
      expect(dLogprob.flat().some((gradient) => gradient !== 0)).toBe(true);
    },
  );

  it('leave no variant unchecked, and check each with the numbers that its recipe gets', () => {
    expect(new Set(goldens.map(({ variant }) => variant))).toEqual(new Set(variantNames));
    for (const { variant, options } of goldens) {
      if (!isVariantName(variant)) continue;
      const { redraws: _r, minibatches: _m, epochs: _e, ...numbers } = variantOf(variant).numbers.grpo ?? {};
      expect(options).toMatchObject(numbers);
    }
  });

  it('are clipped in some tokens and free in others, so that both branches are checked', () => {
    for (const name of ['grpo', 'dr-grpo', 'dapo', 'gspo', 'cispo', 'rloo', 'loop']) {
      const clipped = goldens
        .filter(({ variant }) => variant === name)
        .flatMap((g) => ours(g).output.clipped);
      expect(new Set(clipped), name).toEqual(new Set([true, false]));
    }
  });
});

describe('every variant', () => {
  const reward = fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10);
  const batch = fc.array(
    fc.array(fc.record({ reward, tokens: fc.integer({ min: 1, max: 9 }) }), { minLength: 2, maxLength: 5 }),
    { minLength: 1, maxLength: 4 },
  );
  const groupsIn = (drawn: readonly { reward: number; tokens: number }[][]) =>
    drawn.map((group) => ({ rewards: group.map((r) => r.reward), tokens: group.map((r) => r.tokens) }));

  it.each(variantNames)('%s prefers the better of two rollouts of a question, and is never NaN', (name) => {
    const { advantages, numbers } = variantOf(name);
    fc.assert(
      fc.property(batch, (drawn) => {
        const groups = groupsIn(drawn);
        const all = advantages(groups, numbers.grpo?.divideByStd ?? true);
        groups.forEach(({ rewards }, g) => {
          const own = all[g] ?? [];
          expect(own).toHaveLength(rewards.length);
          expect(own.every(Number.isFinite)).toBe(true);
          rewards.forEach((r, i) => {
            if (r > (rewards[0] ?? 0)) expect(own[i]).toBeGreaterThan(own[0] ?? 0);
          });
        });
      }),
    );
  });

  it.each(variantNames)('%s learns exactly nothing from a batch of equal rewards', (name) => {
    const equal = { rewards: [0.1, 0.1, 0.1], tokens: [3, 4, 5] };
    expect(variantOf(name).advantages([equal, equal], true).flat()).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it.each(variantNames)('%s has weights that a whole minibatch’s loss is a mean by', (name) => {
    const { weighing } = variantOf(name);
    const lengths = [2, 5, 9];
    const size = { tokens: 16, rollouts: 3, maxTokens: 9 };
    const total = lengths.reduce((sum, n) => sum + n * tokenWeight(weighing, n, size), 0);
    expect(total).toBeCloseTo(weighing === 'length' ? 16 / 27 : 1, 12);
  });
});

describe('ratios of whole rollouts', () => {
  const tokens = {
    logprobs: [-1, -2, -0.5, -1.5],
    oldLogprobs: [-1.2, -2.1, -0.9, -1.1],
    advantages: [1, 1, -1, -1],
    rollouts: [0, 0, 1, 1],
  };
  const options = { clipLow: 0.9, clipHigh: 9, klWeight: 0, entropyWeight: 0, lldsWeight: 0 };

  it.each([
    ['rollout mean', [Math.exp(0.15), Math.exp(0)]],
    ['rollout product', [Math.exp(0.3), Math.exp(0)]],
  ] as const)('%s', (ratio, [first, second]) => {
    const { ratios } = grpoObjective(tokens, options, { ratio, surrogate: 'clipped ratio' });
    [first, first, second, second].forEach((expected, i) => expect(ratios[i]).toBeCloseTo(expected, 12));
  });

  it.each(['rollout mean', 'rollout product'] as const)(
    '%s has the gradient of finite differences',
    (ratio) => {
      const weights = [0.25, 0.25, 0.25, 0.25];
      const lossWith = (i: number, by: number): number => {
        const logprobs = tokens.logprobs.map((x, j) => (i === j ? x + by : x));
        return grpoObjective({ ...tokens, logprobs, weights }, options, { ratio, surrogate: 'clipped ratio' })
          .loss;
      };
      const { dLogprob } = grpoObjective({ ...tokens, weights }, options, {
        ratio,
        surrogate: 'clipped ratio',
      });
      tokens.logprobs.forEach((_, i) => {
        expect(dLogprob[i]).toBeCloseTo((lossWith(i, 1e-6) - lossWith(i, -1e-6)) / 2e-6, 7);
      });
    },
  );

  it('need to know whose a token is', () => {
    const { rollouts: _, ...without } = tokens;
    expect(() => grpoObjective(without, options, variantOf('gspo'))).toThrow('rollouts has no entries');
  });
});

describe('LLDS', () => {
  const penalty = (advantage: number, drops: readonly number[], actions: readonly number[]): number[] => [
    ...lldsPenalty({
      logprobs: drops.map((drop) => -1 - drop),
      oldLogprobs: drops.map(() => -1),
      advantages: drops.map(() => advantage),
      actions,
      counted: () => true,
    }),
  ];

  it.each<[string, number, number[], number[], number[]]>([
    ['acts on the tokens that fell, where the whole action fell', 1, [0.5, -0.25], [0, 0], [0.5, 0]],
    ['lets an action be that rose as a whole', 1, [0.25, -0.5], [0, 0], [0, 0]],
    ['judges each action by itself', 1, [0.25, -0.5, 0.25], [0, 0, 1], [0, 0, 0.25]],
    ['protects what earned the mean', 0, [0.5], [0], [0.5]],
    ['lets a bad rollout fall', -1, [0.5], [0], [0]],
    ['does nothing while the policy is the one that sampled', 1, [0, 0], [0, 0], [0, 0]],
  ])('%s', (_name, advantage, drops, actions, expected) => {
    expect(penalty(advantage, drops, actions)).toEqual(expected);
  });
});
