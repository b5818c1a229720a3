import { describe, expect, it } from 'vitest';
import {
  embeddingRecipe,
  loadEmbedderFiles,
  type EmbedderFiles,
} from '../../../src/retrieval/embedderFiles.ts';
import { createOnnxEmbedder } from '../../../src/retrieval/onnxEmbedder.ts';
import { tinyFiles, tinyModel, tinyTokenizer, TOKEN_VECTORS, VOCABULARY } from './tinyModels.ts';

const pooling = (mode: string) => ({ word_embedding_dimension: 2, [`pooling_mode_${mode}`]: true });

const unit = (vector: readonly number[]): number[] => {
  const norm = Math.hypot(...vector);
  return vector.map((x) => x / norm);
};
const vectorOf = (token: (typeof VOCABULARY)[number]) => TOKEN_VECTORS[VOCABULARY.indexOf(token)]!;
const meanOf = (...tokens: (typeof VOCABULARY)[number][]) =>
  unit([0, 1].map((d) => tokens.reduce((sum, token) => sum + vectorOf(token)[d]!, 0)));

async function embed(files: EmbedderFiles, texts: readonly string[], kind: 'query' | 'passage' = 'passage') {
  const embedder = await createOnnxEmbedder(files);
  const flat = await embedder.embed(texts, kind);
  await embedder.dispose();
  return texts.map((_, row) => [...flat.subarray(row * embedder.dimension, (row + 1) * embedder.dimension)]);
}

function expectVectors(actual: readonly (readonly number[])[], expected: readonly (readonly number[])[]) {
  expect(actual.length).toBe(expected.length);
  actual.forEach((row, i) => row.forEach((x, d) => expect(x).toBeCloseTo(expected[i]![d]!, 6)));
}

describe('createOnnxEmbedder', () => {
  it('pools by the masked mean, padding left out, and returns rows in the order of the texts', async () => {
    expectVectors(
      await embed(tinyFiles({ pooling: pooling('mean_tokens') }), ['red', 'red green blue', 'blue blue']),
      [
        meanOf('[CLS]', 'red', '[SEP]'),
        meanOf('[CLS]', 'red', 'green', 'blue', '[SEP]'),
        meanOf('[CLS]', 'blue', 'blue', '[SEP]'),
      ],
    );
  });

  it('pools by the first token, the last token and the maximum', async () => {
    const texts = ['blue', 'red red'];
    const first = unit(vectorOf('[CLS]'));
    const last = unit(vectorOf('[SEP]'));
    expectVectors(await embed(tinyFiles({ pooling: pooling('cls_token') }), texts), [first, first]);
    expectVectors(await embed(tinyFiles({ pooling: pooling('lasttoken') }), texts), [last, last]);
    expectVectors(await embed(tinyFiles({ pooling: pooling('max_tokens') }), texts), [
      unit([8, 6]),
      unit([8, 6]),
    ]);
  });

  it('takes a sentence output as it is', async () => {
    const files = tinyFiles({ model: tinyModel({ output: 'sentence_embedding' }) });
    const embedder = await createOnnxEmbedder(files);
    expect(embedder.pooling).toBe('in the model');
    expect([...(await embedder.embed(['red'], 'passage'))].map((x) => +x.toFixed(6))).toEqual([0.8, 0.6]);
    await embedder.dispose();
  });

  it('feeds the inputs the model asks for, in its type of integer', async () => {
    const inputs = ['input_ids', 'attention_mask', 'token_type_ids', 'position_ids'];
    for (const inputType of ['int32', 'int64'] as const) {
      const files = tinyFiles({ model: tinyModel({ inputs, inputType }), pooling: pooling('cls_token') });
      expectVectors(await embed(files, ['red']), [unit(vectorOf('[CLS]'))]);
    }
    await expect(
      createOnnxEmbedder(tinyFiles({ model: tinyModel({ inputs: ['input_ids', 'pixels'] }) })),
    ).rejects.toThrow(/"tiny": its inputs are input_ids, pixels/);
  });

  it('puts the prompts of queries and passages before the text', async () => {
    const files = tinyFiles({ pooling: pooling('mean_tokens'), prompts: { prompts: { query: 'query: ' } } });
    expectVectors(await embed(files, ['red'], 'query'), [meanOf('[CLS]', 'query', ':', 'red', '[SEP]')]);
    expectVectors(await embed(files, ['red'], 'passage'), [meanOf('[CLS]', 'red', '[SEP]')]);
  });

  it('cuts a long text, not its special tokens', async () => {
    const files = tinyFiles({ pooling: pooling('mean_tokens'), length: { max_seq_length: 4 } });
    expectVectors(await embed(files, ['red green blue blue blue']), [
      meanOf('[CLS]', 'red', 'green', '[SEP]'),
    ]);
  });

  it('gives a text the same vector alone and among many, over several runs', async () => {
    const words = ['red', 'green', 'blue'];
    const texts = Array.from({ length: 300 }, (_, i) =>
      Array.from({ length: 1 + (i % 17) }, (_word, j) => words[(i * 7 + j * j) % 3]).join(' '),
    );
    const files = tinyFiles({ pooling: pooling('mean_tokens') });
    const all = await embed(files, texts);
    for (const i of [0, 16, 151, 299]) expectVectors(await embed(files, [texts[i]!]), [all[i]!]);
  });

  it('answers calls made at the same time', async () => {
    const embedder = await createOnnxEmbedder(tinyFiles({ pooling: pooling('mean_tokens') }));
    const [a, b] = await Promise.all([
      embedder.embed(['red'], 'passage'),
      embedder.embed(['blue'], 'passage'),
    ]);
    expectVectors([[...a], [...b]], [meanOf('[CLS]', 'red', '[SEP]'), meanOf('[CLS]', 'blue', '[SEP]')]);
    await embedder.dispose();
  });

  it('refuses what it cannot use, naming the model', async () => {
    await expect(createOnnxEmbedder(tinyFiles({ model: Uint8Array.of(1, 2, 3) }))).rejects.toThrow(
      /"tiny": onnxruntime cannot open/,
    );
    await expect(createOnnxEmbedder(tinyFiles(), { expectedDimension: 384 })).rejects.toThrow(
      /dimension 2, not 384/,
    );
    await expect(createOnnxEmbedder(tinyFiles({ tokenizer: {} }))).rejects.toThrow(/tokenizer.json/);
    await expect(createOnnxEmbedder(tinyFiles({ model: tinyModel({ output: 'logits' }) }))).rejects.toThrow(
      /"tiny": its output logits has dimension 3 for one text and 5 for another/,
    );
  });

  it('refuses a tokenizer with tokens that the model does not have', async () => {
    const vocab = Object.fromEntries(VOCABULARY.map((token, id) => [token, 1000 + id]));
    const tokenizer = { ...tinyTokenizer, model: { ...tinyTokenizer.model, vocab } };
    await expect(embed(tinyFiles({ tokenizer }), ['red'])).rejects.toThrow(
      /"tiny": it cannot be run on tokens of this tokenizer.json/,
    );
  });
});

describe('embeddingRecipe', () => {
  const named = (name: string, changes: Partial<EmbedderFiles> = {}) =>
    embeddingRecipe(tinyFiles({ name, ...changes }));

  it('knows published models by name', () => {
    expect(named('Xenova/all-MiniLM-L6-v2')).toMatchObject({
      pooling: 'mean',
      queryPrefix: '',
      passagePrefix: '',
    });
    expect(named('intfloat/e5-small-v2')).toMatchObject({
      pooling: 'mean',
      queryPrefix: 'query: ',
      passagePrefix: 'passage: ',
    });
    expect(named('BAAI/bge-small-en-v1.5')).toMatchObject({
      pooling: 'cls',
      queryPrefix: 'Represent this sentence for searching relevant passages: ',
      passagePrefix: '',
    });
  });

  it('believes files above names, and says what it assumed', () => {
    const files = { pooling: pooling('max_tokens'), length: { max_seq_length: 64 } };
    expect(named('bge-small-en', files)).toMatchObject({ pooling: 'max', maxTokens: 64, notices: [] });
    const unknown = named('mystery');
    expect(unknown).toMatchObject({ pooling: 'mean', maxTokens: 512 });
    expect(unknown.notices).toHaveLength(2);
    expect(unknown.notices[0]).toContain('"mystery" does not say how to pool');
  });

  it('refuses pooling and modules it cannot do', () => {
    expect(() => named('x', { pooling: pooling('weightedmean_tokens') })).toThrow(/1_Pooling.*weightedmean/);
    expect(() =>
      named('x', {
        modules: [{ idx: 2, name: '2', path: '2_Dense', type: 'sentence_transformers.models.Dense' }],
      }),
    ).toThrow(/modules.json.*Dense/);
    expect(() => named('x', { prompts: { prompts: { query: 3 } } })).toThrow(
      /config_sentence_transformers.json/,
    );
  });
});

describe('loadEmbedderFiles', () => {
  const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

  it('reads the layout of sentence-transformers', async () => {
    const folder = new Map<string, Uint8Array>([
      ['onnx/model.onnx', tinyModel()],
      ['tokenizer.json', bytes(tinyTokenizer)],
      ['1_Pooling/config.json', bytes(pooling('cls_token'))],
    ]);
    const files = await loadEmbedderFiles('mine', (path) => Promise.resolve(folder.get(path)));
    expect(embeddingRecipe(files).pooling).toBe('cls');
    expect((await embed(files, ['red']))[0]![0]).toBeCloseTo(0.8);
  });

  it('names the missing or broken file', async () => {
    const load = (entries: [string, Uint8Array][]) =>
      loadEmbedderFiles('mine', (path) => Promise.resolve(new Map(entries).get(path)));
    await expect(load([])).rejects.toThrow(/"mine": tokenizer.json is missing/);
    await expect(load([['tokenizer.json', bytes(tinyTokenizer)]])).rejects.toThrow(/model.onnx/);
    await expect(load([['tokenizer.json', Uint8Array.of(123)]])).rejects.toThrow(
      /tokenizer.json is not JSON/,
    );
  });
});
