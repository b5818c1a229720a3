import { describe, expect, it } from 'vitest';
import {
  countKept,
  forgetFolders,
  forgetKept,
  isDropped,
  keepFolder,
  recordOfFolder,
  type FolderCaches,
  type FolderFile,
} from '../../../src/policy/webllmFolder.ts';
import { checkModelRecord } from '../../../src/policy/webllmRecord.ts';

const file = (path: string, content = path): FolderFile => ({ path, file: new Blob([content]) });
const WEIGHTS = JSON.stringify({ records: [{ dataPath: 'params_shard_0.bin' }] });
const FILES = [
  file('m/resolve/main/mlc-chat-config.json', '{"a":1}'),
  file('m/resolve/main/tokenizer.json'),
  file('m/resolve/main/tensor-cache.json', WEIGHTS),
  file('m/resolve/main/params_shard_0.bin'),
  file('m/lib 1.wasm'),
  file('README.md'),
];
const without = (name: string): FolderFile[] => FILES.filter(({ path }) => !path.endsWith(name));

/** What the browser's caches would hold, by cache and address. */
function cachesOfTest(): { caches: FolderCaches; held: Map<string, Map<string, string>> } {
  const held = new Map<string, Map<string, string>>();
  const caches: FolderCaches = {
    open: (name) => {
      const cache = held.get(name) ?? new Map<string, string>();
      held.set(name, cache);
      return Promise.resolve({
        put: async (url, response) => void cache.set(url, await response.text()),
        keys: () => Promise.resolve([...cache.keys()].map((url) => ({ url }))),
        delete: (url) => Promise.resolve(cache.delete(url)),
      });
    },
  };
  return { caches, held };
}

describe('a dropped folder', () => {
  it('becomes a record whose addresses no server has', () => {
    const record = recordOfFolder('my model', FILES);
    expect(record).toEqual({
      model: 'https://dropped.invalid/my%20model',
      model_id: 'my model',
      model_lib: 'https://dropped.invalid/my%20model/lib%201.wasm',
    });
    expect(isDropped(checkModelRecord(record))).toBe(true);
  });

  it('without a library leaves model_lib to be given', () => {
    const record = recordOfFolder('m', without('.wasm'));
    expect(record.model_lib).toBe('');
    expect(() => checkModelRecord(record)).toThrow(/"model_lib": must be/);
  });

  it.each([
    ['no configuration', without('mlc-chat-config.json'), /m has no mlc-chat-config\.json/],
    ['no list of weights', without('tensor-cache.json'), /m has no tensor-cache\.json/],
    ['two libraries', [...FILES, file('b.wasm')], /several libraries: m\/lib 1\.wasm, b\.wasm/],
    ['two models', [...FILES, file('n/mlc-chat-config.json')], /several models/],
  ])('is refused with %s', (_, files, message) => {
    expect(() => recordOfFolder('m', files)).toThrow(message);
  });

  it('is laid where web-llm looks first, each file under the address that web-llm makes', async () => {
    const { caches, held } = cachesOfTest();
    await (await caches.open('webllm/model')).put('https://h.test/other', new Response('kept'));
    const record = recordOfFolder('m', FILES);
    const get = await keepFolder(record, FILES, caches);
    const base = 'https://dropped.invalid/m/';
    expect([...(held.get('webllm/config')?.keys() ?? [])]).toEqual([
      `${base}resolve/main/mlc-chat-config.json`,
    ]);
    expect([...(held.get('webllm/wasm')?.keys() ?? [])]).toEqual([record.model_lib]);
    expect([...(held.get('webllm/model')?.keys() ?? [])]).toEqual([
      'https://h.test/other',
      `${base}resolve/main/tokenizer.json`,
      `${base}resolve/main/tensor-cache.json`,
      `${base}resolve/main/params_shard_0.bin`,
    ]);
    expect(await (await get(`${base}resolve/main/mlc-chat-config.json`)).json()).toEqual({ a: 1 });
    expect((await get(`${base}resolve/main/none.json`)).status).toBe(404);
    await forgetFolders(caches);
    expect([...held.values()].flatMap((cache) => [...cache.keys()])).toEqual(['https://h.test/other']);
  });

  it('names weights that are listed and not there, and a list that is none', async () => {
    const { caches, held } = cachesOfTest();
    const lacking = without('params_shard_0.bin');
    const record = recordOfFolder('m', lacking);
    await expect(keepFolder(record, lacking, caches)).rejects.toThrow(
      /params_shard_0\.bin, which the folder/,
    );
    const odd = [...without('tensor-cache.json'), file('m/resolve/main/tensor-cache.json', 'no')];
    await expect(keepFolder(record, odd, caches)).rejects.toThrow(/lists no records of weights/);
    expect(held.size).toBe(0);
  });
});

describe('what the browser keeps of a model', () => {
  it('is counted, and deleted without the rest', async () => {
    const { caches, held } = cachesOfTest();
    const record = { model: 'https://h.test/a', model_id: 'a', model_lib: 'https://h.test/a.wasm' };
    const put = async (cache: string, url: string) => (await caches.open(cache)).put(url, new Response(''));
    await put('webllm/config', 'https://h.test/a/resolve/main/mlc-chat-config.json');
    await put('webllm/model', 'https://h.test/a/resolve/main/params_shard_0.bin');
    await put('webllm/model', 'https://h.test/ab/resolve/main/params_shard_0.bin');
    await put('webllm/wasm', 'https://h.test/a.wasm');
    expect(await countKept(record, caches)).toBe(3);
    await forgetKept(record, caches);
    expect(await countKept(record, caches)).toBe(0);
    expect([...(held.get('webllm/model')?.keys() ?? [])]).toEqual([
      'https://h.test/ab/resolve/main/params_shard_0.bin',
    ]);
  });
});
