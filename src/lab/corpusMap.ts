import { placesOn, principalPlane, type PrincipalPlane } from '../retrieval/principalPlane.ts';
import type { Retriever, VectorSpace } from '../retrieval/retriever.ts';
import type { LabEvent, LabRequest } from './protocol.ts';

type MapAnswer = Omit<Extract<LabEvent, { type: 'map' }>, 'type' | 'id'>;
type NearAnswer = Omit<Extract<LabEvent, { type: 'near' }>, 'type' | 'id'>;
type Near = Extract<LabRequest, { type: 'near' }>;

/** Vectors that the plane is found by: so many show how all spread, and more would take seconds. */
const MOST_FOR_PLANE = 8192;

interface Drawn {
  /** Vectors that there were. */
  readonly size: number;
  readonly plane: PrincipalPlane;
  readonly sample: number;
}

/** The vectors of a corpus as a map of two dimensions, and what lies near what in all of them. */
export class CorpusMap {
  private readonly ids: readonly string[];
  private readonly space: VectorSpace;
  private readonly retriever: Retriever;
  private drawn: Drawn | undefined;

  /**
   * @param ids of the passages, in the order of the corpus
   * @throws where passages are found without vectors
   */
  constructor(ids: readonly string[], retriever: Retriever) {
    if (retriever.space === undefined) {
      throw new Error(
        `These passages are found by ${retriever.label}, which has no vectors to draw a map of.`,
      );
    }
    this.ids = ids;
    this.retriever = retriever;
    this.space = retriever.space;
  }

  /** The map of what has vectors by now. @throws where nothing has */
  async map(): Promise<MapAnswer> {
    await this.retriever.grow?.();
    const { vectors, dimension } = this.space;
    const size = vectors.length / dimension;
    if (size === 0) throw new Error('No passage of this corpus has a vector yet. Go on with its index.');
    if (this.drawn?.size !== size) {
      const sample = evenSample(vectors, dimension, MOST_FOR_PLANE);
      this.drawn = { size, sample: sample.length / dimension, plane: principalPlane(sample, dimension) };
    }
    const { plane, sample } = this.drawn;
    return { at: placesOn(plane, vectors), shares: plane.shares, sample };
  }

  /** The k nearest passages of each query or passage by the cosine of the whole vectors; a passage is not its own. */
  async near({ to, k }: Pick<Near, 'to' | 'k'>): Promise<NearAnswer> {
    if (this.drawn === undefined) await this.map();
    const plane = this.drawn?.plane;
    if (plane === undefined) throw new Error('The map is not drawn yet.');
    const searched = await this.retriever.grow?.();
    const { dimension, vectors, search } = this.space;
    const queries = to.flatMap((one) => ('query' in one ? [one.query] : []));
    const embedded = queries.length === 0 ? new Float32Array() : await this.space.embed(queries);
    const all = new Float32Array(to.length * dimension);
    let nextQuery = 0;
    to.forEach((one, place) => {
      const [from, row] = 'query' in one ? [embedded, nextQuery++] : [vectors, this.rowOf(one.passage)];
      all.set(from.subarray(row * dimension, (row + 1) * dimension), place * dimension);
    });
    const at = placesOn(plane, all);
    const found = search(all, k + 1).map((neighbours, place) => {
      const one = to[place];
      const own = one !== undefined && 'passage' in one ? one.passage : undefined;
      return {
        at: [at[2 * place] ?? 0, at[2 * place + 1] ?? 0] as const,
        passages: neighbours
          .map(({ row, score }) => ({ id: this.ids[row] ?? '', score }))
          .filter(({ id }) => id !== own)
          .slice(0, k),
      };
    });
    return { found, ...(searched === undefined ? {} : { searched }) };
  }

  private rowOf(id: string): number {
    const row = this.ids.indexOf(id);
    if (row < 0) throw new Error(`No passage of the open corpus has the id “${id}”.`);
    if (row >= this.space.vectors.length / this.space.dimension) {
      throw new Error('This passage has no vector yet: the index is not that far.');
    }
    return row;
  }
}

/** All vectors, or every so-manieth of them: flat [at most `most`, dimension]. */
function evenSample(vectors: Float32Array, dimension: number, most: number): Float32Array {
  const size = vectors.length / dimension;
  if (size <= most) return vectors;
  const sample = new Float32Array(most * dimension);
  for (let i = 0; i < most; i++) {
    const row = Math.floor((i * size) / most);
    sample.set(vectors.subarray(row * dimension, (row + 1) * dimension), i * dimension);
  }
  return sample;
}
