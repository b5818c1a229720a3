import type { Trace } from './trace.ts';

/** What a rollout learns from: its reward and what its length costs; 0 without a reward. */
export function earned({ reward }: Pick<Trace, 'reward'>): number {
  return reward === undefined ? 0 : reward.value + (reward.shaping ?? 0);
}
