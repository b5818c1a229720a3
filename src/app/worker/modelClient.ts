import { parseHub, parseRepository } from '../../lab/modelStore/hub.ts';
import type {
  LocalFile,
  Precision,
  StoreEvent,
  StoreRequest,
  Wanted,
} from '../../lab/modelStore/protocol.ts';
import { requestedModels, toldModels } from '../store/modelsState.ts';
import { useApp } from '../store/store.ts';
import { hubTokens } from './hubTokens.ts';

/** The page's end of the model store, whose worker is made when it is first asked for something. */
let worker: Worker | undefined;

function send(request: StoreRequest): void {
  const { models, setModels } = useApp.getState();
  setModels(requestedModels(models, request));
  worker ??= start();
  worker.postMessage(request);
}

function tell(event: StoreEvent): void {
  const { models, setModels } = useApp.getState();
  setModels(toldModels(models, event));
}

function start(): Worker {
  // The address stands within the call: only then is the worker built, and not copied as it is written.
  const made = new Worker(new URL('../../lab/modelStore/worker.ts', import.meta.url), {
    type: 'module',
    name: 'models',
  });
  made.addEventListener('message', (message: MessageEvent<StoreEvent>) => tell(message.data));
  made.addEventListener('error', ({ message }) => {
    made.terminate();
    worker = undefined;
    const { busy = 'inspect' } = useApp.getState().models;
    tell({
      type: 'error',
      request: busy,
      message: message === '' ? 'The store could not be started.' : message,
    });
    tell({ type: 'over', request: busy });
  });
  return made;
}

/** What is kept, and what has begun. */
export const listModels = (): void => send({ type: 'list' });

/** Looks a repository up, at the hub or at another of its kind. `embedder`: as an embedding model, so precise. */
export function lookUp(text: string, hub: string, embedder?: Precision): void {
  try {
    const repository = parseRepository(text);
    chooseModel({ ...repository, hub: parseHub(hub), embedder });
  } catch (error) {
    const { models, setModels } = useApp.getState();
    setModels({ ...models, problem: error instanceof Error ? error.message : String(error) });
  }
}

/** Looks up one model of a repository. */
export const chooseModel = (wanted: Wanted): void => send({ type: 'inspect', wanted, tokens: hubTokens() });

/** Fetches what was looked up, or goes on with what has begun. Asks the browser not to clear it away by itself. */
export function downloadModel(name: string): void {
  void keepForLong();
  send({ type: 'download', name, tokens: hubTokens() });
}

/** Copies a model from this computer. `folder`: its name; of loose files none, and the model is named by what they say. */
export function takeModel(
  folder: string | undefined,
  files: readonly LocalFile[],
  embedder?: Precision,
): void {
  void keepForLong();
  send({ type: 'take', folder, files, ...(embedder === undefined ? {} : { embedder }) });
}

export const stopModel = (): void => send({ type: 'stop' });
export const removeModel = (name: string): void => send({ type: 'remove', name });
export const discardModel = (name: string): void => send({ type: 'discard', name });

/** Refused, or not known to the browser: the model is kept all the same, as long as there is room. */
async function keepForLong(): Promise<void> {
  const storage = navigator.storage as StorageManager | undefined;
  await storage?.persist?.().catch(() => false);
}
