import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeHost } from '../../../src/engine/wasm/nodeHost.ts';
import { createWasmBackend } from '../../../src/engine/wasm/wasmBackend.ts';
import { createEngineEmbedder, loadEncoderFiles } from '../../../src/lab/engineEmbedder.ts';
import { createDenseRetriever, passageText } from '../../../src/retrieval/denseRetriever.ts';
import type { Embedder } from '../../../src/retrieval/embedder.ts';
import { loadEmbedderFiles } from '../../../src/retrieval/embedderFiles.ts';
import { createLexicalRetriever } from '../../../src/retrieval/lexical.ts';
import { createOnnxEmbedder, type OnnxEmbedder } from '../../../src/retrieval/onnxEmbedder.ts';
import { generateWorld } from '../../../src/world/generate.ts';
import { hopAccuracy } from '../../../scripts/trainEmbedder/accuracy.ts';
import { readModelFromFolder } from '../../../scripts/trainEmbedder/modelFolder.ts';

const read = readModelFromFolder('public/models/embedder');

describe('the embedding model that ships', () => {
  let embedder: Embedder;
  let onnx: OnnxEmbedder;
  const engineEmbedder = async (reader = read): Promise<Embedder> => {
    const files = await loadEncoderFiles('nano embedder', reader);
    return createEngineEmbedder(files!, await createWasmBackend({ host: nodeHost, threads: 2 }));
  };
  beforeAll(async () => {
    onnx = await createOnnxEmbedder(await loadEmbedderFiles('nano embedder', read));
    embedder = await engineEmbedder();
  });
  afterAll(() => Promise.all([embedder.dispose(), onnx.dispose()]));

  it('is small, and its files say all there is to know', async () => {
    expect((await read('model.onnx'))!.byteLength).toBeLessThanOrEqual(4_000_000);
    expect(onnx).toMatchObject({ pooling: 'mean', notices: [], dimension: 96, maxTokens: 256 });
    expect(embedder).toMatchObject({ dimension: 96, maxTokens: 256 });
  });

  it('has the same vectors on the engine as under onnxruntime', async () => {
    const { passages } = generateWorld({
      seed: 103,
      passages: 120,
      namesakes: 0.45,
      hops: { two: 1, three: 0, four: 0 },
      questions: 1,
    });
    const texts = [...passages.map(passageText), 'x', 'river '.repeat(400)];
    const [ours, theirs] = [await embedder.embed(texts, 'passage'), await onnx.embed(texts, 'passage')];
    const furthest = ours.reduce((most, x, i) => Math.max(most, Math.abs(x - theirs[i]!)), 0);
    expect(furthest).toBeLessThan(2e-6);
  });

  it('says which of its files for the engine is missing or wrong', async () => {
    const without = (name: string, instead?: Uint8Array) =>
      engineEmbedder((path) => (path === name ? Promise.resolve(instead) : read(path)));
    await expect(without('encoder.safetensors')).rejects.toThrow('encoder.safetensors is missing');
    await expect(without('encoder.safetensors', Uint8Array.of(1))).rejects.toThrow('encoder.safetensors');
    const cls = new TextEncoder().encode('{"pooling_mode_cls_token": true}');
    await expect(without('1_Pooling/config.json', cls)).rejects.toThrow('the engine takes means');
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
