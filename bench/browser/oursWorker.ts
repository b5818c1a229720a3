/** Our engine in a worker of the page. */
import { browserHost } from '../../src/engine/wasm/browserHost.ts';
import { createWasmBackend } from '../../src/engine/wasm/wasmBackend.ts';
import type { Decoder } from '../../src/engine/decoder.ts';
import { loadModel } from '../../src/lab/modelFiles.ts';
import { greedy } from '../greedy.ts';
import { EXPORTED, type WorkerReply, type WorkerRequest } from './oneSequence.ts';

let decoder: Decoder | undefined;

async function answer(request: WorkerRequest): Promise<WorkerReply> {
  if (request.kind === 'start') {
    const backend = await createWasmBackend({ host: browserHost, threads: request.threads });
    ({ decoder } = await loadModel(backend, async (name) => {
      const response = await fetch(`${EXPORTED}hf/${name}`);
      if (!response.ok) throw new Error(`${name}: HTTP ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    }));
    return { label: backend.label };
  }
  if (decoder === undefined) throw new Error('start first');
  return { ids: await greedy(decoder, request.prompt, request.tokens) };
}

addEventListener('message', (message: MessageEvent<WorkerRequest>) => {
  answer(message.data).then(postMessage, (error: unknown) => {
    postMessage({ error: String(error) } satisfies WorkerReply);
  });
});
