import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../../../src/engine/safetensors.ts';
import { tensorOf } from '../../../../src/engine/tensors.ts';
import type { ModelProgress } from '../../../../src/lab/modelStore/progress.ts';
import type { PolicyOffer } from '../../../../src/lab/modelStore/inspect.ts';
import { ModelStore } from '../../../../src/lab/modelStore/store.ts';
import { parseHub } from '../../../../src/lab/modelStore/hub.ts';
import { openFiles } from '../../../../src/lab/modelStore/openModel.ts';
import { createOnnxEmbedder } from '../../../../src/retrieval/onnxEmbedder.ts';
import { readWeights } from '../../../../src/lab/shards.ts';
import { serveHub, type HubServer } from './hubServer.ts';
import { MemoryFiles } from './memoryFiles.ts';
import { jsonBytes, tinyFolders } from './tinyFolder.ts';

let hub: HubServer;
let models: Awaited<ReturnType<typeof tinyFolders>>;
let fs: MemoryFiles;
let store: ModelStore;
const memory = 8 * 2 ** 30;

beforeAll(async () => {
  [hub, models] = await Promise.all([serveHub(), tinyFolders()]);
});
afterAll(() => hub.close());
beforeEach(() => {
  for (const map of [hub.faults, hub.refusals, hub.guarded, hub.tokens, hub.etags]) map.clear();
  hub.asked.length = 0;
  hub.told.length = 0;
  hub.repositories.clear();
  hub.repositories.set('tiny/folder', new Map(models.folder));
  hub.repositories.set('tiny/sharded', new Map(models.sharded));
  fs = new MemoryFiles();
  store = freshStore();
});

const freshStore = (fetcher: typeof fetch = fetch): ModelStore =>
  new ModelStore({
    fs,
    fetch: fetcher,
    now: () => performance.now(),
    memory,
    runEmbedder: createOnnxEmbedder,
  });
const never = new AbortController().signal;
const wanted = (id: string, more: { gguf?: string; revision?: string } = {}) => ({
  hub: hub.address,
  id,
  ...more,
});
const inspect = async (id: string, more = {}): Promise<PolicyOffer> => {
  const found = await store.inspect(wanted(id, more), never);
  if ('gguf' in found || found.kind === 'embedder') throw new Error('not one policy');
  return found;
};
const open = async (id: string, more = {}) => {
  const { name } = await inspect(id, more);
  return store.download(name, never, () => undefined);
};
const change = (id: string, name: string, bytes: Uint8Array | undefined): void => {
  const files = hub.repositories.get(id);
  if (bytes === undefined) files?.delete(name);
  else files?.set(name, bytes);
};
const weights = 'model.safetensors';
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
/** The weights' downloads, without what is looked at before. */
const asked = (path = weights) =>
  hub.asked.filter((ask) => ask.path === path && !/-\d/.test(ask.range ?? ''));

describe('a model of the hub', () => {
  it('is told before its weights come, kept by the hashes of its files, and read from there', async () => {
    const offer = await inspect('tiny/folder');
    const total = [...models.folder.values()].reduce((sum, bytes) => sum + bytes.length, 0);
    expect(offer).toMatchObject({ name: 'tiny/folder', kind: 'folder', bytes: total });
    expect(offer.card.architecture).toBe('qwen3');
    expect(offer.card.weights.f32).toBe(4 * offer.card.parameters);
    expect(asked()).toEqual([]);
    expect(fs.paths()).toEqual([]);

    const told: ModelProgress[] = [];
    const kept = await store.download(offer.name, never, (progress) => told.push(progress));
    expect(told.at(-1)).toMatchObject({ done: total, total });
    expect(told.every(({ done }, i) => done >= (told[i - 1]?.done ?? 0))).toBe(true);
    for (const file of kept.files) {
      expect(file.sha256).toBe(sha256(models.folder.get(file.name) ?? new Uint8Array()));
      expect(fs.files.get(`blobs/${file.sha256}`)).toEqual(
        new Uint8Array(models.folder.get(file.name) ?? []),
      );
    }
    expect(fs.paths().filter((path) => !/^(blobs|kept)\//.test(path))).toEqual([]);
    // Another visit finds it.
    expect(await freshStore().list()).toMatchObject({
      kept: [{ name: 'tiny/folder' }],
      begun: [],
      problems: [],
    });
  });

  it('in shards is whole when they all are, and its tensors are read one by one', async () => {
    const kept = await open('tiny/sharded');
    const opened = await openFiles(fs, kept.files);
    fs.reads.clear();
    const tensors = await readWeights(opened.open, weights);
    const expected = await readWeights((name) => {
      const bytes = models.sharded.get(name);
      return bytes === undefined ? Promise.reject(new Error(name)) : Promise.resolve(bytes);
    }, weights);
    const shard = kept.files.find(({ name }) => name.startsWith('model-00001'));
    const headers = fs.reads.get(`blobs/${shard?.sha256 ?? ''}`) ?? 0;
    expect(headers).toBeLessThan((shard?.bytes ?? 0) / 2);
    for (const [name, tensor] of expected) expect(tensors.get(name)?.values(), name).toEqual(tensor.values());
    opened.close();
  });

  it('as GGUF is chosen among several, and told by its head alone', async () => {
    hub.repositories.set(
      'tiny/gguf',
      new Map([
        ['a.gguf', models.gguf],
        ['b.gguf', models.gguf],
      ]),
    );
    expect(await store.inspect(wanted('tiny/gguf'), never)).toEqual({
      gguf: ['a.gguf', 'b.gguf'].map((name) => ({ name, bytes: models.gguf.length })),
    });
    const kept = await open('tiny/gguf', { gguf: 'b.gguf' });
    expect(kept).toMatchObject({
      name: 'tiny/gguf/b.gguf',
      kind: 'gguf',
      files: [{ sha256: sha256(models.gguf) }],
    });
  });

  it('shares files with others: taking one away leaves what the other needs', async () => {
    await open('tiny/folder');
    const other = await open('tiny/sharded');
    await store.remove('tiny/folder');
    expect((await store.list()).kept.map(({ name }) => name)).toEqual(['tiny/sharded']);
    expect(fs.paths().filter((path) => path.startsWith('blobs/'))).toEqual(
      other.files.map((file) => `blobs/${file.sha256}`).sort(),
    );
    await store.remove('tiny/sharded');
    expect(fs.paths()).toEqual([]);
  });

  it('is known to be there when it is asked for again: no weights come twice', async () => {
    await open('tiny/folder');
    hub.asked.length = 0;
    await open('tiny/folder');
    expect(asked()).toEqual([]);
  });
});

describe('a download that is cut off', () => {
  const size = () => models.folder.get(weights)?.length ?? 0;

  it('goes on by itself from the byte where the connection broke', async () => {
    hub.faults.set(weights, { breakAfter: Math.ceil(size() / 3) });
    const kept = await open('tiny/folder');
    expect(kept.files.at(-1)?.sha256).toBe(sha256(models.folder.get(weights) ?? new Uint8Array()));
    expect(asked().length).toBeGreaterThan(1);
    expect(asked()[1]?.range).toMatch(/^bytes=[1-9]\d*-$/);
    expect(asked()[1]?.ifRange).toMatch(/^"/);
  });

  it('is stopped, listed as begun, and goes on in another visit', async () => {
    let release = (): void => undefined;
    const after = 2000;
    hub.faults.set(weights, { hold: { after, until: new Promise((resolve) => (release = resolve)) } });
    const { name, bytes } = await inspect('tiny/folder');
    const stop = new AbortController();
    const small = bytes - size();
    fs.onWrite = (path, size) => {
      if (path.startsWith('partial/') && size === after) stop.abort();
    };
    await expect(store.download(name, stop.signal, () => undefined)).rejects.toMatchObject({
      name: 'AbortError',
    });
    release();
    hub.faults.clear();
    hub.asked.length = 0;

    store = freshStore();
    const listed = await store.list();
    expect(listed.begun).toMatchObject([{ name, bytes, have: small + after }]);
    // Beside the files, the part’s validator.
    expect(listed.bytes).toBeGreaterThanOrEqual(small + after);
    expect(listed.bytes).toBeLessThan(small + after + 100);
    // A folder of that name does not throw it away.
    const local = [...models.folder].map(([path, file]) => ({
      name: path,
      content: new Blob([Uint8Array.from(file)]),
    }));
    const other = await store.takeFiles(name, local, never, () => undefined);
    expect(other.name).toBe(`${name} (2)`);
    await store.remove(other.name);
    expect((await store.list()).kept).toEqual([]);
    await store.download(name, never, () => undefined);
    expect(asked()).toMatchObject([{ range: `bytes=${after}-` }]);
    expect((await store.list()).begun).toEqual([]);
  });

  it('begins again where the server knows no ranges, and where the file has become another', async () => {
    const part = Math.ceil(size() / 2);
    for (const fault of ['noRanges', 'etag'] as const) {
      fs = new MemoryFiles();
      store = freshStore();
      const { name } = await inspect('tiny/folder');
      hub.faults.set(weights, { breakAfter: part });
      const giveUp = new AbortController();
      const fetchOnce: typeof fetch = (url, init) => {
        if (asked().length > 0) giveUp.abort();
        return fetch(url, init);
      };
      store = freshStore(fetchOnce);
      await store.inspect(wanted('tiny/folder'), never);
      await expect(store.download(name, giveUp.signal, () => undefined)).rejects.toThrow();
      expect((await store.list()).begun[0]?.have).toBeGreaterThan(0);

      hub.asked.length = 0;
      hub.faults.set(weights, fault === 'noRanges' ? { noRanges: true } : {});
      if (fault === 'etag') hub.etags.set(weights, '"another"');
      store = freshStore();
      const kept = await store.download(name, never, () => undefined);
      expect(kept.files.at(-1)?.sha256, fault).toBe(sha256(models.folder.get(weights) ?? new Uint8Array()));
      expect(asked()).toHaveLength(1);
      hub.asked.length = 0;
      hub.faults.clear();
      hub.etags.clear();
    }
  });

  it('says where it stops when nothing more comes, keeps what came, and can be thrown away', async () => {
    hub.faults.set(weights, { breakAfter: 0 });
    await expect(open('tiny/folder')).rejects.toThrow(
      /model\.safetensors stops at .* of \d+ KB.*Resume goes on from there/,
    );
    expect((await store.list()).begun).toHaveLength(1);
    await store.discard('tiny/folder');
    expect(fs.paths()).toEqual([]);
  });
});

describe('what is not taken', () => {
  const nothingLeft = (): void => expect(fs.paths()).toEqual([]);

  it('a file whose hash is wrong: it is thrown away, the rest stays for another try', async () => {
    hub.faults.set(weights, { corrupt: true });
    await expect(open('tiny/folder')).rejects.toThrow(
      'model.safetensors came otherwise than the hub says it is',
    );
    expect((await store.list()).kept).toEqual([]);
    expect(fs.paths().filter((path) => path.startsWith('partial/'))).toEqual([]);
    hub.faults.clear();
    await open('tiny/folder');
    expect((await store.list()).kept).toHaveLength(1);
  });

  it('a small file whose hash is wrong, by git’s hash', async () => {
    hub.faults.set('tokenizer.json', { corrupt: true });
    await expect(open('tiny/folder')).rejects.toThrow('tokenizer.json came otherwise');
  });

  it.each([
    [
      'an unknown architecture',
      { model_type: 'mamba' },
      /config\.json is not a configuration this engine can run: field "model_type"/,
    ],
    ['weights quantised elsewhere', { quantization_config: { quant_method: 'gptq' } }, /quantised by gptq/],
    [
      'what is too large',
      {
        hidden_size: 8192,
        intermediate_size: 28672,
        num_hidden_layers: 80,
        num_attention_heads: 64,
        num_key_value_heads: 8,
        head_dim: 128,
      },
      /WebAssembly has room for 4\.3 GB in all/,
    ],
  ])('%s, before any weight comes', async (_, fields, message) => {
    const config = JSON.parse(new TextDecoder().decode(models.folder.get('config.json'))) as object;
    change('tiny/folder', 'config.json', jsonBytes({ ...config, ...fields }));
    await expect(open('tiny/folder')).rejects.toThrow(message);
    expect(asked()).toEqual([]);
    nothingLeft();
  });

  it('numbers of an unknown type, by the head of the file', async () => {
    const norm = new Map([['model.norm.weight', tensorOf([16], new Float32Array(16))]]);
    const text = Buffer.from(writeSafetensors(norm, 'F16')).toString('latin1').replace('F16', 'I16');
    change('tiny/folder', weights, Uint8Array.from(Buffer.from(text, 'latin1')));
    await expect(inspect('tiny/folder')).rejects.toThrow(
      'model.safetensors: model.norm.weight is I16, weights are read from F32, F16, BF16',
    );
  });

  it('the tokenizer of another model, before the weights come', async () => {
    const config = JSON.parse(new TextDecoder().decode(models.folder.get('config.json'))) as {
      vocab_size: number;
    };
    change('tiny/folder', 'config.json', jsonBytes({ ...config, vocab_size: 2 * config.vocab_size }));
    await expect(open('tiny/folder')).rejects.toThrow(
      /tokenizer\.json has \d+ tokens, config\.json a vocab_size of \d+: they are of two models/,
    );
    expect(asked()).toEqual([]);
    nothingLeft();
  });

  it('weights of another model, when they are there', async () => {
    change(
      'tiny/folder',
      weights,
      writeSafetensors(new Map([['model.norm.weight', tensorOf([16], new Float32Array(16))]]), 'F16'),
    );
    await expect(open('tiny/folder')).rejects.toThrow(/model\.embed_tokens\.weight is missing/);
    nothingLeft();
  });

  it('more than the disk holds, said before and, where the browser was wrong, when it is full', async () => {
    const { bytes } = await inspect('tiny/folder');
    fs.quota = bytes - 1;
    const offer = await inspect('tiny/folder');
    expect(offer.refusal).toMatch(/lets the page keep .* more\. Delete models/);
    await expect(store.download(offer.name, never, () => undefined)).rejects.toThrow(offer.refusal);
    fs.room = () => Promise.resolve(undefined);
    fs.quota = bytes - 5000;
    await expect(open('tiny/folder')).rejects.toThrow(
      /storage for the page is full at .* of model\.safetensors/,
    );
    expect((await store.list()).kept).toEqual([]);
    fs.quota = Infinity;
    await open('tiny/folder');
  });

  it.each([
    [
      { status: 401 },
      /no tiny\/folder that is open to all \(HTTP 401\).*for a private one, give an access token/,
    ],
    [{ status: 404, code: 'RepoNotFound' }, /no tiny\/folder that is open to all \(HTTP 404\)/],
    [{ status: 429 }, /asked too often/],
    [{ status: 503 }, /cannot give tiny\/folder now \(HTTP 503\)/],
  ])('a repository that the hub refuses: %o', async (refused, message) => {
    hub.refusals.set('tiny/folder', refused);
    await expect(inspect('tiny/folder')).rejects.toThrow(message);
  });

  it('a revision that is none', async () => {
    await expect(inspect('tiny/folder', { revision: 'v9' })).rejects.toThrow(
      'tiny/folder has no revision v9',
    );
  });

  it.each([
    ['', 'https://huggingface.co'],
    [' https://mirror.test/hub/ ', 'https://mirror.test/hub'],
    ['http://localhost:8000', 'http://localhost:8000'],
    ['http://127.0.0.1:8000/', 'http://127.0.0.1:8000'],
  ])('but “%s” as a hub is asked', (typed, address) => {
    expect(parseHub(typed)).toBe(address);
  });

  it.each(['http://mirror.test', 'ftp://mirror.test', 'mirror.test', 'http://localhost.mirror.test'])(
    'a hub at %s',
    (typed) => {
      expect(() => parseHub(typed)).toThrow(
        `“${typed}” is no hub that this page can ask. Give its address with https://`,
      );
    },
  );

  it('a hub that does not answer', async () => {
    const nowhere = { ...wanted('tiny/folder'), hub: 'http://127.0.0.1:9' };
    await expect(store.inspect(nowhere, never)).rejects.toThrow('127.0.0.1:9 does not answer');
  });

  it.each([
    [weights, 'pytorch_model.bin', 'no weights as safetensors or GGUF, only pytorch_model.bin'],
    ['tokenizer.json', undefined, 'has weights but no tokenizer.json'],
  ])('a repository without %s', async (name, instead, message) => {
    change('tiny/folder', name, undefined);
    if (instead !== undefined) change('tiny/folder', instead, jsonBytes({}));
    await expect(inspect('tiny/folder')).rejects.toThrow(message);
  });
});

describe('a repository that is not open to all', () => {
  const mine = 'hf_mine';
  const tokensSaid = () => hub.told.filter(({ token }) => token !== undefined);
  const give = (token: string, origin = hub.address) => store.useTokens({ [origin]: token });

  it('comes with a token, which goes to the hub alone and is kept nowhere', async () => {
    hub.tokens.add(mine);
    hub.guarded.set('tiny/folder', { kind: 'private', tokens: [mine] });
    give(mine);
    await open('tiny/folder');
    expect(tokensSaid().length).toBeGreaterThan(0);
    expect(new Set(tokensSaid().map(({ at, token }) => `${at} ${token ?? ''}`))).toEqual(
      new Set([`hub ${mine}`]),
    );
    expect(hub.told.filter(({ at }) => at === 'store').length).toBeGreaterThan(3);
    for (const [path, bytes] of fs.files) {
      expect(path).not.toContain(mine);
      expect(Buffer.from(bytes).includes(mine), path).toBe(false);
    }
  });

  it('is not asked with a token for another hub', async () => {
    hub.tokens.add(mine);
    hub.guarded.set('tiny/folder', { kind: 'private', tokens: [mine] });
    give(mine, 'https://huggingface.co');
    await expect(inspect('tiny/folder')).rejects.toThrow('no tiny/folder that is open to all (HTTP 401)');
    expect(tokensSaid()).toEqual([]);
  });

  it('gated, says where its licence is accepted, without a token and with one that has not', async () => {
    hub.guarded.set('tiny/folder', { kind: 'gated', tokens: [] });
    await expect(inspect('tiny/folder')).rejects.toThrow(
      `tiny/folder is gated: it is given to those who have accepted its licence (HTTP 401). Accept it at ${hub.address}/tiny/folder, and give an access token of your account`,
    );
    hub.tokens.add(mine);
    give(mine);
    await expect(inspect('tiny/folder')).rejects.toThrow(
      `(HTTP 403). The account of this access token has not, or waits to be let in: accept it at ${hub.address}/tiny/folder.`,
    );
  });

  it('says that a token is not known, that it may not read this, and that it is none', async () => {
    give('hf_typo');
    await expect(inspect('tiny/folder')).rejects.toThrow(
      'The hub does not know this access token (HTTP 401): it is not whole, or was taken back.',
    );
    hub.tokens.add(mine);
    hub.guarded.set('tiny/folder', { kind: 'private', tokens: [] });
    give(mine);
    await expect(inspect('tiny/folder')).rejects.toThrow(
      'The hub has no tiny/folder that this access token may read (HTTP 404)',
    );
    give('hf_ two words');
    await expect(inspect('tiny/folder')).rejects.toThrow('The access token holds characters that no token');
  });

  it('is resumed with the token given anew; without it, what has come stays', async () => {
    hub.tokens.add(mine);
    hub.guarded.set('tiny/folder', { kind: 'gated', tokens: [mine] });
    give(mine);
    hub.faults.set(weights, { breakAfter: 0 });
    const { name } = await inspect('tiny/folder');
    await expect(store.download(name, never, () => undefined)).rejects.toThrow('Resume goes on from there');
    hub.faults.clear();
    store = freshStore();
    await expect(store.download(name, never, () => undefined)).rejects.toThrow('tiny/folder is gated');
    expect((await store.list()).begun).toMatchObject([{ name }]);
    give(mine);
    await store.download(name, never, () => undefined);
    expect((await store.list()).kept).toHaveLength(1);
  });

  it('whose licence is taken back while it comes says so', async () => {
    hub.tokens.add(mine);
    hub.guarded.set('tiny/folder', { kind: 'gated', tokens: [mine] });
    give(mine);
    const { name } = await inspect('tiny/folder');
    hub.guarded.set('tiny/folder', { kind: 'gated', tokens: [] });
    await expect(store.download(name, never, () => undefined)).rejects.toThrow(
      'The account of this access token has not',
    );
    expect((await store.list()).kept).toEqual([]);
  });
});

describe('a folder of the disk', () => {
  const local = (files: ReadonlyMap<string, Uint8Array>) =>
    [...files].map(([name, bytes]) => ({ name, content: new Blob([Uint8Array.from(bytes)]) }));

  it('is copied, with what belongs to it and nothing else', async () => {
    const files = new Map([...models.folder, ['README.md', jsonBytes('hello')]]);
    const kept = await store.takeFiles('my model', local(files), never, () => undefined);
    expect(kept).toMatchObject({ name: 'my model', kind: 'folder', source: { kind: 'files' } });
    expect(kept.files.map(({ name }) => name)).not.toContain('README.md');
    // Another folder of that name does not take its place.
    const other = await store.takeFiles('my model', local(models.sharded), never, () => undefined);
    expect(other.name).toBe('my model (2)');
    expect((await store.list()).kept).toHaveLength(2);
  });

  it('may be one GGUF file, called by the name in it and how its weights are stored', async () => {
    const take = (file: string, gguf: Uint8Array) =>
      store.takeFiles('downloads', local(new Map([[file, gguf]])), never, () => undefined);
    expect(await take('t.gguf', models.gguf)).toMatchObject({ name: 'tiny F16', kind: 'gguf' });
    const nameless = models.gguf.slice();
    const key = new TextEncoder().encode('general.name');
    const at = nameless.findIndex((_, i) => key.every((byte, k) => nameless[i + k] === byte));
    nameless[at] = 'h'.charCodeAt(0);
    expect(await take('t.gguf', nameless)).toMatchObject({ name: 't', kind: 'gguf' });
  });

  it('as loose files is called by what its configuration says, as no other is', async () => {
    const take = async (name?: string) => {
      const config = JSON.parse(new TextDecoder().decode(models.folder.get('config.json'))) as object;
      const files = new Map(models.folder).set('config.json', jsonBytes({ ...config, _name_or_path: name }));
      return (await store.takeFiles(undefined, local(files), never, () => undefined)).name;
    };
    expect(await take('HuggingFaceTB/SmolLM2-135M')).toBe('HuggingFaceTB/SmolLM2-135M');
    expect(await take('/home/me/models/my\tsmall\none/')).toBe('my small one');
    expect(await take('./')).toMatch(/^qwen3-0\.\d[MB]$/);
    expect(await take()).toMatch(/^qwen3-0\.\d[MB] \(2\)$/);
  });

  it('leaves nothing where it is no model, or is stopped', async () => {
    const short = new Map(models.folder).set(
      weights,
      (models.folder.get(weights) ?? new Uint8Array()).slice(0, 900),
    );
    const take = (files: ReadonlyMap<string, Uint8Array>, signal = never) =>
      store.takeFiles('my model', local(files), signal, () => undefined);
    await expect(take(short)).rejects.toThrow('model.safetensors');
    expect(fs.paths()).toEqual([]);
    const stop = new AbortController();
    stop.abort();
    await expect(take(models.folder, stop.signal)).rejects.toMatchObject({ name: 'AbortError' });
    await expect(take(new Map([['notes.txt', jsonBytes('')]]))).rejects.toThrow('my model has no weights');
    expect(fs.paths()).toEqual([]);
  });
});
