import type { MethodName } from '../research/methods.ts';
import type { QuestionSet } from '../world/types.ts';

/** What an evaluation of the page asks. */
export interface EvaluationPlan {
  readonly methods: readonly MethodName[];
  /** Families of a generated world, or `countries`, the real facts; rows and columns come in this order. */
  readonly sets: readonly QuestionSet[];
  /** Questions of each set. */
  readonly n: number;
  /** Seed of the generated world, or of the choice of country questions. */
  readonly worldSeed: number;
  /** Whose answers `research` are. */
  readonly policy: 'trained' | 'current';
}
