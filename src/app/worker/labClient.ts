import type { LabEvent, LabRequest } from '../../lab/protocol.ts';
import type { AppState } from '../store/appState.ts';
import { hasPageRecipe } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { startGivingWay } from './giveWay.ts';
import { shareTexts } from './shareTexts.ts';

/**
 * The page's end of the worker. The worker is made on the first request and not before: a visitor who only looks
 * downloads no engine.
 */
let worker: Worker | undefined;
let lastId = 0;
/** Made with the first load. */
let giveWay: Int32Array | undefined;
const listeners = new Set<(event: LabEvent) => void>();

/** For events that are no state of the page, or to act on. */
export function listenToLab(listener: (event: LabEvent) => void): void {
  listeners.add(listener);
}

/** A fresh id for a request that is answered by id. Ids rise. */
export function nextRequestId(): number {
  lastId += 1;
  return lastId;
}

export function sendToLab(request: LabRequest): void {
  useApp.getState().tell({ from: 'page', request });
  worker ??= startWorker();
  worker.postMessage(request);
}

/** Of updates, which are kept. */
function withSharedTexts(event: LabEvent): LabEvent {
  if (event.type !== 'update') return event;
  return { ...event, groups: event.groups.map((group) => ({ ...group, traces: shareTexts(group.traces) })) };
}

function startWorker(): Worker {
  const made = new Worker(new URL('../../lab/worker.ts', import.meta.url), { type: 'module', name: 'lab' });
  made.addEventListener('message', (message: MessageEvent<LabEvent>) => {
    const event = withSharedTexts(message.data);
    useApp.getState().tell({ from: 'worker', event });
    for (const listener of listeners) listener(event);
  });
  made.addEventListener('error', (error) => {
    // The worker itself broke (its script could not be fetched, or an exception escaped): nothing is left to ask.
    made.terminate();
    worker = undefined;
    const message =
      error.message === '' ? 'The worker could not be started.' : `The worker stopped: ${error.message}`;
    const { tell } = useApp.getState();
    tell({ from: 'worker', event: { type: 'error', request: 'load', message } });
    tell({ from: 'worker', event: { type: 'state', state: 'failed', detail: message } });
    // web-llm's worker was this one's, and ended with it.
    tell({ from: 'worker', event: { type: 'webllm', state: { status: 'none' } } });
  });
  return made;
}

/**
 * Resolves true when the worker stands ready with a policy, loading it first where needed; false when that failed
 * (the reason is then among the notices). `withPageRecipe` loads again if the page's recipe has changed since.
 */
export function ensureLoaded(withPageRecipe = false): Promise<boolean> {
  const now = useApp.getState();
  const { run } = now.lab;
  const usable = run !== 'idle' && run !== 'failed' && run !== 'loading';
  if (usable && (!withPageRecipe || hasPageRecipe(now))) return Promise.resolve(true);
  if (run !== 'loading') {
    const baseUrl = new URL('./', document.baseURI).href;
    const { adapter } = now.learned;
    giveWay ??= startGivingWay();
    sendToLab({
      type: 'load',
      recipe: now.recipe,
      backend: now.backend,
      baseUrl,
      ...(adapter === undefined ? {} : { adapter }),
      ...(giveWay && { giveWay }),
    });
  }
  const { pending } = useApp.getState().lab;
  // After a load that failed, what was loaded before is there again: that is not what was asked for.
  const came = ({ lab }: AppState): boolean =>
    lab.run !== 'failed' &&
    lab.run !== 'idle' &&
    (!withPageRecipe ||
      (lab.recipe === pending?.recipe &&
        lab.backend === pending?.backend &&
        lab.adapter === pending?.adapter));
  return new Promise((resolve) => {
    const check = (state: AppState): boolean => {
      if (state.lab.run === 'loading') return false;
      resolve(came(state));
      return true;
    };
    if (check(useApp.getState())) return;
    const unsubscribe = useApp.subscribe((state) => {
      if (check(state)) unsubscribe();
    });
  });
}
