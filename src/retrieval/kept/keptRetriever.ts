import type { Embedder } from '../embedder.ts';
import { QueryVectors } from '../queryVectors.ts';
import type { Coverage, Retriever } from '../retriever.ts';
import { createGrowingIndex } from '../vectorIndex.ts';
import { SHARD, type KeptIndex } from './keptIndex.ts';
import type { PlacedPassages } from './placedPassages.ts';

/**
 * Searches a kept index, also while it is being made: before each search it takes up what has been written since the
 * last one. Passages without vectors are not found. Vectors are in memory, passages are read when they are found.
 */
export async function createKeptRetriever(
  kept: KeptIndex,
  passages: Pick<PlacedPassages, 'length' | 'at'>,
  embedder: Embedder,
): Promise<Retriever> {
  const { dimension } = kept.model;
  if (embedder.dimension !== dimension) {
    throw new Error(
      `${embedder.name} gives ${embedder.dimension} dimensions, the index by ${kept.model.name} has ${dimension}.`,
    );
  }
  const index = createGrowingIndex(passages.length, dimension);
  const asked = new QueryVectors(embedder);
  let growing: Promise<Coverage> | undefined;

  const takeUp = async (): Promise<Coverage> => {
    while (index.size < passages.length) {
      const vectors = await kept.read(index.size / SHARD);
      if (vectors === undefined) break;
      index.append(vectors);
    }
    return { done: index.size, total: passages.length };
  };
  // One after the other: two would append the same shard.
  const grow = (): Promise<Coverage> =>
    (growing ??= takeUp().finally(() => {
      growing = undefined;
    }));
  await grow();

  return {
    label: `${kept.model.name}, kept`,
    grow,
    space: {
      dimension,
      get vectors() {
        return index.rows();
      },
      embed: (queries) => embedder.embed(queries, 'query'),
      search: (queries, k) => index.search(queries, k),
    },
    async search(queries, k) {
      const vectors = await asked.of(queries);
      await grow();
      const found = index.search(vectors, k);
      const rows = [...new Set(found.flatMap((neighbours) => neighbours.map(({ row }) => row)))];
      const read = await passages.at(rows);
      const passageAt = new Map(rows.map((row, i) => [row, read[i]!]));
      return found.map((neighbours) =>
        neighbours.map(({ row, score }) => ({ passage: passageAt.get(row)!, score })),
      );
    },
  };
}
