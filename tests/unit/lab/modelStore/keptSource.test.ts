import { afterAll, beforeAll, expect, it } from 'vitest';
import { keptSource } from '../../../../src/lab/modelStore/keptSource.ts';
import { ModelStore } from '../../../../src/lab/modelStore/store.ts';
import { createOnnxEmbedder } from '../../../../src/retrieval/onnxEmbedder.ts';
import { placeModel } from '../../../../src/lab/modelFiles.ts';
import { readModel } from '../../../../src/lab/readModel.ts';
import type { Backend } from '../../../../src/engine/backend.ts';
import { openBackend } from '../../engine/openBackend.ts';
import { weightsOf } from '../tinyPolicy.ts';
import { serveHub } from './hubServer.ts';
import { MemoryFiles } from './memoryFiles.ts';
import { tinyFolders } from './tinyFolder.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend();
});
afterAll(() => {
  backend.dispose();
});

const decode = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const template = '{{ messages[0].content }} alone';

it('a chat template that stands alone goes before the one in tokenizer_config.json, from a folder and from a hub', async () => {
  const { folder } = await tinyFolders();
  const files = new Map([...folder, ['chat_template.jinja', new TextEncoder().encode(template)]]);
  const fs = new MemoryFiles();
  const hub = await serveHub();
  try {
    hub.repositories.set('tiny/folder', files);
    hub.repositories.set('tiny/without', new Map(folder));
    const store = new ModelStore({
      fs,
      fetch,
      now: () => performance.now(),
      memory: undefined,
      runEmbedder: createOnnxEmbedder,
    });
    const { signal } = new AbortController();
    for (const id of ['tiny/folder', 'tiny/without']) {
      await store.inspect({ hub: hub.address, id }, signal);
      await store.download(id, signal, () => undefined);
    }
    const local = [...files].map(([name, bytes]) => ({ name, content: new Blob([Uint8Array.from(bytes)]) }));
    await store.takeFiles('own', local, signal, () => undefined);
  } finally {
    await hub.close();
  }
  const templateOf = async (name: string) => {
    const { tokenizer, tokenizerConfig } = await readModel(await keptSource(fs, `kept:${name}`));
    // What is saved of the model later says the same.
    expect(tokenizerConfig.chat_template).toBe(tokenizer.chatTemplate);
    return tokenizer.chatTemplate;
  };
  expect(await templateOf('tiny/folder')).toBe(template);
  expect(await templateOf('own')).toBe(template);
  const inConfig = JSON.parse(decode(folder.get('tokenizer_config.json'))) as { chat_template: string };
  expect(await templateOf('tiny/without')).toBe(inConfig.chat_template);
});

it('a recipe’s kept model is opened out of the store, as a folder, in shards and as GGUF: the same weights', async () => {
  const { folder, sharded, gguf } = await tinyFolders();
  const fs = new MemoryFiles();
  const store = new ModelStore({
    fs,
    fetch,
    now: () => performance.now(),
    memory: undefined,
    runEmbedder: createOnnxEmbedder,
  });
  const take = (name: string, files: ReadonlyMap<string, Uint8Array>) =>
    store.takeFiles(
      name,
      [...files].map(([file, bytes]) => ({ name: file, content: new Blob([Uint8Array.from(bytes)]) })),
      new AbortController().signal,
      () => undefined,
    );
  await take('one', folder);
  await take('shards', sharded);
  await take('x', new Map([['tiny.gguf', gguf]]));
  const weights = [];
  for (const name of ['one', 'shards', 'tiny F16']) {
    const parts = await readModel(await keptSource(fs, `kept:${name}`));
    weights.push(await weightsOf(await placeModel(backend, parts)));
  }
  expect(weights[1]).toEqual(weights[0]);
  expect(weights[2]).toEqual(weights[0]);
  await expect(keptSource(fs, 'kept:other')).rejects.toThrow(
    'other is not kept in this browser. Open it in Models',
  );
});
