/**
 * `Backend` on WebGPU: which kernels each operation runs, over which buffers and parameters.
 */

import type { AdamWOptions, Backend, DeviceBuffer, QuantisedKernels, SamplingOptions } from '../backend.ts';
import { EngineError } from '../backend.ts';
import { requestWebgpuDevice } from './device.ts';
import type { WebgpuDevice } from './device.ts';
import { HeadProgram } from './headProgram.ts';
import { columnPartialsKernel } from './kernels/columnSum.ts';
import * as optimizer from './kernels/optimizer.ts';
import { cacheWriteKernel } from './kernels/rows.ts';
import { sampleKernel } from './kernels/sample.ts';
import type { Argument } from './launcher.ts';
import { MatmulChoice } from './matmulChoice.ts';
import type { ChoiceTable } from './matmulChoice.ts';
import { MatmulProgram } from './matmulProgram.ts';
import type { Matrix } from './matmulProgram.ts';
import { pieces } from './pieces.ts';
import { AttentionCalls } from './attentionCalls.ts';
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
}

/** Throws `WebgpuUnavailableError` (device.ts) when there is no WebGPU here. */
export async function createWebgpuBackend(options: WebgpuOptions = {}): Promise<WebgpuBackend> {
  const origin = await requestWebgpuDevice(options.gpu, options.subgroups);
  const { kernelsFor } = options;
  const software = kernelsFor === undefined ? origin.software : kernelsFor === 'cpu';
  return new WebgpuBackend({ ...origin, software }, options);
}

export class WebgpuBackend extends AttentionCalls implements Backend {
  private readonly matmul: MatmulProgram;
  private readonly headProgram: HeadProgram;
  readonly quantised: QuantisedKernels;

  constructor(origin: WebgpuDevice, options: WebgpuOptions = {}) {
    const { maxStorageBufferBindingSize } = origin.device.limits;
    super(origin, Math.min(options.maxBindingBytes ?? Infinity, maxStorageBufferBindingSize));
    this.matmul = new MatmulProgram(this.store, this.launcher, new MatmulChoice(origin, options.matmul));
    const stats = this.inQuads ? 'quads' : this.bySubgroups ? 'subgroups' : 'plain';
    this.headProgram = new HeadProgram(this.store, this.launcher, this.matmul, stats);
    this.quantised = quantisedCalls(this.store, this.launcher, this.matmul, this.headProgram);
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

  // ---- optimiser -----------------------------------------------------------------------------

  sumSquares(x: DeviceBuffer, out: DeviceBuffer, n: number): void {
    this.eachRange(n, [x], (length, [part = x]) => {
      const groups = Math.min(optimizer.SUM_SQUARES_GROUPS, Math.ceil(length / 256));
      this.store.withScratch(groups, (scratch) => {
        const partials: Argument = ['partials', scratch, groups];
        const args: Argument[] = [['x', part, length], partials];
        this.launcher.run('sumSquares', optimizer.sumSquaresKernel, args, [length], { groups });
        this.launcher.run('sumSquares', optimizer.addSumKernel, [partials, ['out', out, 1]], [groups], {
          groups: 1,
        });
      });
    });
  }

  clipScale(sumSquares: DeviceBuffer, scale: DeviceBuffer, maxNorm: number): void {
    const args: Argument[] = [
      ['sumSquares', sumSquares, 1],
      ['scale', scale, 1],
    ];
    this.launcher.run('clipScale', optimizer.clipScaleKernel, args, [maxNorm], { groups: 1 });
  }

  adamw(
    param: DeviceBuffer,
    grad: DeviceBuffer,
    m: DeviceBuffer,
    v: DeviceBuffer,
    gradScale: DeviceBuffer,
    n: number,
    { learningRate, beta1, beta2, epsilon, weightDecay, step }: AdamWOptions,
  ): void {
    const params = [learningRate, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, weightDecay];
    const corrections = [1 / (1 - beta1 ** step), 1 / (1 - beta2 ** step)];
    this.eachRange(n, [grad, param, m, v], (length, [g = grad, p = param, first = m, second = v]) => {
      const args: Argument[] = [
        ['grad', g, length],
        ['gradScale', gradScale, 1],
        ['param', p, length],
        ['m', first, length],
        ['v', second, length],
      ];
      this.launcher.elements('adamw', optimizer.adamwKernel, args, length, ...params, ...corrections);
    });
  }

  /** Runs `body` over ranges of n elements that one binding holds, with the buffers' windows on them. */
  private eachRange(
    n: number,
    buffers: readonly DeviceBuffer[],
    body: (length: number, windows: readonly DeviceBuffer[]) => void,
  ): void {
    const most = Math.floor(this.store.maxBindingElements / this.viewAlignment) * this.viewAlignment;
    if (n <= most) body(n, buffers);
    else {
      for (const [first, length] of pieces(n, most))
        body(
          length,
          buffers.map((buffer) => this.store.view(buffer, first, length)),
        );
    }
  }
}
