import { commonPrefix } from '../../traces/compare.ts';
import type { RolloutEntry } from './rolloutList.ts';

/** The rollout of a group to put beside another: of those that earned otherwise, the one that parts from it latest. */
export function instructiveMate(entry: RolloutEntry): RolloutEntry | undefined {
  const others = entry.group.entries.filter((other) => other !== entry);
  const otherwise = others.filter((other) => other.trace.reward?.value !== entry.trace.reward?.value);
  const from = otherwise.length > 0 ? otherwise : others;
  return from
    .map((other) => ({ other, common: commonPrefix(entry.trace, other.trace) }))
    .sort((a, b) => b.common - a.common)[0]?.other;
}
