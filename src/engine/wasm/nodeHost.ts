/** The WebAssembly backend's host in Node: modules from disk, threads from worker_threads. */

import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { EngineError } from '../backend.ts';
import type { MemoryMode, PoolInit, PoolThread, SimdLevel, WasmHost } from './host.ts';
import { kernelSource } from './kernelSource.mjs';

async function loadModule(level: SimdLevel, mode: MemoryMode): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL(`./generated/${level}.${mode}.wasm`, import.meta.url);
  try {
    return new Uint8Array(await readFile(url));
  } catch (cause) {
    throw new EngineError(`Cannot read ${url.pathname}. Build it with: node src/engine/wasm/build.mjs`, {
      cause,
    });
  }
}

async function startThread(init: PoolInit): Promise<PoolThread> {
  const worker = new Worker(new URL('./nodePoolWorker.mjs', import.meta.url), { workerData: init });
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
  });
  worker.unref();
  return { terminate: () => void worker.terminate() };
}

/** Node's host; relaxed SIMD needs `node --experimental-wasm-relaxed-simd` before Node 22. */
export const nodeHost: WasmHost = {
  loadModule,
  kernelSource,
  startThread,
  defaultThreads: availableParallelism(),
};
