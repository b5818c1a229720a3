import { emptyRetriever } from '../retrieval/emptyRetriever.ts';
import { createRandomRetriever } from '../retrieval/randomRetriever.ts';
import type { Passage, Retriever } from '../retrieval/retriever.ts';
import { generateWorld } from '../world/generate.ts';
import { Random } from '../world/random.ts';
import type { World } from '../world/types.ts';
import type { Recipe } from './recipe.ts';

/** Makes a retriever over passages: embeds them, or indexes their words. */
export type RetrieverFactory = (passages: readonly Passage[], signal?: AbortSignal) => Promise<Retriever>;

/** A world with its passages embedded, ready to be asked. */
export interface OpenWorld {
  readonly world: World;
  readonly retriever: Retriever;
}

/**
 * Seed of the index-th training world of a recipe. Never the evaluation world's own, and never one of the prior's
 * (those have bit 30 set).
 */
export function trainingWorldSeed(worldSeed: number, index: number): number {
  const random = new Random(Math.imul(worldSeed + 1, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35));
  let seed = worldSeed;
  while (seed === worldSeed) seed = random.below(0x3fffffff);
  return seed;
}

/** Questions drawn from a training world for the updates that it serves. */
const QUESTIONS_PER_UPDATE_POOL = 8;

/** What `openGeneratedWorld` needs to make a world. */
export interface WorldDraw {
  readonly seed: number;
  readonly places: number;
  readonly questions: number;
}

/** Which of a recipe's training worlds serves the update after `updates` updates. */
export const trainingWorldIndex = (recipe: Recipe, updates: number): number =>
  Math.floor(updates / recipe.world.updatesPerWorld);

/** The world that the update after `updates` updates draws its questions from. */
export function trainingWorld(recipe: Recipe, updates: number): WorldDraw {
  const { updatesPerWorld, places } = recipe.world;
  return {
    seed: trainingWorldSeed(recipe.worldSeed, trainingWorldIndex(recipe, updates)),
    places,
    questions: recipe.grpo.questions * Math.max(updatesPerWorld, QUESTIONS_PER_UPDATE_POOL),
  };
}

/** Makes a world and the recipe's retriever over its passages; `places`: its chance to be mostly of places. */
export async function openGeneratedWorld(
  recipe: Recipe,
  { seed, places, questions }: WorldDraw,
  retrieverOf: RetrieverFactory,
  signal?: AbortSignal,
): Promise<OpenWorld> {
  const { passages, namesakes, distractors, hops } = recipe.world;
  const about = new Random(seed).chance(places) ? 'places' : 'everything';
  const world = generateWorld({ seed, passages, namesakes, distractors, hops, questions, about });
  switch (recipe.rollout.retriever) {
    case 'healthy':
      return { world, retriever: await retrieverOf(world.passages, signal) };
    case 'random':
      return { world, retriever: createRandomRetriever(world.passages, seed) };
    case 'empty':
      return { world, retriever: emptyRetriever };
  }
}
