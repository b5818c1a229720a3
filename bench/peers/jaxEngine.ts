/** jax-js as a contender. */
import type { Device, Engine } from '../work/engine.ts';
import { jaxJob } from './jaxKernels.ts';
import { jaxTrainer } from './jaxTrainStep.ts';

/** On wasm it starts as many threads as `navigator.hardwareConcurrency` says, and none without shared memory. */
export async function openJax(device: Device): Promise<Engine> {
  const jax = await import('@jax-js/jax');
  const started = await jax.init(device);
  if (!started.includes(device)) throw new Error(`jax-js did not start ${device}`);
  jax.defaultDevice(device);
  const threads = typeof SharedArrayBuffer === 'undefined' ? 1 : navigator.hardwareConcurrency;
  const where =
    device === 'wasm' ? `WebAssembly, ${threads} ${threads === 1 ? 'thread' : 'threads'}` : 'WebGPU';
  return {
    label: `jax-js 0.1.25, ${where}`,
    kernel: (kernel) => Promise.resolve(jaxJob(jax, kernel)),
    trainer: (task) => jaxTrainer(jax, task),
  };
}
