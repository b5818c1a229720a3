import type { PolicyRequest } from '../policy/policy.ts';
import type { Beginning } from '../traces/beginning.ts';
import type { Trace } from '../traces/trace.ts';
import type { Question } from '../world/types.ts';
import type { RolloutFormat } from './format.ts';
import type { RewardOptions } from './reward.ts';

/** One rollout to make. */
export interface RolloutTask {
  readonly question: Question;
  /** Index of the group in its batch, and of the rollout in its group. */
  readonly group: number;
  readonly rollout: number;
  /** Second part of the key of the random draws; two tasks of one batch must differ in it. */
  readonly draw: number;
  /** What is written already; the rollout goes on after it. Absent: it starts with the question. */
  readonly begun?: Beginning;
}

export interface RolloutOptions {
  readonly format: RolloutFormat;
  readonly sampling: PolicyRequest['sampling'];
  readonly seed: number;
  /** Passages returned to a search. */
  readonly passages: number;
  /** Most response tokens, results included; what goes beyond is cut. */
  readonly maxTokens: number;
  /** Most searches in a rollout; 0: no limit, as in the paper. */
  readonly maxSearches: number;
  /**
   * What happens to an empty or malformed query. `search`: it is searched like any other (the paper's training).
   * `answer nothing`: the result says "nothing to search" (the paper's evaluation).
   */
  readonly emptyQuery: 'search' | 'answer nothing';
  /** What a rollout is paid for; default the paper's. `overlong`: share of maxTokens in which length costs. */
  readonly reward?: RewardOptions & { readonly overlong: number };
  /** Sequences running at once. */
  readonly slots: number;
  /** Begins the ids of the traces. */
  readonly label: string;
  /** Optimiser updates that the policy has had. */
  readonly step?: number;
  /** Ends all running rollouts as 'aborted'; those not begun are left out. */
  readonly signal?: AbortSignal;
  /** Awaited between steps: to pause, or to let other events in. */
  readonly breathe?: () => Promise<void>;
  readonly onProgress?: (done: number, total: number) => void;
  /** After each token and each result of a rollout: `snapshot` gives its trace so far. */
  readonly onToken?: (task: RolloutTask, snapshot: () => Trace) => void;
}

/** Tasks for G rollouts of each question, in order; draws are numbered from `firstDraw`. */
export function groupTasks(questions: readonly Question[], groupSize: number, firstDraw = 0): RolloutTask[] {
  return questions.flatMap((question, group) =>
    Array.from({ length: groupSize }, (_, rollout) => ({
      question,
      group,
      rollout,
      draw: firstDraw + group * groupSize + rollout,
    })),
  );
}
