/** The WebAssembly backend's host in a browser worker: modules by fetch, threads from nested workers. */

import relaxedPrivate from './generated/relaxed.private.wasm?url';
import relaxedShared from './generated/relaxed.shared.wasm?url';
import simdPrivate from './generated/simd.private.wasm?url';
import simdShared from './generated/simd.shared.wasm?url';
import { EngineError } from '../backend.ts';
import type { MemoryMode, PoolInit, PoolThread, SimdLevel, WasmHost } from './host.ts';

/** Put here by Vite (vite.config.ts). */
declare const KERNEL_SOURCE: string;

const URLS: Record<`${SimdLevel}.${MemoryMode}`, string> = {
  'relaxed.private': relaxedPrivate,
  'relaxed.shared': relaxedShared,
  'simd.private': simdPrivate,
  'simd.shared': simdShared,
};

async function loadModule(level: SimdLevel, mode: MemoryMode): Promise<Uint8Array<ArrayBuffer>> {
  const url = URLS[`${level}.${mode}`];
  const response = await fetch(url);
  if (!response.ok)
    throw new EngineError(`Cannot load ${url}: HTTP ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function startThread(init: PoolInit): Promise<PoolThread> {
  const worker = new Worker(new URL('./browserPoolWorker.mjs', import.meta.url), { type: 'module' });
  await new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = (event) => reject(new EngineError(`A pool thread did not start: ${event.message}`));
    worker.postMessage(init);
  });
  return worker;
}

/** The browser's host. Threads need a cross-origin isolated page (COOP and COEP headers). */
export const browserHost: WasmHost = {
  loadModule,
  kernelSource: () => Promise.resolve(KERNEL_SOURCE),
  startThread,
  defaultThreads: globalThis.crossOriginIsolated ? navigator.hardwareConcurrency : 1,
};
