import { WebWorkerMLCEngineHandler, type MLCEngine, type WorkerRequest } from '@mlc-ai/web-llm';
import { WebllmConnection, type OpenedWebllm } from '../../../src/policy/webllmConnection.ts';
import type { ScriptedWebllm } from './scriptedWebllm.ts';

export interface WorkerOfTest extends OpenedWebllm {
  readonly connection: WebllmConnection;
  /** Requests as they went to the worker. */
  readonly sent: readonly WorkerRequest[];
  /** The worker no longer answers. */
  readonly closed: () => boolean;
}

/**
 * web-llm's own handler, as it stands in its worker, over a scripted engine, and the page's connection to it. Messages
 * are cloned and come later, as a worker's do; errors become texts by the handler's own doing.
 */
export function workerOfTest(scripted: ScriptedWebllm): WorkerOfTest {
  const handler = new WebWorkerMLCEngineHandler();
  const sent: WorkerRequest[] = [];
  let closed = false;
  const connection = new WebllmConnection((request) => {
    const copy = structuredClone(request);
    sent.push(copy);
    queueMicrotask(() => {
      if (!closed) handler.onmessage(copy);
    });
  });
  handler.postMessage = (message: Parameters<WebllmConnection['receive']>[0]) => {
    const copy = structuredClone(message);
    queueMicrotask(() => {
      if (!closed) connection.receive(copy);
    });
  };
  scripted.setInitProgressCallback((report) =>
    handler.postMessage({ kind: 'initProgressCallback', uuid: '', content: report }),
  );
  // The handler calls these of an MLCEngine, and nothing else here.
  handler.engine = {
    setAppConfig: scripted.setAppConfig,
    reload: scripted.reload,
    unload: scripted.unload,
    interruptGenerate: scripted.interruptGenerate,
    completion: scripted.completions.create,
    resetChat: scripted.resetChat,
    forwardTokensAndSample: scripted.forwardTokensAndSample,
  } as unknown as MLCEngine;
  return {
    engine: connection,
    connection,
    sent,
    closed: () => closed,
    close: () => {
      closed = true;
      connection.breakOff('The model was unloaded.');
    },
  };
}
