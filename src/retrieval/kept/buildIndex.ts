import { passageText } from '../denseRetriever.ts';
import type { Embedder } from '../embedder.ts';
import type { KeptPassages } from './keptCorpus.ts';
import type { KeptIndex } from './keptIndex.ts';

/** Passages embedded between two looks at the signal. It divides SHARD. */
const BATCH = 64;

export interface BuildProgress {
  /** Passages that have vectors, those kept from before among them. */
  readonly done: number;
  /** Those of them whose vectors are on file, and can be searched. */
  readonly kept: number;
  readonly total: number;
  /** Passages embedded since this began, and the seconds that took. */
  readonly embedded: number;
  readonly seconds: number;
}

/**
 * Embeds what an index lacks, shard by shard, and keeps each as soon as it is whole: stopped at any time, it goes on
 * where it was. Batches always begin at the same passages, so that vectors do not depend on how often it was stopped.
 * A shard that is torn is made again. Rejects with the signal's reason when stopped.
 */
export async function buildIndex(
  index: KeptIndex,
  passages: Pick<KeptPassages, 'corpus' | 'rows'>,
  embedder: Embedder,
  onProgress: (progress: BuildProgress) => void,
  signal?: AbortSignal,
): Promise<void> {
  const { dimension } = index.model;
  if (embedder.dimension !== dimension) {
    throw new Error(
      `${embedder.name} gives ${embedder.dimension} dimensions; this index was begun with ${dimension}. Delete the index.`,
    );
  }
  const total = passages.corpus.passages;
  let embedded = 0;
  let milliseconds = 0;
  const tell = (done: number, kept: number): void =>
    onProgress({ done, kept, total, embedded, seconds: milliseconds / 1000 });
  for (let shard = 0; shard < index.shards; shard++) {
    const [first, count] = index.rowsOf(shard);
    signal?.throwIfAborted();
    if ((await index.read(shard)) === undefined) {
      const vectors = new Float32Array(count * dimension);
      for (let at = 0; at < count; at += BATCH) {
        signal?.throwIfAborted();
        const batch = await passages.rows(first + at, Math.min(count - at, BATCH));
        const began = performance.now();
        vectors.set(await embedder.embed(batch.map(passageText), 'passage'), at * dimension);
        milliseconds += performance.now() - began;
        embedded += batch.length;
        tell(first + at + batch.length, first);
      }
      await index.write(shard, vectors);
    }
    tell(first + count, first + count);
  }
}
