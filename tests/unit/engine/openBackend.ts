import type { Backend } from '../../../src/engine/backend.ts';
import { nodeHost } from '../../../src/engine/wasm/nodeHost.ts';
import { createWasmBackend } from '../../../src/engine/wasm/wasmBackend.ts';

/** The backend these tests run on: WebAssembly in Node, one thread. */
export function openBackend(): Promise<Backend> {
  return createWasmBackend({ host: nodeHost, threads: 1 });
}
