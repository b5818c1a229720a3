import { loadCountries } from '../world/countries.ts';
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

/** The real facts, with `n` questions: four of five have two hops, as most of MuSiQue's do, the others three. */
export function countriesTestWorld(seed: number, n: number): Promise<World> {
  const twoHop = Math.ceil(0.8 * n);
  return loadCountries({ seed, twoHop, threeHop: n - twoHop });
}
