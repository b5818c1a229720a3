import type { Retriever } from '../../src/retrieval/retriever.ts';
import type { World } from '../../src/world/types.ts';

export interface HopAccuracy {
  /** Distinct pairs of query and gold passage. */
  readonly queries: number;
  /** Share whose gold passage comes first, and among the first three. */
  readonly top1: number;
  readonly top3: number;
}

/** How often a well-formed query for one hop finds the passage that states it, over all hops of all questions. */
export async function hopAccuracy(retriever: Retriever, world: World): Promise<HopAccuracy> {
  const hops = new Map(
    world.questions.flatMap(({ chain }) => chain ?? []).map((hop) => [`${hop.passageId}\n${hop.query}`, hop]),
  );
  const wanted = [...hops.values()];
  const found = await retriever.search(
    wanted.map(({ query }) => query),
    3,
  );
  let first = 0;
  let amongThree = 0;
  wanted.forEach(({ passageId }, i) => {
    const rank = found[i]!.findIndex(({ passage }) => passage.id === passageId);
    if (rank === 0) first++;
    if (rank >= 0) amongThree++;
  });
  return { queries: wanted.length, top1: first / wanted.length, top3: amongThree / wanted.length };
}
