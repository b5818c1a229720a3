/** The playground's own engine as a contender. */
import type { Backend } from '../../src/engine/backend.ts';
import type { Engine, Device } from '../work/engine.ts';
import { ourJob } from './kernels.ts';
import { ourTrainer } from './trainStep.ts';

export async function openOurs(device: Device, threads: number): Promise<Engine> {
  const backend = await makeBackend(device, threads);
  return {
    label: backend.label,
    kernel: (kernel) => Promise.resolve(ourJob(backend, kernel)),
    trainer: (task) => Promise.resolve(ourTrainer(backend, task)),
  };
}

async function makeBackend(device: Device, threads: number): Promise<Backend> {
  if (device === 'webgpu') {
    const { createWebgpuBackend } = await import('../../src/engine/webgpu/webgpuBackend.ts');
    return createWebgpuBackend();
  }
  const { browserHost } = await import('../../src/engine/wasm/browserHost.ts');
  const { createWasmBackend } = await import('../../src/engine/wasm/wasmBackend.ts');
  return createWasmBackend({ host: browserHost, threads });
}
