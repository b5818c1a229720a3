/** TensorFlow.js as a contender. */
import type { Device, Engine } from '../work/engine.ts';
import { tfjsJob } from './tfjsKernels.ts';
import { tfjsTrainer } from './tfjsTrainStep.ts';

/** @param files address of the folder with the wasm backend's .wasm files */
export async function openTfjs(device: Device, threads: number, files: string): Promise<Engine> {
  const tf = await import('@tensorflow/tfjs-core');
  await import('@tensorflow/tfjs-core/dist/register_all_gradients');
  const label = device === 'wasm' ? await startWasm() : await startWebgpu();
  return {
    label: `tfjs 4.22, ${label}`,
    kernel: (kernel) => Promise.resolve(tfjsJob(tf, kernel)),
    trainer: (task) => Promise.resolve(tfjsTrainer(tf, task)),
  };

  async function startWasm(): Promise<string> {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(files);
    wasm.setThreadsCount(threads);
    await start('wasm');
    // Without shared memory it runs its build without threads, and then knows no number of them.
    const count = typeof SharedArrayBuffer === 'undefined' ? 1 : wasm.getThreadsCount();
    return `WebAssembly, ${count} ${count === 1 ? 'thread' : 'threads'}`;
  }

  async function startWebgpu(): Promise<string> {
    await import('@tensorflow/tfjs-backend-webgpu');
    await start('webgpu');
    return 'WebGPU';
  }

  async function start(backend: Device): Promise<void> {
    if (!(await tf.setBackend(backend))) throw new Error(`tfjs did not start its ${backend} backend`);
    await tf.ready();
  }
}
