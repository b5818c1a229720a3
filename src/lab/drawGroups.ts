import { haveNoSpread } from '../grpo/advantage.ts';
import type { RolloutTask } from '../research/rolloutOptions.ts';
import { earned } from '../traces/earned.ts';
import type { Trace } from '../traces/trace.ts';
import type { Question } from '../world/types.ts';

/** The rollouts of one question. */
export interface DrawnGroup {
  readonly question: Question;
  readonly traces: readonly Trace[];
}

export interface DrawnBatch {
  /** A group a question of the batch, in order. */
  readonly groups: readonly DrawnGroup[];
  /** Groups that were drawn and replaced. */
  readonly replaced: readonly DrawnGroup[];
}

export interface DrawOptions {
  readonly groupSize: number;
  /** Most times that groups without spread are replaced. */
  readonly redraws: number;
  /** Makes the rollouts of tasks, in their order; `round` is 0 for the first. */
  readonly rollOut: (tasks: readonly RolloutTask[], round: number) => Promise<readonly Trace[]>;
}

/**
 * Rolls out groups of `questions`. Groups whose rollouts all earned the same are replaced by groups of the next of
 * `spare`, up to `redraws` times and while there are questions left (DAPO's dynamic sampling, arXiv 2503.14476 §3.2,
 * bounded). No two rollouts share a draw number.
 */
export async function drawGroups(
  questions: readonly Question[],
  spare: readonly Question[],
  { groupSize, redraws, rollOut }: DrawOptions,
): Promise<DrawnBatch> {
  const groups: DrawnGroup[] = [];
  const replaced: DrawnGroup[] = [];
  let wanted = questions.map((question, group) => ({ question, group }));
  let used = 0;
  for (let round = 0; wanted.length > 0; round++) {
    const tasks = wanted.flatMap(({ question, group }) =>
      Array.from({ length: groupSize }, (_, rollout) => ({
        question,
        group,
        rollout,
        draw: (round * questions.length + group) * groupSize + rollout,
      })),
    );
    const traces = await rollOut(tasks, round);
    wanted.forEach(({ question, group }, i) => {
      const old = groups[group];
      if (old !== undefined) replaced.push(old);
      groups[group] = { question, traces: traces.slice(i * groupSize, (i + 1) * groupSize) };
    });
    if (round >= redraws) break;
    const flat = groups.flatMap((group, i) => (haveNoSpread(group.traces.map(earned)) ? [i] : []));
    const next = spare.slice(used, used + flat.length);
    used += next.length;
    wanted = next.flatMap((question, i) => {
      const group = flat[i];
      return group === undefined ? [] : [{ question, group }];
    });
  }
  return { groups, replaced };
}
