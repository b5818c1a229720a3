// Entry of a pool thread in Node.

import { parentPort, workerData } from 'node:worker_threads';
import { poolLoop } from './poolLoop.mjs';

parentPort.postMessage('ready');
poolLoop(workerData);
