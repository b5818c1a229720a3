/**
 * `Backend` on WebGPU: which kernels each operation runs, over which buffers and parameters.
 */

import type { Backend, DeviceBuffer, SamplingOptions } from '../backend.ts';
import type { QuantisedKernels } from '../backendQuantised.ts';
import { EngineError } from '../backend.ts';
import { requestWebgpuDevice } from './device.ts';
import type { WebgpuDevice } from './device.ts';
import { HeadProgram } from './headProgram.ts';
import { columnPartialsKernel } from './kernels/columnSum.ts';
import { cacheWriteKernel } from './kernels/rows.ts';
import { sampleKernel } from './kernels/sample.ts';
import type { Argument } from './launcher.ts';
import { MatmulChoice } from './matmulChoice.ts';
import type { ChoiceTable } from './matmulChoice.ts';
import { MatmulProgram } from './matmulProgram.ts';
import type { Matrix } from './matmulProgram.ts';
import { tunedChoices, tuningKey } from './matmulTuner.ts';
import type { Tuning, TuningStore } from './matmulTuner.ts';
import { timeProducts } from './timeProducts.ts';
import { OptimizerCalls } from './optimizerCalls.ts';
import { quantisedCalls } from './quantisedCalls.ts';

export interface WebgpuOptions {
  /** The WebGPU entry point where it is not `navigator.gpu`: in Node, `create([])` of npm's `webgpu`. */
  readonly gpu?: GPU;
  /** Use subgroup operations where the adapter has them; default true. */
  readonly subgroups?: boolean;
  /** Bind at most so many bytes at once; default what the adapter allows. Larger weights are bound in parts. */
  readonly maxBindingBytes?: number;
  /** Choose kernels as for a graphics card, or as for a driver that runs on the CPU; default as the adapter is. */
  readonly kernelsFor?: 'gpu' | 'cpu';
  /** Matrix product kernels to use instead of the adapter's defaults. */
  readonly matmul?: Partial<ChoiceTable>;
  /**
   * On graphics cards: time the kernels of matrix products at the first use of this adapter, and keep here what was
   * found. Absent: the kernels are chosen by rule, as they always are where the adapter computes on the processor.
   */
  readonly tuning?: TuningStore;
}

/** Throws `WebgpuUnavailableError` (device.ts) when there is no WebGPU here. */
export async function createWebgpuBackend(options: WebgpuOptions = {}): Promise<WebgpuBackend> {
  const origin = await requestWebgpuDevice(options.gpu, options.subgroups);
  const { kernelsFor } = options;
  const software = kernelsFor === undefined ? origin.software : kernelsFor === 'cpu';
  const backend = new WebgpuBackend({ ...origin, software }, options);
  if (options.tuning && !software) await backend.tune(options.tuning);
  return backend;
}

export class WebgpuBackend extends OptimizerCalls implements Backend {
  private readonly matmul: MatmulProgram;
  private readonly choice: MatmulChoice;
  private readonly adapter: string;
  private readonly headProgram: HeadProgram;
  readonly quantised: QuantisedKernels;

  constructor(origin: WebgpuDevice, options: WebgpuOptions = {}) {
    const { maxStorageBufferBindingSize } = origin.device.limits;
    super(origin, Math.min(options.maxBindingBytes ?? Infinity, maxStorageBufferBindingSize));
    this.choice = new MatmulChoice(origin, options.matmul);
    this.adapter = origin.adapter;
    this.matmul = new MatmulProgram(this.store, this.launcher, this.choice);
    const stats = this.inQuads ? 'quads' : this.bySubgroups ? 'subgroups' : 'plain';
    this.headProgram = new HeadProgram(this.store, this.launcher, this.matmul, stats);
    this.quantised = quantisedCalls(this.store, this.launcher, this.matmul, this.headProgram);
  }

  /**
   * Chooses the kernels of matrix products by a timed run, unless the store has one of this adapter.
   * @param patience seconds after which classes of shapes keep their defaults
   */
  async tune(store: TuningStore | null, patience?: number): Promise<Tuning> {
    const { traits } = this.choice;
    const time = timeProducts(this.store, this.launcher, traits);
    const tuning = await tunedChoices(traits, time, tuningKey(this.adapter, traits), store, patience);
    this.choice.adopt(tuning.table);
    return tuning;
  }

  // ---- linear --------------------------------------------------------------------------------

  linear(
    x: DeviceBuffer,
    w: DeviceBuffer,
    bias: DeviceBuffer | null,
    y: DeviceBuffer,
    T: number,
    I: number,
    O: number,
  ): void {
    this.matmul.run('linear', {
      layout: 'NT',
      a: ['x', x, T * I],
      b: { name: 'w', data: w, rows: O, cols: I, stored: 'f32' },
      bias: bias && ['bias', bias, O],
      c: ['y', y, T * O],
      M: T,
      N: O,
      K: I,
    });
  }

  linearBackwardInput(
    dy: DeviceBuffer,
    w: DeviceBuffer,
    dx: DeviceBuffer,
    T: number,
    I: number,
    O: number,
    accumulate: boolean,
  ): void {
    this.matmul.run('linearBackwardInput', {
      layout: 'NN',
      a: ['dy', dy, T * O],
      b: { name: 'w', data: w, rows: O, cols: I, stored: 'f32' },
      c: ['dx', dx, T * I],
      M: T,
      N: I,
      K: O,
      accumulate,
    });
  }

  linearBackwardWeight(
    dy: DeviceBuffer,
    x: DeviceBuffer,
    dw: DeviceBuffer,
    T: number,
    I: number,
    O: number,
  ): void {
    this.matmul.run('linearBackwardWeight', {
      layout: 'TN',
      a: ['dy', dy, T * O],
      b: { name: 'x', data: x, rows: T, cols: I, stored: 'f32' },
      c: ['dw', dw, O * I],
      M: O,
      N: I,
      K: T,
      accumulate: true,
    });
  }

  linearBackwardBias(dy: DeviceBuffer, db: DeviceBuffer, T: number, O: number): void {
    this.columnSum('linearBackwardBias', columnPartialsKernel, [['dy', dy, T * O]], ['db', db, O], T, O);
  }

  // ---- KV cache ------------------------------------------------------------------------------

  cacheWrite(
    x: DeviceBuffer,
    slots: DeviceBuffer,
    positions: DeviceBuffer,
    cache: DeviceBuffer,
    N: number,
    W: number,
    capacity: number,
  ): void {
    const args: Argument[] = [
      ['x', x, N * W],
      ['slots', slots, N],
      ['positions', positions, N],
      ['cache', cache, capacity * W],
    ];
    this.launcher.elements('cacheWrite', cacheWriteKernel, args, N * W, W, capacity);
  }

  cacheCopySlot(
    cache: DeviceBuffer,
    from: number,
    to: number,
    length: number,
    W: number,
    capacity: number,
  ): void {
    if (length > capacity) {
      throw new EngineError(`cacheCopySlot: ${length} positions do not fit in a slot of ${capacity}.`);
    }
    if (from !== to) this.copy(cache, from * capacity * W, cache, to * capacity * W, length * W);
  }

  // ---- head and sampling ---------------------------------------------------------------------

  head(
    h: DeviceBuffer,
    w: DeviceBuffer,
    targets: DeviceBuffer,
    logprob: DeviceBuffer,
    entropy: DeviceBuffer,
    lse: DeviceBuffer,
    N: number,
    D: number,
    V: number,
    scale: number,
  ): void {
    const matrix: Matrix = { name: 'w', data: w, rows: V, cols: D, stored: 'f32' };
    this.headProgram.forward({ h, w: matrix, targets, logprob, entropy, lse, N, scale });
  }

  headBackward(
    h: DeviceBuffer,
    w: DeviceBuffer,
    targets: DeviceBuffer,
    entropy: DeviceBuffer,
    lse: DeviceBuffer,
    gLogprob: DeviceBuffer,
    gEntropy: DeviceBuffer,
    dh: DeviceBuffer,
    dw: DeviceBuffer | null,
    N: number,
    D: number,
    V: number,
    scale: number,
  ): void {
    const matrix: Matrix = { name: 'w', data: w, rows: V, cols: D, stored: 'f32' };
    const numbers = { entropy, lse, gLogprob, gEntropy };
    this.headProgram.backward({ h, w: matrix, targets, ...numbers, dh, dw, N, scale });
  }

  sample(
    logits: DeviceBuffer,
    keys: DeviceBuffer,
    ids: DeviceBuffer,
    logprob: DeviceBuffer,
    entropy: DeviceBuffer,
    N: number,
    V: number,
    { temperature, topK, topP }: SamplingOptions,
  ): void {
    const greedy = temperature === 0;
    this.launcher.run(
      'sample',
      sampleKernel,
      [
        ['logits', logits, N * V],
        ['keys', keys, N * 3],
        ['ids', ids, N],
        ['logprob', logprob, N],
        ['entropy', entropy, N],
      ],
      [N, V, greedy ? 1 : 1 / temperature, greedy ? 1 : 0, topK, topP],
      { groups: N },
    );
  }
}
