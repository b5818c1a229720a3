import { grpoObjective } from '../../grpo/objective.ts';
import { variantOf } from '../../grpo/variants/variants.ts';
import type { GroupResult, RecordedRun } from '../../lab/protocol.ts';
import type { Trace } from '../../traces/trace.ts';

/** What the chapters count and compute: from the recorded run, and by the very formulas that the update uses. */

export interface BySearches {
  readonly searches: number;
  readonly rollouts: number;
  readonly right: number;
}

/** Rollouts of groups by how often they searched, and how many of those answered right. */
export function bySearches(groups: readonly GroupResult[]): readonly BySearches[] {
  const counts = new Map<number, { rollouts: number; right: number }>();
  for (const { traces } of groups) {
    for (const { searches, reward } of traces) {
      const { rollouts, right } = counts.get(searches.length) ?? { rollouts: 0, right: 0 };
      counts.set(searches.length, { rollouts: rollouts + 1, right: right + (reward?.em === 1 ? 1 : 0) });
    }
  }
  return [...counts]
    .map(([searches, count]) => ({ searches, ...count }))
    .sort((a, b) => a.searches - b.searches);
}

/** The shortest kept rollout that corrected itself, a right answer before a wrong one; of those alike the newest. */
export function selfCorrection(run: RecordedRun): Trace | undefined {
  const all = run.groups
    .flatMap(({ groups }) => groups.flatMap(({ traces }) => traces))
    .filter(({ behaviours }) => behaviours?.includes('self-correction') === true);
  const right = all.filter(({ reward }) => reward?.em === 1);
  const length = ({ tokens }: Trace): number => tokens.ids.length;
  return (right.length > 0 ? right : all).toReversed().toSorted((a, b) => length(a) - length(b))[0];
}

export interface Chances {
  /** Tokens that the policy drew itself. */
  readonly tokens: number;
  /** Of them, those that it gave more than nine chances in ten. */
  readonly sure: number;
  /** Of them, those that it gave less than one in two. */
  readonly open: number;
}

/** How sure the policy was of what it wrote, by the chance it gave each token when it drew it. */
export function chances({ tokens }: Trace): Chances {
  const drawn = (tokens.logprobs ?? []).flatMap((logprob, i) =>
    logprob !== null && tokens.generated[i] === true ? [Math.exp(logprob)] : [],
  );
  return {
    tokens: drawn.length,
    sure: drawn.filter((p) => p > 0.9).length,
    open: drawn.filter((p) => p < 0.5).length,
  };
}

export interface Push {
  readonly ratio: number;
  /** What the token adds to the objective: to be raised. */
  readonly objective: number;
  /** d objective / d log π: how hard it is pushed, and which way. */
  readonly push: number;
  readonly clipped: boolean;
  readonly kl: number;
}

export interface PushOptions {
  readonly advantage: number;
  readonly clipLow: number;
  readonly clipHigh: number;
  readonly klWeight: number;
}

/**
 * One token of the loss at a ratio, by GRPO’s objective itself. The policy it started as and the reference are one:
 * both gave the token the chance that it now has, divided by the ratio.
 */
export function pushAt(ratio: number, { advantage, clipLow, clipHigh, klWeight }: PushOptions): Push {
  const { loss, dLogprob, clipped, kls } = grpoObjective(
    { logprobs: [Math.log(ratio)], oldLogprobs: [0], refLogprobs: [0], advantages: [advantage] },
    { clipLow, clipHigh, klWeight, entropyWeight: 0, lldsWeight: 0 },
    variantOf('grpo'),
  );
  return {
    ratio,
    objective: 0 - loss,
    push: 0 - (dLogprob[0] ?? 0),
    clipped: clipped[0] === true,
    kl: kls[0] ?? 0,
  };
}
