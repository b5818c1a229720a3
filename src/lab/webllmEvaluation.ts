import { worldsOf } from './evaluateDesk.ts';
import type { LabEvent } from './protocol.ts';
import type { Recipe } from './recipe.ts';
import type { WebllmDesk } from './webllmDesk.ts';
import type { WebllmRequest } from './webllmProtocol.ts';
import type { Workbench } from './workbench.ts';

/**
 * Asks the model that web-llm holds every question of a plan, with the same retriever as the page's own policies.
 * @throws the signal's reason when aborted; cells told by then stay told
 */
export async function evaluateWebllm(
  desk: WebllmDesk,
  bench: Workbench,
  recipe: Recipe,
  { id, plan }: Extract<WebllmRequest, { type: 'webllm-evaluate' }>,
  signal: AbortSignal,
  tell: (event: LabEvent) => void,
): Promise<void> {
  for (const { passages, questions } of await worldsOf(recipe, plan)) {
    const retriever = await bench.retrieverOf(passages, signal);
    for (const set of new Set(questions.map((question) => question.set))) {
      const ofSet = questions.filter((question) => question.set === set);
      const cell = await desk.evaluate(set, ofSet, retriever, recipe, signal, (done, total) =>
        tell({
          type: 'evaluationProgress',
          id,
          progress: { method: 'research-untrained', set, done, total },
        }),
      );
      tell({ type: 'evaluationCell', id, cell });
    }
  }
}
