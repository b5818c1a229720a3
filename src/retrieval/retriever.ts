/** A passage of a corpus. A title is not a key: two passages may share one. */
export interface Passage {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

export interface RetrievedPassage {
  readonly passage: Passage;
  /** Similarity; higher is nearer. Cosine for the dense index, BM25 for the lexical one. */
  readonly score: number;
}

/** What an index of vectors knows beside its answers. */
export interface VectorSpace {
  readonly dimension: number;
  /** Flat [passages, dimension], in the order of the corpus. */
  readonly vectors: Float32Array;
  /** Flat [queries, dimension]. */
  readonly embed: (queries: readonly string[]) => Promise<Float32Array>;
  /** The k rows of `vectors` nearest to each of the given vectors (flat), best first. */
  readonly search: (vectors: Float32Array, k: number) => { readonly row: number; readonly score: number }[][];
}

/** Passages that a search covers, of all there are. */
export interface Coverage {
  readonly done: number;
  readonly total: number;
}

/** Finds the k passages nearest to each query, best first. Results of a query do not depend on the others. */
export interface Retriever {
  /** For people: the embedding model's name, or "BM25". */
  readonly label: string;
  /** Of those that search by vectors. */
  readonly space?: VectorSpace;
  /** Of those whose index is still being made: looks for what is new in it, and says how many passages it searches. */
  readonly grow?: () => Promise<Coverage>;
  search(queries: readonly string[], k: number): Promise<RetrievedPassage[][]>;
}
