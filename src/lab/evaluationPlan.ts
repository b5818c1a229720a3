import type { MethodName } from '../research/methodNames.ts';
import type { EvaluatedCell } from '../research/methods.ts';
import type { QuestionSet } from '../world/types.ts';

export type { EvaluatedCell };

/** What an evaluation of the page asks. */
export interface EvaluationPlan {
  readonly methods: readonly MethodName[];
  /** Question families of a generated world, or `countries`, the real facts. */
  readonly sets: readonly QuestionSet[];
  /** Most questions of each set. */
  readonly n: number;
  /** Seed of the generated world, or of the choice of country questions. */
  readonly worldSeed: number;
  /** Whose answers `research` are: the shipped checkpoint's, or those of the run in this tab. */
  readonly policy: 'trained' | 'current';
}

/** How far one cell of a running evaluation is. */
export interface EvaluationProgress {
  readonly method: MethodName;
  readonly set: QuestionSet;
  readonly done: number;
  readonly total: number;
}
