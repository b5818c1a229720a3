import type { KeptUpdate } from '../store/labState.ts';

/** Updates in a row that teach nothing before it is told: a batch or two without spread is chance. */
const patience = 5;

/** What to say of a run whose newest updates all taught nothing, and what to do then; undefined where they did. */
export function stalledWords(kept: readonly KeptUpdate[]): string | undefined {
  const newest = kept.slice(-patience);
  const traces = newest.flatMap(({ groups }) => groups.flatMap((group) => group.traces));
  if (newest.length < patience || traces.some(({ advantage }) => (advantage ?? 0) !== 0)) return undefined;
  const meanReward = traces.reduce((sum, { reward }) => sum + (reward?.value ?? 0), 0) / traces.length;
  return `The last ${patience} updates taught nothing: the rollouts of each group earned the same. ${cause(meanReward)}`;
}

function cause(meanReward: number): string {
  if (meanReward < 0.05) return 'Nearly all break the format; begin again with a lower learning rate.';
  if (meanReward > 0.95) return 'Nearly all are right; questions of more hops have more to teach.';
  return 'A higher temperature or larger groups make them differ.';
}
