import { readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { weightFile } from '../../../src/lab/modelFiles.ts';
import type { LabEvent } from '../../../src/lab/protocol.ts';
import type { Question } from '../../../src/world/types.ts';
import { OnnxWriter } from '../../../scripts/trainEmbedder/onnxWriter.ts';
import { openBackend } from '../engine/openBackend.ts';
import { tinyModel, tinyTokenizer } from '../retrieval/tinyModels.ts';
import { makePublicFolder, priorFile, type PublicFolder } from './nodeSurroundings.ts';
import { practisedDecoder, recipeWith, tinyRecipe } from './tinyPolicy.ts';
import { errorIn, WatchedLab } from './watchedLab.ts';

const question: Question = { id: 'q', set: 'musique', text: 'Who wrote Cholwis?', golds: ['Mara Tolven'] };
const passages = ['red', 'green', 'blue'].map((word) => ({ id: word, title: word, text: `${word} ${word}` }));
const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Two updates of a policy that searches, so that an embedding model that is gone would be missed. */
const searching = recipeWith({ model: 'practised', rollout: { maxTokens: 200 }, grpo: { steps: 2 } });

let folder: PublicFolder;
beforeAll(async () => {
  folder = await makePublicFolder();
  const weights = await readFile(new URL('models/tiny/model.safetensors', folder.baseUrl));
  const prior = priorFile('trained.safetensors');
  await folder.addModel('cut', { 'model.safetensors': weights.subarray(0, 4000) });
  await folder.addModel('trained', { 'prior.json': prior, 'trained.safetensors': weights });
  await folder.addModel('cut-trained', {
    'prior.json': prior,
    'trained.safetensors': weights.subarray(0, 4000),
  });
  const backend = await openBackend();
  const practised = await weightFile(await practisedDecoder(backend));
  backend.dispose();
  await folder.addModel('practised', { 'model.safetensors': practised });
  await folder.addModel('no-prior', { 'prior.json': undefined });
});
afterAll(() => folder.remove());

/** A lab that has loaded the tiny policy and opened the three passages. */
async function opened(recipe = tinyRecipe): Promise<WatchedLab> {
  const lab = new WatchedLab(folder);
  await lab.load(recipe);
  await openPassages(lab);
  return lab;
}

const openPassages = (lab: WatchedLab, given = passages) =>
  lab.ask({ type: 'corpus', id: lab.nextId(), corpus: { kind: 'own', name: 'colours', passages: given } });

const idsOf = async (lab: WatchedLab, seed = 1): Promise<string> =>
  (await lab.play('base', question, { seed })).tokens.ids.join();

describe('a load that fails', () => {
  it.each([
    ['cut', /^model\.safetensors: /],
    ['cut-trained', /^trained\.safetensors: /],
    ['no-prior', /^models\/no-prior\/prior\.json is not there/],
    ['nowhere', /^models\/nowhere\/config\.json is not there/],
  ])(
    'tells what is wrong with %s, keeps what was loaded, and holds nothing of the new',
    async (model, message) => {
      const lab = await opened();
      const before = await idsOf(lab);
      const holdings = { ...lab.holdings };
      const events = await lab.load(recipeWith({ model }));
      const error = errorIn(events);
      expect(error).toMatchObject({ request: 'load', message: expect.stringMatching(message) as string });
      expect(lab.all('state').at(-1)).toEqual({ type: 'state', state: 'ready', detail: error.message });
      expect(events.some(({ type }) => type === 'loaded')).toBe(false);
      expect(lab.holdings).toEqual(holdings);
      // Policy, corpus and recipe are the former ones, and a run can begin.
      expect(await idsOf(lab)).toBe(before);
      await lab.ask({ type: 'step' });
      expect(lab.state).toBe('paused');
    },
  );

  it('names the field of a recipe whose responses the policy has no room for', async () => {
    const lab = await opened();
    const holdings = { ...lab.holdings };
    const error = errorIn(await lab.load(recipeWith({ rollout: { maxTokens: 2000 } })));
    expect(error.message).toMatch(/^rollout\.maxTokens: 2000 .* 1024 positions of tiny\. Use at most 960\.$/);
    expect(lab.holdings).toEqual(holdings);
  });

  it('leaves a lab that had nothing without anything, and ready to load', async () => {
    const lab = new WatchedLab(folder);
    errorIn(await lab.load(recipeWith({ model: 'cut' })));
    expect(lab.state).toBe('failed');
    expect(lab.holdings).toEqual({ backends: 0, embedders: 0 });
    expect(errorIn(await openPassages(lab)).message).toBe('The engine is not loaded yet.');
    await lab.load();
    expect(lab.state).toBe('ready');
  });
});

describe('a load that succeeds', () => {
  it('says when the wanted backend could not be had', async () => {
    const lab = new WatchedLab(folder);
    await lab.ask({ type: 'load', recipe: recipeWith({}), backend: 'webgpu', baseUrl: folder.baseUrl });
    expect(lab.all('loaded')[0]?.info).toMatchObject({
      backend: 'wasm',
      notice: expect.stringMatching(/^No WebGPU/) as string,
    });
  });

  it('takes the place of what was loaded, which is freed, with its run and its corpus', async () => {
    const lab = await opened();
    const base = await idsOf(lab);
    await lab.ask({ type: 'step' });
    await lab.load(recipeWith({ model: 'trained' }));
    expect(lab.holdings).toEqual({ backends: 1, embedders: 1 });
    expect(lab.all('loaded').at(-1)?.info.hasTrained).toBe(true);
    const id = lab.nextId();
    const nothing = await lab.ask({ type: 'play', id, question, policy: 'base', temperature: 1, seed: 1 });
    expect(errorIn(nothing)).toMatchObject({
      id,
      request: 'play',
      message: expect.stringMatching(/^No corpus/) as string,
    });
    await openPassages(lab);
    expect(await idsOf(lab)).toBe(base);
    expect((await lab.play('trained', question)).tokens.ids.join()).toBe(base);
    await lab.ask({ type: 'step' });
    expect(lab.all('update').at(-1)?.metrics.step).toBe(1);
  });

  it('ends rollouts and a run that go on meanwhile', async () => {
    // Greedily these weights never end, and eight at once take turns: they outlast the load, however slow the machine.
    const lab = await opened(recipeWith({ rollout: { maxTokens: 900 } }));
    const ids = Array.from({ length: 8 }, () => lab.nextId());
    const playing = ids.map((id) =>
      lab.ask({ type: 'play', id, question, policy: 'base', temperature: 0, seed: 1 }),
    );
    await lab.next('play');
    const loading = lab.load();
    await lab.next('progress');
    const running = lab.ask({ type: 'start' });
    await Promise.all([...playing, loading, running]);
    const ends = lab.all('play').filter(({ done }) => done);
    expect(ends.map(({ id }) => id).sort((a, b) => a - b)).toEqual(ids);
    expect(new Set(ends.map(({ trace }) => trace.stop))).toEqual(new Set(['aborted']));
    expect(lab.state).toBe('ready');
    expect(lab.all('error')).toEqual([]);
    expect(lab.holdings).toEqual({ backends: 1, embedders: 1 });
  });
});

describe('the shipped embedding model', () => {
  it('is waited for by searches alone, and what is written is the same', async () => {
    // Of these draws, one that searches for something.
    const lab = await opened(searching);
    const traces = [];
    for (let seed = 1; seed < 20; seed++) traces.push(await lab.play('base', question, { seed }));
    const whole = traces.find(({ searches }) => searches.some(({ query }) => query !== ''));
    if (!whole) throw new Error('no draw searches');

    const late = new WatchedLab(folder);
    let come = (): void => undefined;
    late.holdings.embedderComes = new Promise((resolve) => (come = resolve));
    const loading = late.load(searching);
    await openPassages(late);
    expect(late.holdings).toMatchObject({ backends: 1, embedders: 0 });
    const playing = late.play('base', question, { seed: whole.seed ?? 0 });
    const first = await late.next('play');
    expect(first.done).toBe(false);
    expect(first.trace.tokens.ids.length).toBeGreaterThan(0);
    come();
    const trace = await playing;
    await loading;
    expect(trace.tokens.ids).toEqual(whole.tokens.ids);
    expect(trace.searches).toEqual(whole.searches);
  });

  it('that cannot be had is told when loading, and tried again by the next search', async () => {
    const model = new URL('models/embedder/model.onnx', folder.baseUrl);
    const bytes = await readFile(model);
    await rm(model);
    const lab = new WatchedLab(folder);
    const message = expect.stringMatching(/"shipped": neither model\.onnx/) as string;
    expect(errorIn(await lab.load(searching))).toMatchObject({ request: 'embedder', message });
    expect(lab.state).toBe('ready');
    await openPassages(lab);
    const ask = (seed: number): Promise<LabEvent[]> =>
      lab.ask({ type: 'play', id: lab.nextId(), question, policy: 'base', temperature: 1, seed });
    let seed = 1;
    let failed = await ask(seed);
    while (!failed.some(({ type }) => type === 'error') && seed < 20) failed = await ask(++seed);
    expect(errorIn(failed)).toMatchObject({ request: 'play', message });
    await writeFile(model, bytes);
    const [search] = (await lab.play('base', question, { seed })).searches;
    expect(search?.passages).toHaveLength(searching.rollout.passages);
    expect(lab.holdings.embedders).toBe(1);
  });
});

/** A text encoder whose output has no place for sentences, only for tokens: [tokens, 2]. */
function flatModel(): Uint8Array {
  const onnx = new OnnxWriter('flat');
  for (const name of ['input_ids', 'attention_mask']) onnx.input(name, 'int64', ['batch', 'sequence']);
  const table = onnx.weight('table', [9, 2], new Float32Array(18).fill(1));
  const tokens = onnx.node('Gather', [table, 'input_ids']);
  onnx.node('Reshape', [tokens, onnx.ints([-1, 2])], {}, 'last_hidden_state');
  onnx.output('last_hidden_state', 'float32', ['tokens', 2]);
  return onnx.finish('test');
}

/** A text encoder exported for one text at a time: it stands the first trial, and fails on a batch. */
function singleModel(): Uint8Array {
  const onnx = new OnnxWriter('single');
  for (const name of ['input_ids', 'attention_mask']) onnx.input(name, 'int64', ['batch', 'sequence']);
  const table = onnx.weight('table', [9, 2], new Float32Array(18).fill(1));
  const first = onnx.node('Slice', ['input_ids', onnx.ints([0]), onnx.ints([1]), onnx.ints([0])]);
  onnx.node('Gather', [table, first], {}, 'last_hidden_state');
  onnx.output('last_hidden_state', 'float32', [1, 'sequence', 2]);
  return onnx.finish('test');
}

const buffer = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;
const tokenizerFile = (): ArrayBuffer => buffer(bytesOf(tinyTokenizer));

describe('another embedding model', () => {
  const swap = (lab: WatchedLab, model: Uint8Array, tokenizer = tokenizerFile()) =>
    lab.ask({
      type: 'embedder',
      id: lab.nextId(),
      embedder: { name: 'other', model: buffer(model), tokenizer },
    });

  it.each([
    ['is no ONNX file', () => bytesOf('nothing'), /"other": onnxruntime cannot open the ONNX file/],
    [
      'gives vectors of the wrong shape',
      flatModel,
      /"other": the output last_hidden_state is float32 of shape \[3, 2\]/,
    ],
    ['takes one text at a time', singleModel, /"other": the output last_hidden_state .* expected/],
  ])('that %s is refused, and the old one stays', async (_what, model, message) => {
    const lab = await opened();
    const before = await idsOf(lab, 7);
    const error = errorIn(await swap(lab, model()));
    expect(error).toMatchObject({ request: 'embedder', message: expect.stringMatching(message) as string });
    expect(error.id).toBeDefined();
    expect(lab.holdings).toEqual({ backends: 1, embedders: 1 });
    expect(await idsOf(lab, 7)).toBe(before);
    await openPassages(lab);
    await lab.ask({ type: 'step' });
    expect(lab.state).toBe('paused');
    expect(lab.all('embedder')).toEqual([]);
  });

  it('of another dimension embeds corpus and worlds anew, and the old one is freed', async () => {
    const lab = await opened(searching);
    await lab.ask({ type: 'step' });
    const read = (name: string) => readFile(`public/models/embedder/${name}`);
    const [model, tokenizer] = await Promise.all([read('model.onnx'), read('tokenizer.json')]);
    const events = await swap(lab, model, buffer(tokenizer));
    expect(events.find(({ type }) => type === 'embedder')).toMatchObject({ name: 'other', dimension: 96 });
    expect(lab.holdings.embedders).toBe(1);
    await lab.play('base', question);
    await lab.ask({ type: 'step' });
    expect(lab.all('evaluated').map(({ when }) => when)).toEqual(['before', 'after']);
    for (const { groups } of lab.all('update')) {
      const searches = groups.flatMap(({ traces }) => traces.flatMap((trace) => trace.searches));
      expect(searches.some(({ query }) => query !== '')).toBe(true);
    }
    await lab.ask({ type: 'embedder', id: lab.nextId(), embedder: 'shipped' });
    expect(lab.all('embedder').at(-1)).toMatchObject({ name: 'shipped', dimension: 2 });
    expect(lab.all('error')).toEqual([]);
  });

  it('may come while an update goes on, which ends with the one it began with', async () => {
    const lab = await opened(searching);
    const running = lab.ask({ type: 'step' });
    await lab.next('phase');
    await swap(lab, tinyModel({ output: 'sentence_embedding' }));
    await running;
    expect(lab.state).toBe('paused');
    expect(lab.all('error')).toEqual([]);
    await lab.ask({ type: 'step' });
    expect(lab.holdings.embedders).toBe(1);
  });

  it('that is cancelled is not taken', async () => {
    const lab = new WatchedLab(folder);
    await lab.load();
    const id = lab.nextId();
    const swapping = lab.ask({
      type: 'embedder',
      id,
      embedder: { name: 'other', model: buffer(tinyModel()), tokenizer: tokenizerFile() },
    });
    await lab.ask({ type: 'cancel', id });
    expect(errorIn(await swapping)).toEqual({ type: 'error', request: 'embedder', id, message: 'Stopped.' });
    expect(lab.holdings.embedders).toBe(1);
    expect(lab.all('embedder')).toEqual([]);
  });
});
