import type { EvaluatedCell, EvaluationPlan, EvaluationProgress } from '../../lab/evaluationPlan.ts';
import type { LabRequest } from '../../lab/protocol.ts';
import type { MethodName } from '../../research/methodNames.ts';
import type { QuestionSet } from '../../world/types.ts';
import type { LabInput } from './labState.ts';

/** The evaluation that was asked for last, as far as it has come. */
export interface EvaluationState<Plan = EvaluationPlan> {
  readonly id: number;
  readonly plan: Plan;
  readonly status: 'running' | 'done' | 'stopped' | 'failed';
  readonly progress?: EvaluationProgress;
  readonly cells: readonly EvaluatedCell[];
  readonly seconds?: number;
}

/**
 * Folds what was asked and told of evaluations of one kind; what belongs to an older one changes nothing.
 * @param begun id and plan of a request that begins one of this kind
 */
export function reduceEvaluation<Plan>(
  begun: (request: LabRequest) => Pick<EvaluationState<Plan>, 'id' | 'plan'> | undefined,
  state: EvaluationState<Plan> | undefined,
  input: LabInput,
): EvaluationState<Plan> | undefined {
  if (input.from === 'page') {
    const { request } = input;
    const next = begun(request);
    if (next !== undefined) return { id: next.id, plan: next.plan, status: 'running', cells: [] };
    return request.type === 'cancel' && request.id === state?.id && state.status === 'running'
      ? { ...state, status: 'stopped' }
      : state;
  }
  if (input.from !== 'worker' || state?.status !== 'running') return state;
  const { event } = input;
  if (!('id' in event) || event.id !== state.id) return state;
  switch (event.type) {
    case 'evaluationProgress':
      return { ...state, progress: event.progress };
    case 'evaluationCell':
      return { ...state, cells: [...state.cells, event.cell] };
    case 'evaluationDone':
      return { ...state, status: 'done', seconds: event.seconds };
    case 'error':
      return { ...state, status: 'failed' };
    case 'alternatives':
    case 'checkpoint':
    case 'corpus':
    case 'embedder':
    case 'map':
    case 'near':
    case 'passages':
    case 'play':
    case 'estimated':
    case 'exportProgress':
    case 'exported':
      return state;
  }
}

export const cellOf = (
  evaluation: Pick<EvaluationState, 'cells'> | undefined,
  method: MethodName,
  set: QuestionSet,
): EvaluatedCell | undefined => evaluation?.cells.find(({ row }) => row.method === method && row.set === set);
