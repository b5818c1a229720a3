import { traceMeans } from '../traces/means.ts';
import type { Trace } from '../traces/trace.ts';
import type { QuestionSet } from '../world/types.ts';
import { bootstrapMean95 } from './bootstrap.ts';
import type { MethodName } from './methodNames.ts';

/** Fractions 0 … 1; searches and tokens are means a question. */
export interface RowNumbers {
  readonly n: number;
  readonly em: number;
  readonly f1: number;
  readonly searches: number;
  /** 95 % bootstrap interval of `em`. */
  readonly ci95: readonly [low: number, high: number];
}

/** One method on one set, greedy. */
export interface EvaluationRow extends RowNumbers {
  readonly method: MethodName;
  readonly set: QuestionSet;
  /** 95 % bootstrap interval of `f1`. */
  readonly f1Ci95: readonly [low: number, high: number];
  /** Written by the policy itself. */
  readonly responseTokens: number;
  /** Share of rollouts that correct themselves. */
  readonly selfCorrections: number;
  /** By number of hops, where that is known of any question. */
  readonly byHops?: Readonly<Record<string, RowNumbers>>;
  /** Correlation (Pearson) of a question's searches with its hops; null where one of them is always the same. */
  readonly searchesByHops: number | null;
  /** EM of one answer a question at temperature 1, where that was asked for. */
  readonly emSampled?: number;
}

/**
 * The row of a cell.
 * @param seed of the bootstrap
 * @throws if there is no trace
 */
export function rowOf(
  method: MethodName,
  set: QuestionSet,
  greedy: readonly Trace[],
  seed: number,
  sampled: readonly Trace[] = [],
): EvaluationRow {
  const { responseTokens, selfCorrections } = traceMeans(greedy);
  const hops = [...new Set(greedy.flatMap(({ question }) => question.hops ?? []))].sort((a, b) => a - b);
  const byHops = Object.fromEntries(
    hops.map((count) => [
      String(count),
      numbersOf(
        greedy.filter(({ question }) => question.hops === count),
        seed,
      ),
    ]),
  );
  return {
    method,
    set,
    ...numbersOf(greedy, seed),
    f1Ci95: bootstrapMean95(
      greedy.map(({ reward }) => reward?.f1 ?? 0),
      seed,
    ),
    responseTokens,
    selfCorrections,
    searchesByHops: correlation(
      greedy.flatMap(({ question, searches }) =>
        question.hops === undefined ? [] : [[question.hops, searches.length] as const],
      ),
    ),
    ...(hops.length === 0 ? {} : { byHops }),
    ...(sampled.length === 0 ? {} : { emSampled: traceMeans(sampled).em }),
  };
}

function numbersOf(traces: readonly Trace[], seed: number): RowNumbers {
  const { em, f1, searches } = traceMeans(traces);
  const ems = traces.map(({ reward }) => reward?.em ?? 0);
  return { n: traces.length, em, f1, searches, ci95: bootstrapMean95(ems, seed) };
}

function correlation(pairs: readonly (readonly [number, number])[]): number | null {
  const mean = (of: (pair: readonly [number, number]) => number): number =>
    pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  const x = mean(([a]) => a);
  const y = mean(([, b]) => b);
  const spread = Math.sqrt(mean(([a]) => (a - x) ** 2) * mean(([, b]) => (b - y) ** 2));
  return spread > 0 ? mean(([a, b]) => (a - x) * (b - y)) / spread : null;
}
