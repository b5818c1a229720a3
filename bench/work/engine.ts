import type { Job, Kernel } from './kernel.ts';
import type { Trainer, TrainTask } from './trainTask.ts';

export type EngineName = 'ours' | 'jax-js' | 'tfjs';
export type Device = 'wasm' | 'webgpu';

/** A contender on one device. */
export interface Engine {
  /** Name, device and threads, for people. */
  readonly label: string;
  kernel(kernel: Kernel): Promise<Job>;
  trainer(task: TrainTask): Promise<Trainer>;
}
