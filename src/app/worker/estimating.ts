import type { ModelEvent } from '../../lab/modelProtocol.ts';
import type { BackendChoice } from '../../lab/protocol.ts';
import type { Recipe } from '../../lab/recipe.ts';
import { listenToLab, nextRequestId, sendToLab } from './labClient.ts';

export type Estimated = Extract<ModelEvent, { type: 'estimated' }>;

interface Asking {
  readonly resolve: (estimated: Estimated) => void;
  readonly reject: (error: Error) => void;
}

/** Those who wait, by the id of what they asked. */
const asking = new Map<number, Asking>();
let listens = false;

function listen(): void {
  if (listens) return;
  listens = true;
  listenToLab((event) => {
    if (event.type === 'estimated') asking.get(event.id)?.resolve(event);
    else if (event.type === 'error' && event.request === 'estimate' && event.id !== undefined) {
      asking.get(event.id)?.reject(new Error(event.message));
    } else return;
    asking.delete(event.id ?? -1);
  });
}

/** What a recipe would take here. Reads the model's small files alone. @throws Error in words */
export function estimateRecipe(recipe: Recipe, backend: BackendChoice): Promise<Estimated> {
  listen();
  const id = nextRequestId();
  const baseUrl = new URL('./', document.baseURI).href;
  return new Promise((resolve, reject) => {
    asking.set(id, { resolve, reject });
    sendToLab({ type: 'estimate', id, recipe, backend, baseUrl });
  });
}
