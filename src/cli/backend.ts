import type { Backend } from '../engine/backend.ts';
import { createWasmBackend } from '../engine/wasm/wasmBackend.ts';
import { nodeHost } from '../engine/wasm/nodeHost.ts';
import { createWebgpuBackend } from '../engine/webgpu/webgpuBackend.ts';
import { tuningFiles } from './tuningFile.ts';
import { UsageError, type Args, type Option } from './args.ts';

export const backendOptions: Readonly<Record<string, Option>> = {
  backend: { value: 'NAME', help: 'wasm (default) or webgpu (needs a Vulkan, Metal or D3D12 driver)' },
  threads: { value: 'N', help: 'threads of the WebAssembly backend (default: all cores)' },
};

export async function openBackend(args: Args): Promise<Backend> {
  const name = args.text('backend') ?? 'wasm';
  if (name === 'wasm') {
    const threads = args.whole('threads', 1);
    return createWasmBackend({ host: nodeHost, ...(threads === undefined ? {} : { threads }) });
  }
  if (name !== 'webgpu') throw new UsageError(`--backend ${name}: choose wasm or webgpu`);
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  return createWebgpuBackend({ gpu: create([]), tuning: tuningFiles() });
}
