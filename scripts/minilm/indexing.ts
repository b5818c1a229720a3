import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmbedderFiles } from '../../src/retrieval/embedderFiles.ts';
import { embedderId } from '../../src/retrieval/embedderId.ts';
import { buildIndex, type BuildProgress } from '../../src/retrieval/kept/buildIndex.ts';
import { keepCorpus, KeptPassages } from '../../src/retrieval/kept/keptCorpus.ts';
import { KeptIndex, listIndexes } from '../../src/retrieval/kept/keptIndex.ts';
import { createKeptRetriever } from '../../src/retrieval/kept/keptRetriever.ts';
import { PlacedPassages } from '../../src/retrieval/kept/placedPassages.ts';
import { createOnnxEmbedder } from '../../src/retrieval/onnxEmbedder.ts';
import type { Passage } from '../../src/retrieval/retriever.ts';
import { madeUpPassages } from '../madeUpPassages.ts';
import { folderStore } from './folderStore.ts';

/** Where it is broken off once, as a share of all. */
const STOPPED_AT = 0.3;
const TELL_EVERY_MS = 30_000;
const SEARCHES = 20;

class Stopped extends Error {}

/**
 * Indexes made-up passages as the page does, passages and vectors on file: broken off once, opened anew by another
 * session of the model, gone on with, searched. Prints rates and memory.
 */
export async function indexOnce(files: EmbedderFiles, count: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'index-'));
  try {
    const passages = madeUpPassages(count);
    const { id } = await keepCorpus(folderStore(folder), `${count} made-up passages`, inPortions(passages));
    const before = await part(files, folder, id, Math.floor(STOPPED_AT * count));
    const { corpus } = await KeptPassages.open(folderStore(folder), id);
    const [there] = await listIndexes(folderStore(folder), corpus);
    console.log(`broken off at ${before.done}; ${there?.done ?? 0} passages are on file`);
    const after = await part(files, folder, id, Infinity);
    if (after.done !== count || after.embedded !== count - (there?.done ?? 0)) {
      throw new Error(`${after.embedded} passages were embedded after it, of ${count}`);
    }
    const rate = (before.embedded + after.embedded) / (before.seconds + after.seconds);
    const { maxRSS } = process.resourceUsage();
    console.log(
      `${count} passages of ${(corpus.bytes / count).toFixed(0)} bytes, on one thread: ` +
        `${rate.toFixed(1)} a second; memory of the process at most ${(maxRSS / 1024).toFixed(0)} MiB`,
    );
    await search(files, folder, id, passages);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* inPortions(passages: readonly Passage[]): AsyncGenerator<readonly Passage[]> {
  for (let at = 0; at < passages.length; at += 500) yield await Promise.resolve(passages.slice(at, at + 500));
}

/** One sitting: until `stopAt` passages are embedded, or to the end. */
async function part(
  files: EmbedderFiles,
  folder: string,
  id: string,
  stopAt: number,
): Promise<BuildProgress> {
  const store = folderStore(folder);
  const kept = await KeptPassages.open(store, id);
  const embedder = await createOnnxEmbedder(files);
  const { name, dimension } = embedder;
  const index = await KeptIndex.begin(store, kept.corpus, { id: await embedderId(files), name, dimension });
  const stop = new AbortController();
  let last: BuildProgress = { done: 0, kept: 0, total: kept.corpus.passages, embedded: 0, seconds: 0 };
  let told = performance.now();
  try {
    await buildIndex(
      index,
      kept,
      embedder,
      (progress) => {
        last = progress;
        if (progress.embedded >= stopAt) stop.abort(new Stopped());
        if (performance.now() - told < TELL_EVERY_MS) return;
        told = performance.now();
        console.log(
          `${progress.done} of ${progress.total}, ${(progress.embedded / progress.seconds).toFixed(1)} a second`,
        );
      },
      stop.signal,
    );
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  } finally {
    await embedder.dispose();
  }
  return last;
}

async function search(
  files: EmbedderFiles,
  folder: string,
  id: string,
  passages: readonly Passage[],
): Promise<void> {
  const store = folderStore(folder);
  const began = performance.now();
  const kept = await KeptPassages.open(store, id);
  const index = await KeptIndex.open(store, kept.corpus, await embedderId(files));
  const embedder = await createOnnxEmbedder(files);
  const retriever = await createKeptRetriever(index, await PlacedPassages.open(kept), embedder);
  console.log(`opened in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  const times: number[] = [];
  for (let i = 0; i < SEARCHES; i++) {
    const title = passages[Math.floor((i / SEARCHES) * passages.length)]?.title ?? '';
    const asked = performance.now();
    await retriever.search([`${title} born`], 5);
    times.push(performance.now() - asked);
  }
  times.sort((a, b) => a - b);
  console.log(
    `a search, its query embedded: median ${(times[SEARCHES / 2] ?? NaN).toFixed(0)} ms, most ${(times.at(-1) ?? NaN).toFixed(0)} ms`,
  );
  await embedder.dispose();
}
