import { earned } from '../traces/earned.ts';
import type { Trace } from '../traces/trace.ts';
import { haveNoSpread } from './advantage.ts';
import { lossTokens } from './packing.ts';
import { TokenRecord } from './tokenRecord.ts';
import type { Variant } from './variants/variant.ts';

export interface GroupRecords {
  /** A record a rollout, with its advantage, as the groups were given. */
  readonly records: readonly (readonly TokenRecord[])[];
  /** Those that are learned from and counted; the variant leaves the others out. */
  readonly trained: readonly TokenRecord[];
  /** Share of groups whose rewards are all equal. */
  readonly zeroSpreadGroups: number;
}

/**
 * Rewards of groups → advantages.
 * @throws when a trace has no reward
 */
export function recordsOf(
  groups: readonly (readonly Trace[])[],
  { advantages: advantagesOf, leavesOut }: Variant,
  { divideByStd, maskResults }: { readonly divideByStd: boolean; readonly maskResults: boolean },
): GroupRecords {
  const rewarded = groups.map((group) => ({
    rewards: group.map(rewardOf),
    tokens: group.map((trace) => lossTokens(trace, maskResults).length),
  }));
  const advantages = advantagesOf(rewarded, divideByStd);
  const records = groups.map((group, g) =>
    group.map((trace, i) => new TokenRecord(trace, advantages[g]?.[i] ?? 0)),
  );
  const trained = records.flatMap((group, g) => {
    const of = rewarded[g];
    if (leavesOut === undefined || of === undefined) return group;
    return group.filter(({ advantage }) => !leavesOut(advantage, of));
  });
  const zeroSpread = rewarded.filter(({ rewards }) => haveNoSpread(rewards)).length;
  return { records, trained, zeroSpreadGroups: zeroSpread / Math.max(1, groups.length) };
}

function rewardOf(trace: Trace): number {
  if (trace.reward === undefined) throw new Error(`Trace ${trace.id} has no reward to learn from.`);
  return earned(trace);
}
