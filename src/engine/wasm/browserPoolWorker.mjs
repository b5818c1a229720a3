// Entry of a pool thread in a browser: the first message is the pool's init, and the loop never returns.

import { poolLoop } from './poolLoop.mjs';

self.onmessage = (event) => {
  self.postMessage('ready');
  poolLoop(event.data);
};
