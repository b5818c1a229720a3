import type { RewardBranch, Trace } from './trace.ts';

/** Means over rollouts; fractions 0 … 1, counts a rollout. All 0 when there are none. */
export interface TraceMeans {
  readonly reward: number;
  readonly em: number;
  readonly f1: number;
  /** Rollouts whose reward branch is not a format failure. */
  readonly formatRate: number;
  readonly searches: number;
  /** Response tokens without results. */
  readonly responseTokens: number;
  /** Share of rollouts that correct themselves. */
  readonly selfCorrections: number;
}

/** Rollouts without a reward (aborted ones) count as 0. */
export function traceMeans(traces: readonly Trace[]): TraceMeans {
  const mean = (of: (trace: Trace) => number): number =>
    traces.reduce((sum, trace) => sum + of(trace), 0) / Math.max(1, traces.length);
  return {
    reward: mean((trace) => trace.reward?.value ?? 0),
    em: mean((trace) => trace.reward?.em ?? 0),
    f1: mean((trace) => trace.reward?.f1 ?? 0),
    formatRate: mean(({ reward }) => (reward !== undefined && isWellFormed(reward.branch) ? 1 : 0)),
    searches: mean((trace) => trace.searches.length),
    responseTokens: mean(generatedTokens),
    selfCorrections: mean((trace) => (trace.behaviours?.includes('self-correction') === true ? 1 : 0)),
  };
}

/** Response tokens that the policy wrote itself. */
export function generatedTokens(trace: Trace): number {
  return trace.tokens.generated.filter(Boolean).length;
}

/** The branches that are not format failures. */
export type WellFormed = 'right answer, F1' | 'right answer, EM' | 'wrong answer, good format';

export function isWellFormed(branch: RewardBranch): branch is WellFormed {
  return (
    branch === 'right answer, F1' || branch === 'right answer, EM' || branch === 'wrong answer, good format'
  );
}
