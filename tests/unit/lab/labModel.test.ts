import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readGguf } from '../../../src/engine/ggufFile.ts';
import type { ExportChoice } from '../../../src/lab/modelProtocol.ts';
import { ADAPTER_CONFIG, ADAPTER_WEIGHTS, mergedTensors, readAdapter } from '../../../src/lab/peftAdapter.ts';
import type { LabEvent } from '../../../src/lab/protocol.ts';
import { readWeights } from '../../../src/lab/shards.ts';
import { makePublicFolder, type PublicFolder } from './nodeSurroundings.ts';
import { recipeWith, tinyConfig } from './tinyPolicy.ts';
import { errorIn, WatchedLab } from './watchedLab.ts';

let folder: PublicFolder;
beforeAll(async () => {
  folder = await makePublicFolder();
});
afterAll(() => folder.remove());

const recipe = recipeWith({
  training: { method: 'lora', rank: 2, alpha: 4, targets: 'q_proj,down_proj', frozen: 'f32' },
  evaluation: { questions: 0 },
});

async function filesOf(events: readonly LabEvent[]): Promise<Map<string, Uint8Array>> {
  const told = events.find((event) => event.type === 'exported');
  if (told === undefined) throw new Error(`nothing was exported: ${JSON.stringify(events.at(-1))}`);
  const files = new Map<string, Uint8Array>();
  for (const { name, content } of told.files) {
    files.set(name, new Uint8Array((await content?.arrayBuffer()) ?? []));
  }
  return files;
}

const reader = (files: ReadonlyMap<string, Uint8Array>) => (name: string) => {
  const bytes = files.get(name);
  return bytes === undefined ? Promise.reject(new Error(`no ${name}`)) : Promise.resolve(bytes);
};

const write = (lab: WatchedLab, choice: ExportChoice): Promise<LabEvent[]> =>
  lab.ask({ type: 'export', id: lab.nextId(), choice });

it('an adapter is taken away after an update, and another lab begins with it; the model has it worked in', async () => {
  const lab = new WatchedLab(folder);
  await lab.load(recipe);
  expect(lab.all('loaded').at(-1)?.info.adapter).toEqual({
    rank: 2,
    alpha: 4,
    targets: ['q_proj', 'down_proj'],
  });
  const fresh = await filesOf(await write(lab, { what: 'adapter' }));
  await lab.ask({ type: 'step' });
  const files = await filesOf(await write(lab, { what: 'adapter' }));
  expect([...files.keys()]).toEqual([ADAPTER_CONFIG, ADAPTER_WEIGHTS]);
  expect(files.get(ADAPTER_WEIGHTS)).not.toEqual(fresh.get(ADAPTER_WEIGHTS));

  const events = await write(lab, { what: 'model', format: 'hf', numbers: 'f32' });
  const model = await filesOf(events);
  const merged = await readWeights(reader(model), 'model.safetensors');
  const base = await readWeights(
    (name) => readFile(new URL(`models/tiny/${name}`, folder.baseUrl)),
    'model.safetensors',
  );
  const adapter = await readAdapter(tinyConfig, reader(files));
  for (const [name, tensor] of mergedTensors(base, tinyConfig, adapter)) {
    expect(merged.get(name)?.values(), name).toEqual(tensor.values());
  }
  const progress = events.filter((event) => event.type === 'exportProgress');
  expect(progress.at(-1)).toMatchObject({ file: 'model.safetensors', done: progress.at(-1)?.total });

  const again = new WatchedLab(folder);
  const [config, weights] = [files.get(ADAPTER_CONFIG), files.get(ADAPTER_WEIGHTS)];
  if (config === undefined || weights === undefined) throw new Error('no files');
  await again.load(recipe, { name: 'mine', config, weights });
  expect(again.all('loaded').at(-1)?.info.adapter).toMatchObject({ begun: 'mine' });
  expect(await filesOf(await write(again, { what: 'adapter' }))).toEqual(files);
  const other = recipeWith({ training: { method: 'lora', rank: 3 } });
  expect(errorIn(await again.load(other, { name: 'mine', config, weights })).message).toMatch(
    /^training: mine is of rank 2, alpha 4 and targets down_proj,q_proj, the recipe says otherwise\./,
  );
});

it('a model all of whose weights are trained has no adapter, and is a GGUF file', async () => {
  const lab = new WatchedLab(folder);
  await lab.load(recipeWith({ evaluation: { questions: 0 } }));
  expect(errorIn(await write(lab, { what: 'adapter' })).message).toMatch(
    /^This run trains all weights and no adapter\./,
  );
  const [file] = await filesOf(await write(lab, { what: 'model', format: 'gguf', numbers: 'f16' }));
  expect(file?.[0]).toBe('tiny trained.gguf');
  expect(readGguf(file?.[1] ?? new Uint8Array(), 'x').tensors.size).toBe(13);
});

it('writing is stopped between two pieces', async () => {
  const lab = new WatchedLab(folder);
  await lab.load(recipe);
  const id = lab.nextId();
  lab.onEvent = (event) => {
    if (event.type === 'exportProgress' && event.file === 'model.safetensors' && event.done > 0) {
      void lab.ask({ type: 'cancel', id });
    }
  };
  const choice = { what: 'model', format: 'hf', numbers: 'keep' } as const;
  expect(errorIn(await lab.ask({ type: 'export', id, choice }))).toMatchObject({ id, message: 'Stopped.' });
  expect(lab.all('exported')).toEqual([]);
});

it('the memory of a recipe is told before anything is loaded, and a refusal with its mend', async () => {
  const lab = new WatchedLab(folder);
  const [small] = await lab.estimate(recipe);
  expect(small).toMatchObject({ type: 'estimated', limit: 2 ** 32 });
  expect(lab.holdings.backends).toBe(0);
  const [full] = await lab.estimate(recipeWith({ training: { method: 'full' } }));
  if (small?.type !== 'estimated' || full?.type !== 'estimated') throw new Error('no estimate');
  expect(small.refusal).toBeUndefined();
  expect(full.estimate.training).toBeGreaterThan(4 * small.estimate.training);
  const [long] = await lab.estimate(recipeWith({ rollout: { maxTokens: 4000 } }));
  expect(long).toMatchObject({ refusal: expect.stringMatching(/^rollout\.maxTokens/) as unknown });
});
