import { generateWorld } from '../world/generate.ts';
import type { QuestionSet, World } from '../world/types.ts';
import type { Recipe } from './recipe.ts';

/** The sets whose question shapes a generated world can ask. */
export const worldSets = ['musique'] as const satisfies readonly QuestionSet[];
export type WorldSet = (typeof worldSets)[number];

export const isWorldSet = (set: string): set is WorldSet => (worldSets as readonly string[]).includes(set);

/**
 * A world to evaluate in: one encyclopedia of the recipe's kind, and `n` questions of each set over it (fewer where it
 * holds fewer).
 */
export function testWorld(
  { world }: Pick<Recipe, 'world'>,
  seed: number,
  n: number,
  sets: readonly WorldSet[] = worldSets,
): World {
  const { passages, namesakes, hops } = world;
  const made = generateWorld({ seed, passages, namesakes, hops, questions: n });
  return { ...made, questions: made.questions.filter(({ set }) => sets.some((wanted) => wanted === set)) };
}
