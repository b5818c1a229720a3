import type { z } from 'zod';
import { isVariantName, variantOf, type VariantName } from '../grpo/variants/variants.ts';
import { recipeProblems } from './recipeProblems.ts';
import { recipeSchema, type Recipe } from './recipe.ts';

/** A base policy that guesses learns to search; the recipe of the study (docs/reproduction.md) and the recorded run. */
const study: Recipe = {
  version: 1,
  model: 'nano',
  seed: 1,
  worldSeed: 1,
  world: {
    passages: 220,
    namesakes: 0.45,
    distractors: 0.05,
    places: 0.4,
    hops: { two: 0.72, three: 0.22, four: 0.06 },
    updatesPerWorld: 1,
  },
  rollout: {
    temperature: 1,
    topK: 0,
    topP: 1,
    passages: 1,
    maxTokens: 576,
    maxSearches: 0,
    retriever: 'healthy',
    prompt: 'system',
  },
  reward: { answer: 'f1', floor: 0.1, format: 'gate', overlong: 0 },
  grpo: {
    variant: 'grpo',
    steps: 60,
    questions: 16,
    groupSize: 8,
    learningRate: 1.6e-4,
    warmupSteps: 10,
    weightDecay: 0,
    maxGradNorm: 1,
    clipLow: 0.2,
    clipHigh: 0.28,
    klWeight: 0,
    entropyWeight: 0,
    lldsWeight: 0,
    redraws: 0,
    divideByStd: true,
    minibatches: 1,
    epochs: 1,
    maskResults: true,
  },
  training: {
    method: 'auto',
    rank: 8,
    alpha: 16,
    targets: 'q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj',
    frozen: 'auto',
    checkpointing: false,
  },
  evaluation: { questions: 200, every: 0 },
  backend: { tokensPerBatch: 4096 },
};

/** The recipe that the page starts with: half the updates at one and a half times the rate, for about a minute. */
const quick: Recipe = {
  ...study,
  grpo: { ...study.grpo, steps: 32, learningRate: 2.4e-4, warmupSteps: 6 },
};

/** The same in miniature, for slow machines, software GPUs and tests. */
const tiny: Recipe = {
  ...study,
  world: { ...study.world, passages: 60 },
  rollout: { ...study.rollout, maxTokens: 160 },
  grpo: { ...study.grpo, steps: 4, questions: 4, groupSize: 4, warmupSteps: 0 },
  evaluation: { questions: 8, every: 0 },
  backend: { tokensPerBatch: 2048 },
};

/** Twice as long as the study's. */
const wide: Recipe = {
  ...study,
  grpo: { ...study.grpo, steps: 120 },
};

/** For a language model that people know, at a size that a laptop holds: an adapter learns, layers are run twice. */
const real: Recipe = {
  ...quick,
  model: 'smollm2-135m-instruct',
  rollout: { ...quick.rollout, maxTokens: 512, passages: 3, maxSearches: 4 },
  grpo: { ...quick.grpo, steps: 50, questions: 4, groupSize: 8, learningRate: 1e-4, warmupSteps: 5 },
  training: { ...quick.training, checkpointing: true },
  evaluation: { questions: 16, every: 0 },
  backend: { tokensPerBatch: 1024 },
};

export const presets = { quick, study, wide, tiny, real } as const satisfies Record<string, Recipe>;
export type PresetName = keyof typeof presets;

export function isPresetName(name: string): name is PresetName {
  return Object.hasOwn(presets, name);
}

/** A recipe problem in words: which field, what is wrong, what is allowed. */
export class RecipeError extends Error {
  override name = 'RecipeError';
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function merge(base: Json, over: Json): Json {
  const given = Object.entries(over).map(([key, value]) => {
    const old = Object.hasOwn(base, key) ? base[key] : undefined;
    return [key, isObject(old) && isObject(value) ? merge(old, value) : value] as const;
  });
  // Not by assignment: a field called __proto__ must stay a field, and be refused as unknown.
  return Object.fromEntries([...Object.entries(base), ...given]);
}

/** A problem for each field, each with the field's whole path. */
function problemsOf({ issues }: z.ZodError): string[] {
  return issues.flatMap((issue) => {
    const at = issue.path.join('.');
    if (issue.code !== 'unrecognized_keys') return `${at || 'recipe'}: ${issue.message}`;
    return issue.keys.map((key) => `${at && `${at}.`}${key}: is not a field of a recipe`);
  });
}

/** A preset with another variant, and with the values that the variant has of its own. */
export function presetWith(preset: PresetName, variant: VariantName): Recipe {
  const { grpo, reward } = variantOf(variant).numbers;
  const base = presets[preset];
  return {
    ...base,
    grpo: { ...base.grpo, variant, ...grpo },
    reward: { ...base.reward, ...reward },
  };
}

/** The variant that a recipe names, if it names one there is. */
function variantIn({ grpo }: Json): VariantName | undefined {
  return isObject(grpo) && isVariantName(grpo['variant']) ? grpo['variant'] : undefined;
}

/**
 * A whole recipe from one that gives only some fields; the others are the preset's, or those of the variant that it
 * names.
 * @param source named in errors, such as a file
 * @throws RecipeError that lists every wrong field; nothing is filled in silently
 */
export function completeRecipe(given: unknown, source: string, preset: PresetName = 'quick'): Recipe {
  if (!isObject(given))
    throw new RecipeError(`${source}: a recipe is a JSON object with fields such as "grpo".`);
  const variant = variantIn(given);
  const base = variant === undefined ? presets[preset] : presetWith(preset, variant);
  const result = recipeSchema.safeParse(merge(base, given));
  const problems = result.success ? recipeProblems(result.data) : problemsOf(result.error);
  if (result.success && problems.length === 0) return result.data;
  throw new RecipeError(`${source}: ${problems.join('; ')}.`);
}
