import type { WorkerResponse } from '@mlc-ai/web-llm';
import { WebllmConnection, type OpenedWebllm } from './webllmConnection.ts';

/** Starts a worker for web-llm; its code is fetched then and not before. */
export function openWebllm(): OpenedWebllm {
  const worker = new Worker(new URL('./webllmWorker.ts', import.meta.url), {
    type: 'module',
    name: 'web-llm',
  });
  const connection = new WebllmConnection((request) => worker.postMessage(request));
  worker.addEventListener('message', (message: MessageEvent<WorkerResponse>) =>
    connection.receive(message.data),
  );
  worker.addEventListener('error', ({ message }) => {
    worker.terminate();
    connection.breakOff(
      message === '' ? 'Its worker could not be started.' : `Its worker stopped: ${message}`,
    );
  });
  return {
    engine: connection,
    close: () => {
      worker.terminate();
      connection.breakOff('The model was unloaded.');
    },
  };
}
