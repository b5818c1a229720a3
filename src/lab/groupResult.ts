import type { GroupResult } from '../research/groups.ts';
import { earned } from '../traces/earned.ts';
import type { Trace } from '../traces/trace.ts';
import type { Question } from '../world/types.ts';

/** A group with mean and spread of what its rollouts earned. */
export function groupResult(
  group: number,
  question: Question | undefined,
  traces: readonly Trace[],
): GroupResult {
  if (!question) throw new RangeError(`group ${String(group)} has no question`);
  const rewards = traces.map(earned);
  const meanReward = rewards.reduce((a, b) => a + b, 0) / Math.max(1, rewards.length);
  const squares = rewards.reduce((sum, r) => sum + (r - meanReward) ** 2, 0);
  const stdReward = Math.sqrt(squares / Math.max(1, rewards.length - 1));
  return { group, question, traces, meanReward, stdReward };
}
