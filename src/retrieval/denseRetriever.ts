import type { Embedder } from './embedder.ts';
import { QueryVectors } from './queryVectors.ts';
import type { Passage, Retriever } from './retriever.ts';
import { createVectorIndex } from './vectorIndex.ts';

export interface DenseRetrieverOptions {
  /** Called after every batch of the corpus with the number of passages embedded so far. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
  /** Passages embedded between two progress calls. */
  readonly batchSize?: number;
}

const DEFAULT_BATCH = 64;
/** How a passage is put to the embedding model. */
export const passageText = ({ title, text }: Passage): string => (title === '' ? text : `${title}. ${text}`);

/**
 * Embeds every passage, then answers queries by exact nearest neighbours. Rejects with the signal's reason when
 * aborted; nothing is kept then.
 */
export async function createDenseRetriever(
  embedder: Embedder,
  passages: readonly Passage[],
  options: DenseRetrieverOptions = {},
): Promise<Retriever> {
  const { onProgress, signal, batchSize = DEFAULT_BATCH } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new Error(`Dense retriever: batchSize must be a positive whole number, not ${batchSize}.`);
  }
  const { dimension } = embedder;
  const vectors = new Float32Array(passages.length * dimension);
  for (let start = 0; start < passages.length; start += batchSize) {
    signal?.throwIfAborted();
    const batch = passages.slice(start, start + batchSize);
    vectors.set(await embedder.embed(batch.map(passageText), 'passage'), start * dimension);
    onProgress?.(start + batch.length, passages.length);
  }
  signal?.throwIfAborted();
  const index = createVectorIndex(vectors, dimension);
  const asked = new QueryVectors(embedder);

  return {
    label: embedder.name,
    space: {
      dimension,
      vectors,
      embed: (queries) => embedder.embed(queries, 'query'),
      search: (queries, k) => index.search(queries, k),
    },
    async search(queries, k) {
      return index
        .search(await asked.of(queries), k)
        .map((neighbours) => neighbours.map(({ row, score }) => ({ passage: passages[row]!, score })));
    },
  };
}
