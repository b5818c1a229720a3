import type { MethodName } from '../../research/methodNames.ts';
import type { EvaluationRow } from '../../research/methodRows.ts';
import type { QuestionSet } from '../../world/types.ts';
import type { EvaluationState } from '../store/evaluationState.ts';

/** What Evaluate's tables show: what was run here, as far as it has come; before that, what was recorded. */
export interface ShownTable {
  readonly sets: readonly QuestionSet[];
  readonly rows: readonly EvaluationRow[];
  /** Absent: recorded, or nothing yet. */
  readonly evaluation: EvaluationState | undefined;
}

export const rowIn = (
  rows: readonly EvaluationRow[],
  method: MethodName,
  set: QuestionSet,
): EvaluationRow | undefined => rows.find((row) => row.method === method && row.set === set);
