import { openOpfs } from '../files/opfs.ts';
import type { StoreRequest } from './protocol.ts';
import { StoreDesk } from './desk.ts';
import { ModelStore } from './store.ts';

/** Browsers that say anything of it say gigabytes, of the machine. */
const said = (navigator as { readonly deviceMemory?: number }).deviceMemory;

const desk = new StoreDesk(
  async () =>
    new ModelStore({
      fs: await openOpfs('models'),
      fetch: (url, init) => fetch(url, init),
      now: () => performance.now(),
      memory: said === undefined ? undefined : said * 2 ** 30,
      // Comes when the first embedding model is added: policies need no onnxruntime.
      runEmbedder: async (files) =>
        (await import('../../retrieval/onnxEmbedder.ts')).createOnnxEmbedder(files),
    }),
  (event) => postMessage(event),
);

addEventListener('message', (message: MessageEvent<StoreRequest>) => {
  void desk.handle(message.data);
});
