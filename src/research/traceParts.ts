import type { RetrievedPassage } from '../retrieval/retriever.ts';
import type { Trace, TracePassage } from '../traces/trace.ts';
import type { Question } from '../world/types.ts';

/** What a trace keeps of its question. */
export function traceQuestion({
  id,
  text,
  golds,
  set,
  chain,
  hops = chain?.length,
}: Question): Trace['question'] {
  return { id, text, golds, set, ...(hops === undefined ? {} : { hops }) };
}

/** Ids of the passages on a question's gold chain, where that is known. */
export const goldPassages = ({ chain }: Question): ReadonlySet<string> | undefined =>
  chain && new Set(chain.map((hop) => hop.passageId));

/** What a trace keeps of a passage; `gold`: see `goldPassages`. */
export function tracePassage(
  { passage, score }: RetrievedPassage,
  gold: ReadonlySet<string> | undefined,
): TracePassage {
  const { id, title, text } = passage;
  return { id, title, text, score, ...(gold === undefined ? {} : { gold: gold.has(id) }) };
}
