import { earned } from '../earned.ts';
import type { Trace } from '../trace.ts';

/** Rollouts that were drawn together, with mean and spread of what they earned where that is told. */
export interface ReadGroup {
  readonly traces: readonly Trace[];
  readonly mean?: number;
  /** Unbiased, as in the paper's code. */
  readonly std?: number;
}

/**
 * Groups rollouts by step and key, in the order they come in. Where no rollout of the file has an advantage, it is
 * worked out for groups whose rewards are all told: (r − mean) / spread, and 0 where there is no spread.
 */
export function groupsOf(rollouts: readonly { readonly trace: Trace; readonly key: string }[]): {
  readonly groups: readonly ReadGroup[];
  readonly advantagesWorkedOut: boolean;
} {
  const byKey = new Map<string, Trace[]>();
  for (const { trace, key } of rollouts) {
    const whole = `${trace.step ?? ''} ${key}`;
    const group = byKey.get(whole);
    if (group === undefined) byKey.set(whole, [trace]);
    else group.push(trace);
  }
  const workOut = rollouts.every(({ trace }) => trace.advantage === undefined);
  const groups = [...byKey.values()].map((traces, group) => groupOf(traces, group, workOut));
  return {
    groups,
    advantagesWorkedOut:
      workOut && groups.some(({ traces }) => traces.some(({ advantage }) => advantage !== undefined)),
  };
}

function groupOf(traces: readonly Trace[], group: number, workOut: boolean): ReadGroup {
  const placed = traces.map((trace, rollout): Trace => ({ ...trace, group, rollout }));
  if (traces.length < 2 || traces.some(({ reward }) => reward === undefined)) return { traces: placed };
  const rewards = traces.map(earned);
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
  const std = Math.sqrt(rewards.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (rewards.length - 1));
  if (!workOut) return { traces: placed, mean, std };
  return {
    traces: placed.map((trace, i) => ({
      ...trace,
      advantage: std === 0 ? 0 : ((rewards[i] ?? mean) - mean) / std,
    })),
    mean,
    std,
  };
}
