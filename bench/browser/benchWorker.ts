/** Engines and their work in one worker of a browser, driven call by call from Node. */
import type { DecoderConfig } from '../../src/engine/config.ts';
import { WebgpuUnavailableError } from '../../src/engine/webgpu/device.ts';
import type { Limits } from '../limits/limits.ts';
import { difference } from '../work/difference.ts';
import type { Device, Engine, EngineName } from '../work/engine.ts';
import type { Job, Kernel } from '../work/kernel.ts';
import { trainTask, type Trainer, type TrainShape } from '../work/trainTask.ts';

declare global {
  var bench: BenchWorker;
}

export interface DeviceLimits extends Limits {
  /** The adapter's name, of WebGPU. */
  readonly label: string;
  /** WebGPU on an adapter that computes on the CPU. */
  readonly software: boolean;
}

export interface BenchWorker {
  /** Starts an engine under a name of the caller's; returns its label. */
  open(id: string, engine: EngineName, device: Device, threads: number): Promise<string>;
  /** The device's limits; or why it is not there. */
  limits(device: Device, threads: number): Promise<DeviceLimits | { readonly unavailable: string }>;
  /** Makes the engine's job for a kernel, and says how far its outputs lie from those of another engine's job. */
  makeKernel(id: string, kernel: Kernel, reference: string): Promise<number>;
  /** Seconds of `runs` runs of the job, to their end. */
  timeKernel(id: string, runs: number): Promise<number>;
  makeTrainer(id: string, shape: TrainShape & { config: DecoderConfig }): Promise<void>;
  /** Seconds and loss of one step. */
  timeStep(id: string): Promise<{ seconds: number; loss: number }>;
  /** Frees the engine's job and trainer. */
  drop(id: string): void;
}

const engines = new Map<string, Engine>();
const jobs = new Map<string, Job>();
const outputs = new Map<string, Float32Array[]>();
const trainers = new Map<string, Trainer>();

function found<T>(map: ReadonlyMap<string, T>, id: string): T {
  const value = map.get(id);
  if (value === undefined) throw new Error(`${id} was not made`);
  return value;
}

async function openEngine(engine: EngineName, device: Device, threads: number): Promise<Engine> {
  switch (engine) {
    case 'ours': {
      const { openOurs } = await import('../ours/engine.ts');
      return openOurs(device, threads);
    }
    case 'jax-js': {
      // The only way to tell it how many threads to start.
      pretendCores(threads);
      const { openJax } = await import('../peers/jaxEngine.ts');
      return openJax(device);
    }
    case 'tfjs': {
      // It takes no more threads than half the cores, whatever one asks for.
      pretendCores(2 * threads);
      const { openTfjs } = await import('../peers/tfjsEngine.ts');
      return openTfjs(device, threads, '/node_modules/@tensorflow/tfjs-backend-wasm/dist/');
    }
  }
}

function pretendCores(count: number): void {
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: count, configurable: true });
}

globalThis.bench = {
  async open(id, engine, device, threads) {
    const opened = await openEngine(engine, device, threads);
    engines.set(id, opened);
    return opened.label;
  },

  async limits(device, threads) {
    if (device === 'wasm') {
      const { wasmLimits } = await import('../limits/wasmLimits.ts');
      return { ...(await wasmLimits(threads)), label: 'WebAssembly', software: false };
    }
    const { webgpuLimits } = await import('../limits/webgpuLimits.ts');
    return webgpuLimits().catch((error: unknown) => {
      if (error instanceof WebgpuUnavailableError) return { unavailable: error.message };
      throw error;
    });
  },

  async makeKernel(id, kernel, reference) {
    const job = await found(engines, id).kernel(kernel);
    jobs.set(id, job);
    const computed = await job.outputs();
    outputs.set(id, computed);
    return difference(found(outputs, reference), computed);
  },

  async timeKernel(id, runs) {
    const job = found(jobs, id);
    const start = performance.now();
    for (let i = 0; i < runs; i++) job.run();
    await job.finish();
    return (performance.now() - start) / 1000;
  },

  async makeTrainer(id, shape) {
    trainers.set(id, await found(engines, id).trainer(trainTask(shape)));
  },

  async timeStep(id) {
    const trainer = found(trainers, id);
    const start = performance.now();
    const loss = await trainer.step();
    return { seconds: (performance.now() - start) / 1000, loss };
  },

  drop(id) {
    jobs.get(id)?.dispose();
    trainers.get(id)?.dispose();
    jobs.delete(id);
    outputs.delete(id);
    trainers.delete(id);
  },
};
postMessage('ready');
