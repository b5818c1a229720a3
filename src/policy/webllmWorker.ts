import { WebWorkerMLCEngineHandler } from '@mlc-ai/web-llm';

/** web-llm's worker: its own handler, and the only place of the page that holds its code (6 MB). */
const handler = new WebWorkerMLCEngineHandler();

addEventListener('message', (message: MessageEvent) => {
  handler.onmessage(message);
});
