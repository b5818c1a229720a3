import { describe, expect, it } from 'vitest';
import { CorpusMap } from '../../../src/lab/corpusMap.ts';
import { createDenseRetriever } from '../../../src/retrieval/denseRetriever.ts';
import type { Embedder } from '../../../src/retrieval/embedder.ts';
import { emptyRetriever } from '../../../src/retrieval/emptyRetriever.ts';

/** Counts of a, b and c, normalised. */
const letters: Embedder = {
  name: 'letters',
  dimension: 3,
  maxTokens: 100,
  embed: (texts) =>
    Promise.resolve(
      Float32Array.from(
        texts.flatMap((text) => {
          const counts = ['a', 'b', 'c'].map((letter) => text.split(letter).length - 1);
          const norm = Math.hypot(...counts) || 1;
          return counts.map((count) => count / norm);
        }),
      ),
    ),
  dispose: () => Promise.resolve(),
};

const passages = ['aaa', 'bbb', 'abc', 'ccc', 'aab'].map((text, i) => ({ id: `p${i}`, title: '', text }));
const ids = passages.map(({ id }) => id);
const open = async () => new CorpusMap(ids, await createDenseRetriever(letters, passages));

describe('the map of a corpus', () => {
  it('has a place for every passage, and says how much of their spread it holds', async () => {
    const { at, shares } = await (await open()).map();
    expect(at).toHaveLength(10);
    expect(shares[0]).toBeGreaterThanOrEqual(shares[1]);
    // Five vectors of three numbers that are not all equal spread in a plane and a little beside it.
    expect(shares[0] + shares[1]).toBeGreaterThan(0.8);
    expect(shares[0] + shares[1]).toBeLessThanOrEqual(1 + 1e-9);
  });

  it('puts a query where its vector lies, which is where a passage of the same words lies', async () => {
    const map = await open();
    const { found } = await map.near({ to: [{ query: 'a' }, { passage: 'p3' }], k: 2 });
    const { at } = await map.map();
    expect(found[0]?.at[0]).toBeCloseTo(at[0] ?? NaN, 5);
    expect(found[1]?.at[1]).toBeCloseTo(at[7] ?? NaN, 5);
  });

  it('finds what is nearest by the whole vectors; a passage is not its own neighbour', async () => {
    const map = await open();
    const { found } = await map.near({ to: [{ query: 'a' }, { passage: 'p0' }, { query: 'c' }], k: 2 });
    expect(found.map((one) => one.passages.map(({ id }) => id))).toEqual([
      ['p0', 'p4'],
      ['p4', 'p2'],
      ['p3', 'p2'],
    ]);
    expect(found[0]?.passages[0]?.score).toBeCloseTo(1);
    expect(found[1]?.passages[0]?.score).toBeCloseTo(2 / Math.sqrt(5));
  });

  it('names a passage that there is not, and a retriever without vectors', async () => {
    const map = await open();
    await expect(map.near({ to: [{ passage: 'p9' }], k: 1 })).rejects.toThrow('“p9”');
    expect(() => new CorpusMap(ids, emptyRetriever)).toThrow('no vectors');
  });
});
