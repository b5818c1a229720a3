import type { KeepEvent, KeepRequest, ProviderChoice } from '../../lab/keeping/keepProtocol.ts';
import { useApp } from '../store/store.ts';

/** The page's end of the worker that imports and indexes; it is made when it is first asked, and lists what is kept. */
let worker: Worker | undefined;

function send(request: KeepRequest): void {
  worker ??= start();
  worker.postMessage(request);
}

function start(): Worker {
  const made = new Worker(new URL('../../lab/keeping/keepWorker.ts', import.meta.url), {
    type: 'module',
    name: 'keeping',
  });
  const { tellKeeping } = useApp.getState();
  made.addEventListener('message', (message: MessageEvent<KeepEvent>) => tellKeeping(message.data));
  made.addEventListener('error', (error) => {
    made.terminate();
    worker = undefined;
    const message =
      error.message === '' ? 'The worker that indexes could not be started.' : `It stopped: ${error.message}`;
    tellKeeping({ type: 'error', message });
    tellKeeping({ type: 'job' });
  });
  made.postMessage({ type: 'list', baseUrl: new URL('./', document.baseURI).href } satisfies KeepRequest);
  return made;
}

/** Asks what is kept, once. */
export function listKept(): void {
  worker ??= start();
}

/** A browser may throw away what a page keeps where the disk is nearly full, unless it was asked not to. */
function askToStay(): void {
  const storage = navigator.storage as StorageManager | undefined;
  // Whether it says yes is its own affair.
  void storage?.persist?.().catch(() => undefined);
}

export function importCorpus(files: readonly File[]): void {
  askToStay();
  send({ type: 'import', files });
}

export const buildIndex = (corpus: string, model: string, provider: ProviderChoice): void =>
  send({ type: 'index', corpus, model, provider });
export const stopKeeping = (): void => send({ type: 'stop' });
export const removeCorpus = (corpus: string): void => send({ type: 'remove-corpus', corpus });
export const removeIndex = (corpus: string, model: string): void =>
  send({ type: 'remove-index', corpus, model });
