import type { Trace } from '../traces/trace.ts';
import type { Question } from '../world/types.ts';

/** The rollouts of one question in one batch, with what the advantage was taken from. */
export interface GroupResult {
  readonly group: number;
  readonly question: Question;
  readonly traces: readonly Trace[];
  /** Of what each rollout learns from: its reward and what its length costs. */
  readonly meanReward: number;
  /** Unbiased, as in the paper's code. */
  readonly stdReward: number;
}
