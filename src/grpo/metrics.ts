import { behaviourShares, type BehaviourShares } from '../traces/behaviours.ts';
import { generatedTokens, traceMeans, type TraceMeans } from '../traces/means.ts';
import type { Trace } from '../traces/trace.ts';

/** One row of the learning curves. Fractions are 0…1; tokens are counts; seconds are seconds. */
export interface StepMetrics extends TraceMeans {
  readonly step: number;
  /** Share of the update's rollouts that show each behaviour. Absent in runs recorded before it was counted. */
  readonly behaviours?: BehaviourShares;
  /** Mean over the tokens written, under the policy that sampled them. */
  readonly entropy: number;
  /** Mean k3 KL against the reference over the trained tokens; 0 when not computed. */
  readonly kl: number;
  readonly clipFraction: number;
  /** Share of groups whose rewards are all equal: they teach nothing. */
  readonly zeroSpreadGroups: number;
  /** Before clipping; mean over the optimiser steps of the update. */
  readonly gradNorm: number;
  readonly secondsRollout: number;
  readonly secondsTrain: number;
  readonly tokensGenerated: number;
  /** Tokens run forward and backward. */
  readonly tokensTrained: number;
}

/** What the update itself measured. */
export type UpdateStats = Pick<
  StepMetrics,
  'kl' | 'clipFraction' | 'zeroSpreadGroups' | 'gradNorm' | 'tokensTrained'
> & {
  /** Loss of each optimiser step, as minimised. */
  readonly losses: readonly number[];
  /** Largest |log π_θ − log π_old| in the first pass before any optimiser step: sampling against training. */
  readonly samplingGap: number;
  readonly learningRate: number;
};

/** Means over the rollouts of a batch, with what they cost. */
export type RolloutStats = TraceMeans & Pick<StepMetrics, 'entropy' | 'tokensGenerated'>;

export function rolloutStats(traces: readonly Trace[]): RolloutStats {
  const entropies = traces.flatMap(({ tokens }) =>
    (tokens.entropies ?? []).filter((entropy) => entropy !== null),
  );
  return {
    ...traceMeans(traces),
    entropy: entropies.reduce((sum, entropy) => sum + entropy, 0) / Math.max(1, entropies.length),
    tokensGenerated: traces.reduce((sum, trace) => sum + generatedTokens(trace), 0),
  };
}

/** One row of the curves. */
export function stepMetrics(
  step: number,
  traces: readonly Trace[],
  update: UpdateStats,
  seconds: { readonly rollout: number; readonly train: number },
): StepMetrics {
  const { kl, clipFraction, zeroSpreadGroups, gradNorm, tokensTrained } = update;
  return {
    step,
    ...rolloutStats(traces),
    behaviours: behaviourShares(traces),
    kl,
    clipFraction,
    zeroSpreadGroups,
    gradNorm,
    tokensTrained,
    secondsRollout: seconds.rollout,
    secondsTrain: seconds.train,
  };
}
