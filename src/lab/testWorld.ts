import { generateWorld } from '../world/generate.ts';
import { generatedSets, type GeneratedSet, type World } from '../world/types.ts';
import type { Recipe } from './recipe.ts';

/**
 * A world to evaluate in: one encyclopedia of the recipe's kind, and `n` questions of each set over it (fewer where it
 * holds fewer).
 */
export function testWorld(
  { world }: Pick<Recipe, 'world'>,
  seed: number,
  n: number,
  sets: readonly GeneratedSet[] = generatedSets,
): World {
  const { passages, namesakes, distractors, hops } = world;
  // The pages are the same for all sets; only what is asked differs.
  const worlds = sets.map((set) =>
    generateWorld({ seed, passages, namesakes, distractors, hops, questions: n, set }),
  );
  const [first] = worlds;
  if (first === undefined) throw new Error('A world to evaluate in needs at least one set.');
  return { ...first, questions: worlds.flatMap(({ questions }) => questions) };
}
