import { openWebllm } from '../policy/openWebllm.ts';
import { browserSurroundings } from './browserSurroundings.ts';
import { Lab } from './lab.ts';
import type { LabEvent, LabRequest } from './protocol.ts';

/** The lab's worker: the page's requests in, events out. */
const lab = new Lab(
  browserSurroundings,
  (event: LabEvent) => {
    postMessage(event);
  },
  { open: openWebllm, caches: () => caches },
);

addEventListener('message', (message: MessageEvent<LabRequest>) => {
  void lab.handle(message.data);
});
