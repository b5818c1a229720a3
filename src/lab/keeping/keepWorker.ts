import { loadEmbedderFiles, readModelFromUrl } from '../../retrieval/embedderFiles.ts';
import { createOnnxEmbedder } from '../../retrieval/onnxEmbedder.ts';
import { openOpfs } from '../files/opfs.ts';
import { keptEmbedder } from '../modelStore/embedders.ts';
import { KeepDesk } from './keepDesk.ts';
import type { KeepEvent, KeepRequest } from './keepProtocol.ts';

/**
 * The worker that imports and indexes, apart from the lab's: training and searching go on meanwhile, and its model has
 * threads of its own.
 */

/** Beyond them a small model gains little. */
const MOST_THREADS = 4;
const threads = crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency) : 1;

const desk = new KeepDesk(
  {
    openStore: () => openOpfs('retrieval'),
    keptEmbedder: async (id) => keptEmbedder(await openOpfs('models'), id),
    shippedEmbedder: (baseUrl) =>
      loadEmbedderFiles('playground-embedder', readModelFromUrl(new URL('models/embedder/', baseUrl).href)),
    openEmbedder: (files, provider) => createOnnxEmbedder(files, { threads, provider }),
    alone: async (work) => {
      const done = await navigator.locks.request('kept corpora', { ifAvailable: true }, async (lock) =>
        lock === null ? undefined : { result: await work() },
      );
      if (done === undefined) {
        throw new Error('Another tab of this page is importing or indexing. Stop it there, or wait for it.');
      }
      return done.result;
    },
  },
  (event: KeepEvent) => {
    postMessage(event);
  },
);

addEventListener('message', (message: MessageEvent<KeepRequest>) => {
  void desk.handle(message.data);
});
