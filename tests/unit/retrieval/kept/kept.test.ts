import { describe, expect, it } from 'vitest';
import type { Embedder } from '../../../../src/retrieval/embedder.ts';
import { buildIndex, type BuildProgress } from '../../../../src/retrieval/kept/buildIndex.ts';
import {
  keepCorpus,
  KeptPassages,
  listCorpora,
  sweepCorpora,
  type KeptCorpus,
} from '../../../../src/retrieval/kept/keptCorpus.ts';
import type { FileStore } from '../../../../src/retrieval/kept/fileStore.ts';
import { KeptIndex, listIndexes, removeIndex } from '../../../../src/retrieval/kept/keptIndex.ts';
import { createKeptRetriever } from '../../../../src/retrieval/kept/keptRetriever.ts';
import { PlacedPassages } from '../../../../src/retrieval/kept/placedPassages.ts';
import { createOnnxEmbedder } from '../../../../src/retrieval/onnxEmbedder.ts';
import type { Passage } from '../../../../src/retrieval/retriever.ts';
import { tinyFiles } from '../tinyModels.ts';
import { memoryFiles, type MemoryFiles } from './memoryFiles.ts';

const colours = ['red', 'green', 'blue'];
/** Texts of different lengths, so that batches are padded and sorted. */
const passagesOf = (count: number, salt = 0): readonly Passage[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `p${i}`,
    title: `n${i}`,
    text: Array.from(
      { length: 1 + ((i * 7 + salt) % 5) },
      (__, j) => colours[(i + j * i + salt) % 3] ?? '',
    ).join(' '),
  }));

async function* comingIn(passages: readonly Passage[], together = 300) {
  for (let at = 0; at < passages.length; at += together)
    yield await Promise.resolve(passages.slice(at, at + together));
}

const embedder: Embedder = await createOnnxEmbedder(tinyFiles());
const model = { id: 'm1', name: 'tiny', dimension: 2 };

async function keep(store: MemoryFiles, passages: readonly Passage[]): Promise<KeptCorpus> {
  return keepCorpus(store, 'colours', comingIn(passages));
}

const placed = async (store: FileStore, corpus: KeptCorpus): Promise<PlacedPassages> =>
  PlacedPassages.open(await KeptPassages.open(store, corpus.id));

/** Builds, and stops it when `stopAt` passages are embedded. */
async function build(store: MemoryFiles, corpus: KeptCorpus, stopAt = Infinity) {
  const controller = new AbortController();
  const told: BuildProgress[] = [];
  const index = await KeptIndex.begin(store, corpus, model);
  const ended = await buildIndex(
    index,
    await KeptPassages.open(store, corpus.id),
    embedder,
    (progress) => {
      told.push(progress);
      if (progress.embedded >= stopAt) controller.abort(new Error('Stopped.'));
    },
    controller.signal,
  ).then(
    () => 'done',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return { ended, told, index };
}

const vectorFiles = (store: MemoryFiles): Record<string, readonly number[]> => {
  const found: Record<string, readonly number[]> = {};
  for (const [path, bytes] of store.files) {
    if (path.endsWith('.f32')) found[path.split('/').at(-1) ?? ''] = [...bytes];
  }
  return found;
};

describe('a kept corpus', () => {
  it('comes back as it was, in its order', async () => {
    const store = memoryFiles();
    const passages = passagesOf(5000);
    const corpus = await keep(store, passages);
    expect(corpus.passages).toBe(5000);
    expect(await listCorpora(store)).toEqual([corpus]);
    const kept = await KeptPassages.open(store, corpus.id);
    expect(await kept.rows(0, 5000)).toEqual(passages);
    // Over the end of a chunk, and over the end of all.
    expect(await kept.rows(2000, 100)).toEqual(passages.slice(2000, 2100));
    expect(await kept.rows(4990, 64)).toEqual(passages.slice(4990));
  });

  it('is kept once, and another passage makes it another', async () => {
    const store = memoryFiles();
    const passages = passagesOf(100);
    const first = await keep(store, passages);
    const files = store.files.size;
    // What comes in other portions is the same corpus.
    expect(await keepCorpus(store, 'again', comingIn(passages, 7))).toEqual(first);
    expect(store.files.size).toBe(files);
    const changed = passages.map((passage, i) => (i === 99 ? { ...passage, text: 'red' } : passage));
    const second = await keep(store, changed);
    expect(second.hash).not.toBe(first.hash);
    expect(second.id).not.toBe(first.id);
  });

  it('leaves nothing behind when the disk is full, when it is stopped, or when nothing comes', async () => {
    const store = memoryFiles();
    store.room = 100_000;
    await expect(keep(store, passagesOf(5000))).rejects.toThrow('There is no room left.');
    expect(store.files.size).toBe(0);
    store.room = Infinity;
    const controller = new AbortController();
    async function* stopping() {
      yield* comingIn(passagesOf(3000));
      controller.abort(new Error('Stopped.'));
      yield* comingIn(passagesOf(3000));
    }
    await expect(keepCorpus(store, 'x', stopping(), controller.signal)).rejects.toThrow('Stopped.');
    await expect(keep(store, [])).rejects.toThrow('there is no passage in it');
    expect(store.files.size).toBe(0);
  });

  it('whose file is torn is refused, and a broken import is swept', async () => {
    const store = memoryFiles();
    const corpus = await keep(store, passagesOf(5000));
    const path = `corpora/${corpus.id}/passages-00001.json`;
    const whole = store.files.get(path);
    store.files.set(path, whole!.slice(0, -5));
    const kept = await KeptPassages.open(store, corpus.id);
    await expect(kept.rows(2000, 100)).rejects.toThrow(/passages-00001\.json is damaged/);
    store.files.set('corpora/half/passages-00000.json', new Uint8Array(9));
    await sweepCorpora(store);
    expect(await store.list('corpora')).toEqual([corpus.id]);
  });
});

describe('the passages of a kept corpus by their places', () => {
  /** What JSON escapes, what UTF-8 spells in several bytes, and nothing at all. */
  const odd = ['', '"', '\\\\', '\\\\"],["', '[[', ']]', '北京 ½ 🙂', '\n\t\u0000', '\ud800'];
  const oddPassages = Array.from({ length: 4200 }, (_, i) => ({
    id: `p${i}`,
    title: odd[i % odd.length] ?? '',
    text: `${i} ${odd[(i * 7) % odd.length]}`,
  }));

  it('are the right ones, whatever is in them, in any order', async () => {
    const store = memoryFiles();
    const seen: Passage[] = [];
    const corpus = await keep(store, oddPassages);
    const kept = await KeptPassages.open(store, corpus.id);
    const at = await PlacedPassages.open(kept, (some) => seen.push(...some));
    expect(seen).toEqual(oddPassages);
    expect(at.length).toBe(4200);
    for (let place = 0; place < 4200; place += 61) expect(await at.at([place])).toEqual([oddPassages[place]]);
    const places = [4199, 0, 2047, 2048, 2049, 5, 4, 4, 4095, 4096];
    expect(await at.at(places)).toEqual(places.map((place) => oddPassages[place]));
    expect(await at.at(oddPassages.map((_, i) => i))).toEqual(oddPassages);
    expect(await at.at([])).toEqual([]);
    await expect(at.at([4200])).rejects.toThrow('no passage 4200 among 4200');
  });

  it('are read a few bytes at a time, and neighbours together', async () => {
    const store = memoryFiles();
    const corpus = await keep(store, passagesOf(5000));
    const parts: number[] = [];
    const counting: FileStore = {
      ...store,
      readPart: (path, begin, end) => {
        parts.push(end - begin);
        return store.readPart(path, begin, end);
      },
    };
    const at = await placed(counting, corpus);
    await at.at([10, 11, 12, 4000]);
    expect(parts).toHaveLength(2);
    expect(Math.max(...parts)).toBeLessThan(300);
  });

  it('that are torn, changed or deleted are told with their file', async () => {
    const store = memoryFiles();
    const corpus = await keep(store, passagesOf(5000));
    const path = `corpora/${corpus.id}/passages-00001.json`;
    const whole = store.files.get(path)!;
    const at = await placed(store, corpus);
    store.files.set(path, whole.slice(0, 200));
    await expect(at.at([4000])).rejects.toThrow(
      /“colours”: corpora.*passages-00001\.json is too short\. Delete this corpus and import it again\./,
    );
    await expect(placed(store, corpus)).rejects.toThrow(/passages-00001\.json is damaged/);
    store.files.set(path, new Uint8Array(whole.length));
    await expect(at.at([4000])).rejects.toThrow(/passages-00001\.json is damaged/);
    store.files.delete(path);
    await expect(at.at([4000])).rejects.toThrow(/passages-00001\.json is missing/);
    // The others can still be read.
    expect((await at.at([0]))[0]?.id).toBe('p0');
  });
});

describe('a kept index', () => {
  it('that was stopped again and again holds the same bits as one made in one go', async () => {
    const passages = passagesOf(1000);
    const [once, often] = [memoryFiles(), memoryFiles()];
    expect((await build(once, await keep(once, passages))).ended).toBe('done');
    const corpus = await keep(often, passages);
    const stops = [64, 300, 128, 500];
    for (const stopAt of stops) expect((await build(often, corpus, stopAt)).ended).toBe('Stopped.');
    const last = await build(often, corpus);
    expect(last.ended).toBe('done');
    // Whole shards were not embedded again.
    expect(last.told.at(-1)?.embedded).toBeLessThan(1000);
    expect(last.told.at(-1)?.done).toBe(1000);
    expect(Object.keys(vectorFiles(once))).toHaveLength(4);
    expect(vectorFiles(often)).toEqual(vectorFiles(once));
  });

  it('is made with one file of passages in memory: the next is read when its turn comes', async () => {
    const store = memoryFiles();
    const corpus = await keep(store, passagesOf(5000));
    const order: string[] = [];
    const seen: MemoryFiles = {
      ...store,
      read: (path) => {
        if (path.includes('/passages-')) order.push(path.slice(-'00000.json'.length, -'.json'.length));
        return store.read(path);
      },
      write: (path, bytes) => {
        if (path.endsWith('.f32')) order.push('vectors');
        return store.write(path, bytes);
      },
    };
    expect((await build(seen, corpus)).ended).toBe('done');
    const shards = (count: number) => Array.from({ length: count }, () => 'vectors');
    expect(order).toEqual(['00000', ...shards(8), '00001', ...shards(8), '00002', ...shards(4)]);
  });

  it('makes a torn or flipped shard again', async () => {
    const store = memoryFiles();
    const passages = passagesOf(700);
    const corpus = await keep(store, passages);
    await build(store, corpus);
    const good = vectorFiles(store);
    const paths = [...store.files.keys()].filter((path) => path.endsWith('.f32')).sort();
    store.files.set(paths[0]!, store.files.get(paths[0]!)!.slice(0, 100));
    store.files.get(paths[1]!)![40]! ^= 1;
    const index = await KeptIndex.open(store, corpus, model.id);
    expect(await index.read(0)).toBeUndefined();
    expect(await index.read(1)).toBeUndefined();
    const again = await build(store, corpus);
    expect(again.told.at(-1)?.embedded).toBe(512);
    expect(vectorFiles(store)).toEqual(good);
  });

  it('keeps what fits when the disk is full, and goes on when there is room', async () => {
    const store = memoryFiles();
    const passages = passagesOf(1000);
    const corpus = await keep(store, passages);
    store.room = [...store.files.values()].reduce((sum, { length }) => sum + length, 0) + 5000;
    expect((await build(store, corpus)).ended).toBe('There is no room left.');
    expect((await listIndexes(store, corpus)).map(({ done }) => done)).toEqual([512]);
    store.room = Infinity;
    expect((await build(store, corpus)).ended).toBe('done');
    expect((await listIndexes(store, corpus)).map(({ done }) => done)).toEqual([1000]);
    await removeIndex(store, corpus.id, model.id);
    expect(await listIndexes(store, corpus)).toEqual([]);
    expect(await listCorpora(store)).toEqual([corpus]);
  });

  it('is searched exactly over what is done, and takes up what is added', async () => {
    const store = memoryFiles();
    const passages = passagesOf(1000);
    const corpus = await keep(store, passages);
    const { index } = await build(store, corpus, 600);
    const retriever = await createKeptRetriever(index, await placed(store, corpus), embedder);
    expect(await retriever.grow?.()).toEqual({ done: 512, total: 1000 });
    const exact = async (upTo: number) => {
      const vectors = await embedder.embed(
        passages.map(({ title, text }) => `${title}. ${text}`),
        'passage',
      );
      const [q0 = 0, q1 = 0] = await embedder.embed(['blue red'], 'query');
      return Array.from(
        { length: upTo },
        (_, i) => q0 * (vectors[2 * i] ?? 0) + q1 * (vectors[2 * i + 1] ?? 0),
      )
        .sort((a, b) => b - a)
        .slice(0, 5);
    };
    const scores = async () => (await retriever.search(['blue red'], 5))[0]!.map(({ score }) => score);
    const close = async (upTo: number) => {
      const [found, wanted] = [await scores(), await exact(upTo)];
      found.forEach((score, i) => expect(score).toBeCloseTo(wanted[i]!, 5));
    };
    await close(512);
    await build(store, corpus);
    await close(1000);
    expect(await retriever.grow?.()).toEqual({ done: 1000, total: 1000 });
    expect(retriever.space?.vectors).toHaveLength(2000);
    // Each found one is the passage whose vector that was.
    const [found] = await retriever.search(['green', 'red blue'], 1000);
    expect(new Set(found?.map(({ passage }) => passage.id)).size).toBe(1000);
    for (const { passage } of found ?? []) expect(passages[Number(passage.id.slice(1))]).toEqual(passage);
  });
});
