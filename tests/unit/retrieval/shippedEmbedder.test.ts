import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDenseRetriever } from '../../../src/retrieval/denseRetriever.ts';
import { loadEmbedderFiles } from '../../../src/retrieval/embedderFiles.ts';
import { createLexicalRetriever } from '../../../src/retrieval/lexical.ts';
import { createOnnxEmbedder, type OnnxEmbedder } from '../../../src/retrieval/onnxEmbedder.ts';
import { generateWorld } from '../../../src/world/generate.ts';
import { hopAccuracy } from '../../../scripts/trainEmbedder/accuracy.ts';
import { readModelFromFolder } from '../../../scripts/trainEmbedder/modelFolder.ts';

const read = readModelFromFolder('public/models/embedder');

describe('the embedding model that ships', () => {
  let embedder: OnnxEmbedder;
  beforeAll(async () => {
    embedder = await createOnnxEmbedder(await loadEmbedderFiles('nano embedder', read));
  });
  afterAll(() => embedder.dispose());

  it('is small, and its files say all there is to know', async () => {
    expect((await read('model.onnx'))!.byteLength).toBeLessThanOrEqual(4_000_000);
    expect(embedder).toMatchObject({ pooling: 'mean', notices: [], dimension: 96, maxTokens: 256 });
  });

  it.each([101, 102])('finds the right passage among the first three in unseen world %i', async (seed) => {
    const hops = { two: 0.5, three: 0.3, four: 0.2 };
    const world = generateWorld({ seed, passages: 220, namesakes: 0.45, hops, questions: 150 });
    const dense = await hopAccuracy(await createDenseRetriever(embedder, world.passages), world);
    const lexical = await hopAccuracy(createLexicalRetriever(world.passages), world);
    console.log(
      `world ${seed}, ${dense.queries} queries, top 3: ${dense.top3.toFixed(3)}; BM25 ${lexical.top3.toFixed(3)}`,
    );
    expect(dense.top3).toBeGreaterThanOrEqual(0.95);
  });

  it('does not mind case, accents, companions in the batch, or no words at all', async () => {
    const texts = ['book Chölwis author', 'BOOK CHOLWIS AUTHOR', '', 'river '.repeat(400)];
    const all = await embedder.embed(texts, 'query');
    const [first, second, third] = [0, 1, 2].map((row) => [...all.subarray(row * 96, (row + 1) * 96)]);
    expect(first).toEqual(second);
    expect(third!.every((x) => x === 0)).toBe(true);
    const alone = await embedder.embed(texts.slice(0, 1), 'query');
    alone.forEach((x, d) => expect(x).toBeCloseTo(first![d]!, 5));
  });
});
