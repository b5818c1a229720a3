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

/** Finds the k passages nearest to each query, best first. Results of a query do not depend on the others. */
export interface Retriever {
  /** For people: the embedding model's name, or "BM25". */
  readonly label: string;
  search(queries: readonly string[], k: number): Promise<RetrievedPassage[][]>;
}
