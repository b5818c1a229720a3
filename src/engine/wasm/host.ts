/** What the backend needs from the machine it runs on; `nodeHost.ts` and `browserHost.ts` provide it. */

import type { WORDS } from './commandBlock.ts';

export type SimdLevel = 'relaxed' | 'simd';
export type MemoryMode = 'shared' | 'private';

/** What a pool thread is started with. */
export interface PoolInit {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly kernels: readonly string[];
  readonly words: typeof WORDS;
  /** 1 for the first pool thread; 0 is the thread that posts commands. */
  readonly thread: number;
}

export interface PoolThread {
  terminate(): void;
}

export interface WasmHost {
  /** The compiled module's bytes. */
  loadModule(level: SimdLevel, mode: MemoryMode): Promise<Uint8Array<ArrayBuffer>>;
  /** What the engine's own kernel sources hash to (kernelSource.mjs); a module must be made of these. */
  kernelSource(): Promise<string>;
  /** Starts a thread and resolves once it runs. */
  startThread(init: PoolInit): Promise<PoolThread>;
  /** Threads to use when nobody says; 1 where memory cannot be shared. */
  readonly defaultThreads: number;
}
