import type { KernelsPage, KernelsRequest, KernelsResponse } from './kernelsProtocol.ts';

declare global {
  interface Window {
    kernels: KernelsPage;
  }
}

/** The checks run in a worker, as the engine does in the application: threads may not wait on a page. */
const worker = new Worker(new URL('./kernelsWorker.ts', import.meta.url), { type: 'module' });
const waiting = new Map<number, (response: KernelsResponse) => void>();
let lastId = 0;

worker.onmessage = ({ data }: MessageEvent<KernelsResponse>) => {
  waiting.get(data.id)?.(data);
  waiting.delete(data.id);
};
worker.onerror = (event) => {
  for (const [id, resolve] of waiting)
    resolve({ id, ok: false, message: `the worker failed: ${event.message}` });
  waiting.clear();
};

function ask(make: (id: number) => KernelsRequest): Promise<KernelsResponse> {
  return new Promise((resolve) => {
    const id = ++lastId;
    waiting.set(id, resolve);
    worker.postMessage(make(id));
  });
}

window.kernels = {
  start: (backend) => ask((id) => ({ id, type: 'start', backend })),
  twins: (name) => ask((id) => ({ id, type: 'twins', name })),
  run: (name) => ask((id) => ({ id, type: 'run', name })),
};
