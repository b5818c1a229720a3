import { afterAll, beforeAll, expect, it } from 'vitest';
import { keptSource } from '../../../../src/lab/modelStore/keptSource.ts';
import { ModelStore } from '../../../../src/lab/modelStore/store.ts';
import { placeModel } from '../../../../src/lab/modelFiles.ts';
import { readModel } from '../../../../src/lab/readModel.ts';
import type { Backend } from '../../../../src/engine/backend.ts';
import { openBackend } from '../../engine/openBackend.ts';
import { weightsOf } from '../tinyPolicy.ts';
import { MemoryFiles } from './memoryFiles.ts';
import { tinyFolders } from './tinyFolder.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend();
});
afterAll(() => {
  backend.dispose();
});

it('a recipe’s kept model is opened out of the store, as a folder, in shards and as GGUF: the same weights', async () => {
  const { folder, sharded, gguf } = await tinyFolders();
  const fs = new MemoryFiles();
  const store = new ModelStore({ fs, fetch, now: () => performance.now(), memory: undefined });
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
  for (const name of ['one', 'shards', 'tiny.gguf']) {
    const parts = await readModel(await keptSource(fs, `kept:${name}`));
    weights.push(await weightsOf(await placeModel(backend, parts)));
  }
  expect(weights[1]).toEqual(weights[0]);
  expect(weights[2]).toEqual(weights[0]);
  await expect(keptSource(fs, 'kept:other')).rejects.toThrow(
    'other is not kept in this browser. Open it in Models',
  );
});
