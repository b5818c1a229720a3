import { describe, expect, it } from 'vitest';
import { createDenseRetriever } from '../../../src/retrieval/denseRetriever.ts';
import type { Embedder } from '../../../src/retrieval/embedder.ts';

/** Counts of a, b and c, normalised. */
function letterEmbedder(): Embedder & { calls: string[][] } {
  const calls: string[][] = [];
  return {
    name: 'letters',
    dimension: 3,
    maxTokens: 100,
    calls,
    embed(texts) {
      calls.push([...texts]);
      const rows = texts.map((text) => {
        const counts = ['a', 'b', 'c'].map((letter) => text.split(letter).length - 1);
        const norm = Math.hypot(...counts) || 1;
        return counts.map((count) => count / norm);
      });
      return Promise.resolve(Float32Array.from(rows.flat()));
    },
    dispose: () => Promise.resolve(),
  };
}

const passages = ['aaa', 'bbb', 'abc', 'ccc', 'aab'].map((text, i) => ({ id: `p${i}`, title: '', text }));

describe('createDenseRetriever', () => {
  it('embeds the corpus in batches, telling how far it is', async () => {
    const embedder = letterEmbedder();
    const told: [number, number][] = [];
    await createDenseRetriever(embedder, passages, {
      batchSize: 2,
      onProgress: (done, total) => told.push([done, total]),
    });
    expect(embedder.calls).toEqual([['aaa', 'bbb'], ['abc', 'ccc'], ['aab']]);
    expect(told).toEqual([
      [2, 5],
      [4, 5],
      [5, 5],
    ]);
  });

  it('stops when aborted', async () => {
    const embedder = letterEmbedder();
    const controller = new AbortController();
    const made = createDenseRetriever(embedder, passages, {
      batchSize: 2,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(made).rejects.toThrow('enough');
    expect(embedder.calls).toHaveLength(1);
  });

  it('finds the nearest, and embeds a query once', async () => {
    const embedder = letterEmbedder();
    const retriever = await createDenseRetriever(embedder, passages);
    const found = await retriever.search(['b', 'aa', 'b'], 2);
    expect(found.map((row) => row.map(({ passage }) => passage.id))).toEqual([
      ['p1', 'p2'],
      ['p0', 'p4'],
      ['p1', 'p2'],
    ]);
    expect(found[0]![0]!.score).toBeCloseTo(1);
    expect(await retriever.search(['aa', 'c'], 1)).toMatchObject([
      [{ passage: { id: 'p0' } }],
      [{ passage: { id: 'p3' } }],
    ]);
    expect(embedder.calls.slice(1)).toEqual([['b', 'aa'], ['c']]);
  });

  it('serves an empty corpus', async () => {
    const retriever = await createDenseRetriever(letterEmbedder(), []);
    expect(await retriever.search(['a'], 3)).toEqual([[]]);
  });
});
