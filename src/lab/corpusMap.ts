import { placesOn, principalPlane, type PrincipalPlane } from '../retrieval/principalPlane.ts';
import type { Retriever, VectorSpace } from '../retrieval/retriever.ts';
import type { Passage } from '../retrieval/retriever.ts';
import type { LabEvent, LabRequest } from './protocol.ts';

type MapAnswer = Omit<Extract<LabEvent, { type: 'map' }>, 'type' | 'id'>;
type NearAnswer = Omit<Extract<LabEvent, { type: 'near' }>, 'type' | 'id'>;
type Near = Extract<LabRequest, { type: 'near' }>;

/** The vectors of a corpus as a map of two dimensions, and what lies near what in all of them. */
export class CorpusMap {
  private readonly passages: readonly Passage[];
  private readonly space: VectorSpace;
  private readonly plane: PrincipalPlane;

  /** @throws where passages are found without vectors */
  constructor(passages: readonly Passage[], retriever: Retriever) {
    if (retriever.space === undefined) {
      throw new Error(
        `These passages are found by ${retriever.label}, which has no vectors to draw a map of.`,
      );
    }
    this.passages = passages;
    this.space = retriever.space;
    this.plane = principalPlane(this.space.vectors, this.space.dimension);
  }

  map(): MapAnswer {
    return { at: placesOn(this.plane, this.space.vectors), shares: this.plane.shares };
  }

  /** The k nearest passages of each query or passage by the cosine of the whole vectors; a passage is not its own. */
  async near({ to, k }: Pick<Near, 'to' | 'k'>): Promise<NearAnswer> {
    const { dimension, vectors, search } = this.space;
    const queries = to.flatMap((one) => ('query' in one ? [one.query] : []));
    const embedded = queries.length === 0 ? new Float32Array() : await this.space.embed(queries);
    const all = new Float32Array(to.length * dimension);
    let nextQuery = 0;
    to.forEach((one, place) => {
      const [from, row] = 'query' in one ? [embedded, nextQuery++] : [vectors, this.rowOf(one.passage)];
      all.set(from.subarray(row * dimension, (row + 1) * dimension), place * dimension);
    });
    const at = placesOn(this.plane, all);
    const found = search(all, k + 1).map((neighbours, place) => {
      const one = to[place];
      const own = one !== undefined && 'passage' in one ? one.passage : undefined;
      return {
        at: [at[2 * place] ?? 0, at[2 * place + 1] ?? 0] as const,
        passages: neighbours
          .map(({ row, score }) => ({ id: this.passages[row]?.id ?? '', score }))
          .filter(({ id }) => id !== own)
          .slice(0, k),
      };
    });
    return { found };
  }

  private rowOf(id: string): number {
    const row = this.passages.findIndex((passage) => passage.id === id);
    if (row < 0) throw new Error(`No passage of the open corpus has the id “${id}”.`);
    return row;
  }
}
