import { variantOf } from '../grpo/variants/variants.ts';
import type { Recipe } from './recipe.ts';

/** Tokens kept free for the question: about twice the longest of a generated world (38 of the shipped tokenizer). */
export const QUESTION_ROOM = 64;

/** Positions of the shipped policies by folder, so that a recipe can be refused before its policy is read. */
export const shippedPositions: Readonly<Record<string, number>> = { nano: 1024 };

/** What is wrong with a recipe whose single fields are all right: each problem names a field and the mend. */
export function recipeProblems(recipe: Recipe): string[] {
  const { world, grpo, model } = recipe;
  const { two, three, four } = world.hops;
  const problems: string[] = [];
  if (two + three + four <= 0) {
    problems.push('world.hops: all shares are 0, so there is no question to ask. Raise one');
  }
  const { label, mayDivideByStd } = variantOf(grpo.variant);
  if (grpo.divideByStd && !mayDivideByStd) {
    problems.push(
      `grpo.divideByStd: ${label} does not divide by the group's spread. Set it to false, or take another grpo.variant`,
    );
  }
  if (grpo.lldsWeight > 0 && grpo.minibatches * grpo.epochs === 1) {
    problems.push(
      'grpo.lldsWeight: with one optimiser step a batch the policy is still the one that sampled, and LLDS does nothing. Raise grpo.minibatches or grpo.epochs, or set it to 0',
    );
  }
  const positions = Object.hasOwn(shippedPositions, model) ? shippedPositions[model] : undefined;
  return positions === undefined ? problems : [...problems, ...lengthProblems(recipe, positions)];
}

/**
 * Whether a response fits a policy of `positions` positions beside its question; none or one problem.
 * @param frame tokens of the prompt beside the question
 */
export function lengthProblems({ rollout, model }: Recipe, positions: number, frame = 0): string[] {
  const most = positions - QUESTION_ROOM - frame;
  if (rollout.maxTokens <= most) return [];
  return [
    `rollout.maxTokens: ${rollout.maxTokens} response tokens and a question do not fit the ${positions} positions of ${model}. Use at most ${most}`,
  ];
}
