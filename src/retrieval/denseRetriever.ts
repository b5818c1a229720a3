import type { Embedder } from './embedder.ts';
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
/** Queries remembered: a group asks the same ones again and again. */
const QUERY_MEMORY = 4096;

/** How a passage is put to the embedding model. */
export const passageText = ({ title, text }: Passage): string => (title === '' ? text : `${title}. ${text}`);

/** Vectors by text, the least recently used forgotten first. */
class VectorMemory {
  private readonly vectors = new Map<string, Float32Array>();
  private readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get(text: string): Float32Array | undefined {
    const vector = this.vectors.get(text);
    if (vector !== undefined) {
      this.vectors.delete(text);
      this.vectors.set(text, vector);
    }
    return vector;
  }

  set(text: string, vector: Float32Array): void {
    this.vectors.set(text, vector);
    if (this.vectors.size > this.capacity) {
      const oldest = this.vectors.keys().next();
      if (!oldest.done) this.vectors.delete(oldest.value);
    }
  }
}

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
  const memory = new VectorMemory(QUERY_MEMORY);

  return {
    label: embedder.name,
    space: {
      dimension,
      vectors,
      embed: (queries) => embedder.embed(queries, 'query'),
      search: (queries, k) => index.search(queries, k),
    },
    async search(queries, k) {
      const found = new Map<string, Float32Array>();
      const missing: string[] = [];
      for (const query of new Set(queries)) {
        const known = memory.get(query);
        if (known === undefined) missing.push(query);
        else found.set(query, known);
      }
      if (missing.length > 0) {
        const embedded = await embedder.embed(missing, 'query');
        missing.forEach((query, row) => {
          const vector = embedded.slice(row * dimension, (row + 1) * dimension);
          found.set(query, vector);
          memory.set(query, vector);
        });
      }
      const flat = new Float32Array(queries.length * dimension);
      queries.forEach((query, row) => flat.set(found.get(query)!, row * dimension));
      return index
        .search(flat, k)
        .map((neighbours) => neighbours.map(({ row, score }) => ({ passage: passages[row]!, score })));
    },
  };
}
