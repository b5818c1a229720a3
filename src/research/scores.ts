import { traceMeans } from '../traces/means.ts';
import type { Trace } from '../traces/trace.ts';

/** Scores of one policy on one set of questions. `em`… greedy as in the paper; `emSampled` at temperature 1. */
export interface Scores {
  readonly n: number;
  readonly em: number;
  readonly f1: number;
  readonly reward: number;
  readonly searches: number;
  readonly responseTokens: number;
  /** Share of rollouts that correct themselves. */
  readonly selfCorrections: number;
  readonly emSampled: number;
  /** EM by number of hops, where chains are known. */
  readonly emByHops?: Readonly<Record<string, { readonly n: number; readonly em: number }>>;
}

/** Scores from one greedy and one sampled rollout a question (either may be of fewer questions, or none). */
export function scoresOf(greedy: readonly Trace[], sampled: readonly Trace[]): Scores {
  const { em, f1, reward, searches, responseTokens, selfCorrections } = traceMeans(greedy);
  const emSampled = traceMeans(sampled).em;
  const byHops = new Map<number, Trace[]>();
  for (const trace of greedy) {
    const hops = trace.question.hops;
    if (hops !== undefined) byHops.set(hops, [...(byHops.get(hops) ?? []), trace]);
  }
  const emByHops = Object.fromEntries(
    [...byHops]
      .sort(([a], [b]) => a - b)
      .map(([hops, traces]) => [String(hops), { n: traces.length, em: traceMeans(traces).em }]),
  );
  const base = { n: greedy.length, em, f1, reward, searches, responseTokens, selfCorrections, emSampled };
  return byHops.size === 0 ? base : { ...base, emByHops };
}
