import { Random } from '../world/random.ts';
import type { Question } from '../world/types.ts';
import type { Recipe } from './recipe.ts';

/**
 * The questions of the update after `updates` others: a fresh cut of the world's list, in an order drawn from the
 * recipe's seed. `spare`: the list's others, from its end, for groups that are drawn again.
 */
export function updateQuestions(
  recipe: Recipe,
  updates: number,
  all: readonly Question[],
): { questions: Question[]; spare: Question[] } {
  const { updatesPerWorld } = recipe.world;
  const order = new Random(Math.imul(recipe.seed + 1, 0x27d4eb2f) ^ Math.floor(updates / updatesPerWorld));
  const shuffled = order.shuffle(all);
  const cut = updates % updatesPerWorld;
  const from = cut * recipe.grpo.questions;
  const questions = Array.from({ length: Math.min(recipe.grpo.questions, shuffled.length) }, (_, i) => {
    const question = shuffled[(from + i) % shuffled.length];
    if (!question) throw new RangeError('a training world without questions');
    return question;
  });
  const others = shuffled.filter((question) => !questions.includes(question)).reverse();
  const skipped = (cut * recipe.grpo.questions * recipe.grpo.redraws) % Math.max(1, others.length);
  return { questions, spare: [...others.slice(skipped), ...others.slice(0, skipped)] };
}
