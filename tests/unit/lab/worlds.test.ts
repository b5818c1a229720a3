import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recipeSchema } from '../../../src/lab/recipe.ts';
import { openGeneratedWorld, trainingWorldSeed } from '../../../src/lab/worlds.ts';
import { createLexicalRetriever } from '../../../src/retrieval/lexical.ts';
import { recipeWith } from './tinyPolicy.ts';

const worldSeeds = fc.oneof(
  fc.integer({ min: 0, max: 50 }),
  fc.integer({ min: 0, max: 0x3fffffff }),
  fc.constant(0x3fffffff),
);

describe('trainingWorldSeed', () => {
  it('is never the evaluation world’s seed, always a world seed that a recipe could have', () => {
    fc.assert(
      fc.property(worldSeeds, fc.nat(100000), (worldSeed, index) => {
        const seed = trainingWorldSeed(worldSeed, index);
        expect(seed).not.toBe(worldSeed);
        expect(recipeSchema.shape.worldSeed.parse(seed)).toBe(seed);
      }),
      { numRuns: 2000 },
    );
  });

  it('is another for every update of a run, and for every run', () => {
    const seeds = Array.from({ length: 20 }, (_, worldSeed) =>
      Array.from({ length: 100 }, (_, index) => trainingWorldSeed(worldSeed, index)),
    ).flat();
    expect(new Set(seeds).size).toBe(seeds.length);
    expect(trainingWorldSeed(3, 8)).toBe(trainingWorldSeed(3, 8));
  });
});

describe('openGeneratedWorld', () => {
  it('makes the world of the recipe and a retriever over all its passages', async () => {
    const recipe = recipeWith({ world: { passages: 80, hops: { two: 0, three: 1, four: 0 } } });
    const { world, retriever } = await openGeneratedWorld(
      recipe,
      { seed: 5, places: 0, questions: 10 },
      (passages) => Promise.resolve(createLexicalRetriever(passages)),
    );
    expect(world.seed).toBe(5);
    expect(world.passages.length).toBeGreaterThanOrEqual(80);
    expect(world.questions.map(({ chain }) => chain?.length)).toEqual(Array(10).fill(3));
    const found = await retriever.search(
      world.passages.map(({ title }) => title),
      1,
    );
    found.forEach(([first], i) => expect(first?.passage.title).toBe(world.passages[i]?.title));
  });

  it('is about places as often as wanted', async () => {
    const retrieverOf = () => Promise.resolve(createLexicalRetriever([]));
    const countries = async (places: number): Promise<number> => {
      const drawn = { seed: 5, places, questions: 1 };
      const { world } = await openGeneratedWorld(recipeWith({}), drawn, retrieverOf);
      return world.passages.filter(({ text }) => / (?:country|nation)\b/.test(text)).length;
    };
    expect(await countries(1)).toBeGreaterThan(2 * (await countries(0)));
  });

  it('hands the signal on', async () => {
    const signal = AbortSignal.abort(new Error('Stopped.'));
    const opening = openGeneratedWorld(
      recipeWith({}),
      { seed: 5, places: 0, questions: 10 },
      (passages, given) => {
        given?.throwIfAborted();
        return Promise.resolve(createLexicalRetriever(passages));
      },
      signal,
    );
    await expect(opening).rejects.toThrow('Stopped.');
  });
});
