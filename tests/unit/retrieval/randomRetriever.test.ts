import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyRetriever } from '../../../src/retrieval/emptyRetriever.ts';
import { createRandomRetriever } from '../../../src/retrieval/randomRetriever.ts';

const passages = Array.from({ length: 12 }, (_, i) => ({ id: `p${i}`, title: `T${i}`, text: `About ${i}.` }));

const idsOf = async (seed: number, queries: readonly string[], k: number): Promise<string[][]> =>
  (await createRandomRetriever(passages, seed).search(queries, k)).map((found) =>
    found.map(({ passage }) => passage.id),
  );

describe('createRandomRetriever', () => {
  it('brings k different passages, or all there are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.string(), fc.integer({ min: 1, max: 20 }), async (seed, query, k) => {
        const [found = []] = await idsOf(seed, [query], k);
        expect(found).toHaveLength(Math.min(k, passages.length));
        expect(new Set(found).size).toBe(found.length);
      }),
    );
  });

  it('brings the same for the same query and seed, whoever asks beside it', async () => {
    const [alone] = await idsOf(3, ['who'], 4);
    expect((await idsOf(3, ['where', 'who', 'who'], 4)).slice(1)).toEqual([alone, alone]);
  });

  it('brings others for another seed or query, each passage about as often', async () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 50; seed++) {
      const lists = await idsOf(
        seed,
        Array.from({ length: 48 }, (_, i) => `query ${i}`),
        1,
      );
      for (const [id = ''] of lists) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    // 2400 draws of 12: 200 each, give or take 5 deviations.
    for (const { id } of passages) expect(Math.abs((counts.get(id) ?? 0) - 200)).toBeLessThan(70);
  });

  it('has nothing to bring from no passages', async () => {
    expect(await createRandomRetriever([], 1).search(['who'], 3)).toEqual([[]]);
  });
});

describe('emptyRetriever', () => {
  it('answers every query, with nothing', async () => {
    expect(await emptyRetriever.search(['who', 'where'], 3)).toEqual([[], []]);
  });
});
