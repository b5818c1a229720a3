/** Makes the worker that the measurements run in, as the engine does in the application. */
const worker = new Worker(new URL('./benchWorker.ts', import.meta.url), { type: 'module' });
worker.onmessage = () => {
  document.title = 'Measurements: ready';
};
