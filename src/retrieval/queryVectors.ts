import type { Embedder } from './embedder.ts';

/** Queries remembered: a group asks the same ones again and again. */
const QUERY_MEMORY = 4096;

/** Vectors of queries; one that was asked before is not embedded again, the least recently asked forgotten first. */
export class QueryVectors {
  private readonly embedder: Embedder;
  private readonly vectors = new Map<string, Float32Array>();

  constructor(embedder: Embedder) {
    this.embedder = embedder;
  }

  /** Flat [queries, dimension]. */
  async of(queries: readonly string[]): Promise<Float32Array> {
    const { dimension } = this.embedder;
    const found = new Map<string, Float32Array>();
    const missing: string[] = [];
    for (const query of new Set(queries)) {
      const known = this.get(query);
      if (known === undefined) missing.push(query);
      else found.set(query, known);
    }
    if (missing.length > 0) {
      const embedded = await this.embedder.embed(missing, 'query');
      missing.forEach((query, row) => {
        const vector = embedded.slice(row * dimension, (row + 1) * dimension);
        found.set(query, vector);
        this.set(query, vector);
      });
    }
    const flat = new Float32Array(queries.length * dimension);
    queries.forEach((query, row) => flat.set(found.get(query)!, row * dimension));
    return flat;
  }

  private get(text: string): Float32Array | undefined {
    const vector = this.vectors.get(text);
    if (vector !== undefined) {
      this.vectors.delete(text);
      this.vectors.set(text, vector);
    }
    return vector;
  }

  private set(text: string, vector: Float32Array): void {
    this.vectors.set(text, vector);
    if (this.vectors.size > QUERY_MEMORY) {
      const oldest = this.vectors.keys().next();
      if (!oldest.done) this.vectors.delete(oldest.value);
    }
  }
}
