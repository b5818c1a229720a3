import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readModelFromFolder } from '../../scripts/trainEmbedder/modelFolder.ts';
import { keptEmbedder } from '../../src/lab/modelStore/embedders.ts';
import { ModelStore } from '../../src/lab/modelStore/store.ts';
import { loadEmbedderFiles } from '../../src/retrieval/embedderFiles.ts';
import { createOnnxEmbedder, type OnnxEmbedder } from '../../src/retrieval/onnxEmbedder.ts';
import { serveHub, type HubServer } from '../unit/lab/modelStore/hubServer.ts';
import { MemoryFiles } from '../unit/lab/modelStore/memoryFiles.ts';
import { data, embedderFolder } from './embedderFolder.ts';

/** Tiny encoders in the layouts of e5, bge and a model that says its prompts, against PyTorch (makeEmbedders.py). */

const LEAST_COSINE = 0.9999;
/** A network of 8 bits scales its activations by the largest of a batch: alone and among others it differs a little. */
const LEAST_QUANTISED = 0.999;

const vectors = z.object({ query: z.array(z.array(z.number())), passage: z.array(z.array(z.number())) });
const expectedSchema = z.object({
  texts: z.array(z.string()),
  vectors: z.object({ full: vectors, quantised: vectors.optional() }),
});

async function expectVectors(embedder: OnnxEmbedder, folder: string, precision: 'full' | 'quantised') {
  const expected = expectedSchema.parse(JSON.parse(await readFile(`${data}${folder}/expected.json`, 'utf8')));
  const { texts } = expected;
  for (const kind of ['query', 'passage'] as const) {
    const ours = await embedder.embed(texts, kind);
    const theirs = expected.vectors[precision]?.[kind] ?? [];
    expect(theirs).toHaveLength(texts.length);
    theirs.forEach((vector, row) => {
      const cosine = vector.reduce((sum, x, d) => sum + x * (ours[row * vector.length + d] ?? NaN), 0);
      expect(cosine, `${kind} ${JSON.stringify(texts[row]?.slice(0, 30))}`).toBeGreaterThan(
        precision === 'full' ? LEAST_COSINE : LEAST_QUANTISED,
      );
    });
  }
}

/** Under the names of the published models, by which prompts are known that no file says. */
const published = [
  ['e5', 'intfloat/e5-small-v2', 'mean'],
  ['bge', 'BAAI/bge-small-en-v1.5', 'cls'],
  ['prompts', 'someone/a-model', 'mean'],
] as const;

describe('an embedding model in a folder', () => {
  it.each(published)('%s gives PyTorch’s vectors of queries and passages', async (folder, name, pooling) => {
    const files = await loadEmbedderFiles(name, readModelFromFolder(data + folder));
    const embedder = await createOnnxEmbedder(files);
    expect(embedder).toMatchObject({ dimension: 24, maxTokens: 48, pooling, notices: [] });
    await expectVectors(embedder, folder, 'full');
    await embedder.dispose();
  });

  it('quantised gives the vectors of Python’s onnxruntime of the same file', async () => {
    const files = await loadEmbedderFiles('intfloat/e5-small-v2', readModelFromFolder(`${data}e5`), 'quantised');
    const embedder = await createOnnxEmbedder(files);
    await expectVectors(embedder, 'e5', 'quantised');
    await embedder.dispose();
  });

  it('whose pooling is elsewhere is read where modules.json says', async () => {
    const read = readModelFromFolder(`${data}bge`);
    const modules = JSON.stringify([
      { type: 'sentence_transformers.models.Transformer', path: '' },
      { type: 'sentence_transformers.models.Pooling', path: '2_Pooling' },
    ]);
    const files = await loadEmbedderFiles('unknown', (path) => {
      if (path === 'modules.json') return Promise.resolve(new TextEncoder().encode(modules));
      if (path === '1_Pooling/config.json') return Promise.resolve(undefined);
      return read(path === '2_Pooling/config.json' ? '1_Pooling/config.json' : path);
    });
    const embedder = await createOnnxEmbedder(files);
    expect(embedder.pooling).toBe('cls');
    await embedder.dispose();
  });
});

describe('an embedding model of the hub', () => {
  let hub: HubServer;
  let fs: MemoryFiles;
  let store: ModelStore;
  const never = new AbortController().signal;
  const wanted = (id: string, embedder?: 'full' | 'quantised') => ({ hub: hub.address, id, embedder });
  beforeAll(async () => {
    hub = await serveHub();
  });
  afterAll(() => hub.close());
  beforeEach(async () => {
    for (const [folder, name] of published) hub.repositories.set(name, await embedderFolder(folder));
    hub.asked.length = 0;
    hub.faults.clear();
    fs = new MemoryFiles();
    store = new ModelStore({ fs, fetch, now: () => 0, memory: undefined, runEmbedder: createOnnxEmbedder });
  });

  it.each(published)('%s is told, kept with all its files, and gives PyTorch’s vectors', async (folder, id, pooling) => {
    const offer = await store.inspect(wanted(id, 'full'), never);
    expect(offer).toMatchObject({
      name: id,
      kind: 'embedder',
      about: { architecture: 'bert', layers: 2, dimension: 24, positions: 48, network: 'onnx/model.onnx' },
    });
    expect(hub.asked.map(({ path }) => path)).toEqual(['config.json']);
    const kept = await store.download(id, never, () => undefined);
    expect(kept.files.map(({ name }) => name)).toContain('1_Pooling/config.json');
    expect((await store.list()).kept).toEqual([]);
    const [listed] = (await store.list()).embedders;
    expect(listed?.card).toMatchObject({ dimension: 24, maxTokens: 48, pooling, notices: [] });
    const files = await keptEmbedder(fs, listed?.card.id ?? '');
    if (files === undefined) throw new Error('not kept');
    const embedder = await createOnnxEmbedder(files);
    await expectVectors(embedder, folder, 'full');
    await embedder.dispose();
    await store.remove(id);
    expect(fs.paths()).toEqual([]);
  });

  it('is taken quantised where that is wanted and there, and told from the full one', async () => {
    const [e5, bge] = [published[0][1], published[1][1]];
    expect(await store.inspect(wanted(e5, 'quantised'), never)).toMatchObject({
      name: `${e5} (quantised)`,
      about: { network: 'onnx/model_quantized.onnx' },
    });
    const quantised = await store.download(`${e5} (quantised)`, never, () => undefined);
    await store.inspect(wanted(e5, 'full'), never);
    const full = await store.download(e5, never, () => undefined);
    if (quantised.kind !== 'embedder' || full.kind !== 'embedder') throw new Error('no embedding models');
    expect(quantised.card).toMatchObject({ queryPrefix: 'query: ', passagePrefix: 'passage: ' });
    expect(quantised.card.id).not.toBe(full.card.id);
    // Without one of 8 bits it is the full one, and without being asked for it is known to be an embedding model.
    expect(await store.inspect(wanted(bge, 'quantised'), never)).toMatchObject({ name: bge });
    expect(await store.inspect(wanted(bge), never)).toMatchObject({ kind: 'embedder', name: bge });
  });

  it('goes on where it was stopped', async () => {
    const id = published[0][1];
    let time = 0;
    const place = { fs, fetch, now: () => (time += 1000), memory: undefined, runEmbedder: createOnnxEmbedder };
    store = new ModelStore(place);
    await store.inspect(wanted(id, 'full'), never);
    hub.faults.set('onnx/model.onnx', { breakAfter: 50_000 });
    const stop = new AbortController();
    const broken = store.download(id, stop.signal, ({ done }) => {
      if (done > 50_000) stop.abort();
    });
    await expect(broken).rejects.toThrow();
    expect((await store.list()).begun).toMatchObject([{ name: id }]);
    hub.faults.clear();
    hub.asked.length = 0;
    const later = new ModelStore(place);
    await later.download(id, never, () => undefined);
    expect(hub.asked.find(({ path, range }) => path === 'onnx/model.onnx' && range !== undefined)).toBeDefined();
    expect((await later.list()).embedders).toHaveLength(1);
  });

  it.each([
    ['has no network', (files: Map<string, Uint8Array>) => void files.delete('onnx/model.onnx'), 'has no .onnx file'],
    ['has no tokenizer', (files: Map<string, Uint8Array>) => void files.delete('tokenizer.json'), 'has no tokenizer.json'],
    [
      'has its weights in a second file',
      (files: Map<string, Uint8Array>) => void files.set('onnx/model.onnx_data', new Uint8Array(9)),
      'has its weights in a second file',
    ],
    [
      'writes text',
      (files: Map<string, Uint8Array>) =>
        void files.set('config.json', new TextEncoder().encode('{"architectures":["LlamaForCausalLM"]}')),
      'is a LlamaForCausalLM: it writes text',
    ],
  ])('that %s is refused before anything of size is fetched', async (_, change, message) => {
    const id = published[1][1];
    change(hub.repositories.get(id) ?? new Map<string, Uint8Array>());
    await expect(store.inspect(wanted(id, 'full'), never)).rejects.toThrow(message);
    expect(fs.paths()).toEqual([]);
  });

  it('whose network is none, or whose pooling is not known here, is thrown away', async () => {
    const id = published[1][1];
    const files = hub.repositories.get(id);
    files?.set('onnx/model.onnx', new Uint8Array(1000));
    await store.inspect(wanted(id, 'full'), never);
    await expect(store.download(id, never, () => undefined)).rejects.toThrow('onnxruntime cannot open the ONNX file');
    files?.set('1_Pooling/config.json', new TextEncoder().encode('{"pooling_mode_weightedmean_tokens": true}'));
    await store.inspect(wanted(id, 'full'), never);
    hub.asked.length = 0;
    await expect(store.download(id, never, () => undefined)).rejects.toThrow('1_Pooling/config.json: pooling by');
    expect(hub.asked.map(({ path }) => path)).not.toContain('onnx/model.onnx');
    expect(fs.paths()).toEqual([]);
  });

  it('may come from a folder of this computer', async () => {
    const local = [...(await embedderFolder('e5'))].map(([name, bytes]) => ({ name, content: new Blob([new Uint8Array(bytes)]) }));
    const kept = await store.takeFiles('my e5-small', local, never, () => undefined, 'full');
    expect(kept).toMatchObject({ name: 'my e5-small', kind: 'embedder', card: { queryPrefix: 'query: ' } });
    expect(kept.files.map(({ name }) => name)).toContain('onnx/model.onnx');
  });
});
