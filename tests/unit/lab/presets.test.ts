import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDecoderConfig } from '../../../src/engine/config.ts';
import { variantNames, variantOf } from '../../../src/grpo/variants/variants.ts';
import { completeRecipe, isPresetName, presets, presetWith, RecipeError } from '../../../src/lab/presets.ts';
import { lengthProblems, shippedPositions } from '../../../src/lab/recipeProblems.ts';
import { recipeSchema } from '../../../src/lab/recipe.ts';

/** The message of the RecipeError that a recipe is refused with. */
function refusal(given: unknown): string {
  try {
    completeRecipe(given, 'mine.json');
  } catch (error) {
    expect(error).toBeInstanceOf(RecipeError);
    if (error instanceof RecipeError) return error.message;
  }
  throw new Error(`accepted: ${JSON.stringify(given)}`);
}

/** Every leaf field of a recipe, as a path. */
function leaves(value: object, path: readonly string[] = []): string[][] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    typeof inner === 'object' && inner !== null ? leaves(inner, [...path, key]) : [[...path, key]],
  );
}

const nested = (path: readonly string[], value: unknown): unknown =>
  path.reduceRight((inner, key) => ({ [key]: inner }), value);

const fields = leaves(presets.quick);

describe('presets', () => {
  it.each(Object.entries(presets))('%s is a whole recipe', (_name, recipe) => {
    expect(recipeSchema.parse(recipe)).toEqual(recipe);
  });

  it('are known by name, and nothing else is', () => {
    expect(isPresetName('quick')).toBe(true);
    expect(isPresetName('toString')).toBe(false);
    expect(isPresetName('runs/quick.json')).toBe(false);
  });
});

describe('completeRecipe', () => {
  it('takes what is given, at any depth, and the preset’s for the rest', () => {
    const recipe = completeRecipe({ seed: 7, world: { hops: { four: 0 } }, grpo: { steps: 2 } }, 'mine.json');
    expect(recipe).toEqual({
      ...presets.quick,
      seed: 7,
      world: { ...presets.quick.world, hops: { ...presets.quick.world.hops, four: 0 } },
      grpo: { ...presets.quick.grpo, steps: 2 },
    });
    expect(completeRecipe({}, 'mine.json', 'tiny')).toEqual(presets.tiny);
    expect(completeRecipe(JSON.parse(JSON.stringify(presets.tiny)), 'mine.json')).toEqual(presets.tiny);
  });

  it('leaves the presets as they are', () => {
    const before = structuredClone(presets);
    completeRecipe({ grpo: { steps: 1 }, world: { hops: { two: 1 } } }, 'mine.json');
    expect(presets).toEqual(before);
  });

  it.each(fields.map((path) => [path.join('.'), path] as const))(
    'names %s when it is wrong, and fills in nothing for it',
    (name, path) => {
      for (const wrong of [null, [], {}]) {
        const message = refusal(nested(path, wrong));
        expect(message).toContain('mine.json');
        expect(message).toContain(`${name}: `);
      }
    },
  );

  it.each([
    ['grpo.groupSize', 1],
    ['grpo.learningRate', -1e-4],
    ['world.passages', 49],
    ['world.namesakes', 1.5],
    ['world.distractors', 0.9],
    ['rollout.topP', 0],
    ['rollout.maxTokens', 15],
    ['worldSeed', 0x40000000],
    ['seed', 1.5],
    ['version', 2],
    ['grpo.maxGradNorm', 'one'],
  ])('refuses %s of %s', (name, value) => {
    expect(refusal(nested(name.split('.'), value))).toContain(`${name}: `);
  });

  it('lists every wrong field at once', () => {
    const message = refusal({ seed: -1, grpo: { steps: 1.5, clipLow: 2 } });
    for (const name of ['seed: ', 'grpo.steps: ', 'grpo.clipLow: ']) expect(message).toContain(name);
  });

  it('refuses a field that no recipe has, with its whole path', () => {
    expect(refusal({ sede: 3 })).toContain('sede: ');
    expect(refusal({ grpo: { groupsize: 4 } })).toContain('grpo.groupsize: ');
    expect(refusal({ world: { hops: { five: 1, six: 1 } } })).toMatch(
      /world\.hops\.five: .*world\.hops\.six: /,
    );
    expect(refusal({ constructor: 1 })).toContain('constructor: ');
    expect(refusal(JSON.parse('{"__proto__": {"seed": 3}}'))).toContain('__proto__: ');
    expect(refusal(JSON.parse('{"grpo": {"__proto__": 3}}'))).toContain('grpo.__proto__: ');
  });

  it('refuses a part that is not an object', () => {
    for (const wrong of [3, null, [], 'quick']) expect(refusal({ grpo: wrong })).toContain('grpo: ');
  });

  it.each([[null], [[]], ['quick'], [3]])('refuses %j for a whole recipe', (given) => {
    expect(refusal(given)).toMatch(/mine\.json: a recipe is a JSON object/);
  });

  it('refuses question shares that are all 0', () => {
    expect(refusal({ world: { hops: { two: 0, three: 0, four: 0 } } })).toMatch(
      /world\.hops: all shares are 0/,
    );
    expect(completeRecipe({ world: { hops: { two: 0, three: 0, four: 0.1 } } }, 'x').world.hops.four).toBe(
      0.1,
    );
  });

  it('knows recipes from before there were variants, and they mean what they meant', () => {
    const { grpo, rollout, reward: _reward, world, ...rest } = presets.quick;
    const { variant: _variant, lldsWeight: _llds, redraws: _redraws, ...oldGrpo } = grpo;
    const { retriever: _retriever, ...oldRollout } = rollout;
    const { distractors: _distractors, ...oldWorld } = world;
    const recipe = { ...rest, grpo: oldGrpo, rollout: oldRollout, world: oldWorld };
    const now = completeRecipe(recipe, 'old.json');
    expect(now).toMatchObject(recipe);
    expect(now.grpo).toMatchObject({ variant: 'grpo', lldsWeight: 0, redraws: 0 });
    expect(now.reward).toEqual({ answer: 'f1', floor: 0.1, format: 'gate', overlong: 0 });
    expect(now.rollout.retriever).toBe('healthy');
  });

  it.each(variantNames)('gives %s the values it has of its own, and lets those given stand', (variant) => {
    const recipe = completeRecipe({ grpo: { variant } }, 'mine.json');
    expect(recipe).toEqual(presetWith('quick', variant));
    expect(recipe).toMatchObject(variantOf(variant).numbers);
    const own = completeRecipe({ grpo: { variant, clipHigh: 0.5 } }, 'mine.json');
    expect(own.grpo.clipHigh).toBe(0.5);
    expect(completeRecipe(JSON.parse(JSON.stringify(recipe)), 'mine.json')).toEqual(recipe);
  });

  it.each<[string, unknown, RegExp]>([
    ['grpo.variant', { grpo: { variant: 'ppo' } }, /dr-grpo/],
    ['rollout.temperature', { rollout: { temperature: 0 } }, /alike.*Use 1/],
    ['rollout.maxTokens', { rollout: { maxTokens: 2000 } }, /1024 positions of nano\. Use at most 960/],
    ['grpo.divideByStd', { grpo: { variant: 'rloo', divideByStd: true } }, /RLOO.*Set it to false/],
    ['grpo.lldsWeight', { grpo: { lldsWeight: 0.1 } }, /one optimiser step.*Raise grpo\.minibatches/],
    ['reward.answer', { reward: { answer: 'bleu' } }, /em/],
    ['reward.floor', { reward: { floor: 2 } }, /./],
    ['rollout.retriever', { rollout: { retriever: 'broken' } }, /random/],
  ])('refuses what %s cannot be, and says how to mend it', (field, given, mend) => {
    const message = refusal(given);
    expect(message).toContain(`${field}: `);
    expect(message).toMatch(mend);
  });

  it('knows how many positions the shipped policies have', () => {
    for (const [model, positions] of Object.entries(shippedPositions)) {
      const json: unknown = JSON.parse(readFileSync(`public/models/${model}/config.json`, 'utf8'));
      expect(parseDecoderConfig(json, 'config.json').maxPositions).toBe(positions);
    }
    const other = completeRecipe({ model: 'mine', rollout: { maxTokens: 2000 } }, 'x');
    expect(lengthProblems(other, 2048)).toHaveLength(1);
    expect(lengthProblems(other, 4096)).toEqual([]);
  });

  it('returns every number it was given, or refuses', () => {
    const numbers = fields.filter((path) => {
      const at = path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], presets.quick);
      return typeof at === 'number';
    });
    fc.assert(
      fc.property(fc.constantFrom(...numbers), fc.double({ noNaN: true }), (path, value) => {
        let recipe: unknown;
        try {
          recipe = completeRecipe(nested(path, value), 'x');
        } catch (error) {
          expect(String(error)).toContain(`${path.join('.')}`);
          return;
        }
        const at = path.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], recipe);
        expect(at).toBe(value);
      }),
    );
  });
});
