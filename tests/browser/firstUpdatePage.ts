/** Makes the worker that the test then speaks to, and says when it listens. */
const worker = new Worker(new URL('./firstUpdateWorker.ts', import.meta.url), { type: 'module' });
worker.onmessage = () => {
  document.title = 'First update: ready';
};
