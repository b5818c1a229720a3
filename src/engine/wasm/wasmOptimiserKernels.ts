/** The optimiser: the gradient's norm, its clipping, AdamW. */

import type { AdamWOptions, DeviceBuffer } from '../backend.ts';
import { ELEMENT_GRAIN, WasmMemory } from './wasmMemory.ts';

/** Numbers of one partial sum in `sumSquares`; the same number as in assembly/optimizer.ts. */
const SQUARES_PARTIAL = 4096;

export class WasmOptimiserKernels extends WasmMemory {
  sumSquares(x: DeviceBuffer, out: DeviceBuffer, n: number): void {
    const blocks = Math.ceil(n / SQUARES_PARTIAL);
    const partial = this.reserveCommon(blocks * 8);
    const total = this.output('sumSquares', 'out', out, 1) / 4;
    this.command()
      .int(this.f32('sumSquares', 'x', x, n))
      .int(partial)
      .int(n);
    this.launch('sumSquares', blocks, 4);
    const sums = new Float64Array(this.allocator.memory.buffer, partial, blocks);
    let sum = this.allocator.f32[total] as number;
    for (const part of sums) sum += part;
    this.allocator.f32[total] = sum;
  }

  clipScale(sumSquares: DeviceBuffer, scale: DeviceBuffer, maxNorm: number): void {
    const from = this.f32('clipScale', 'sumSquares', sumSquares, 1) / 4;
    const to = this.output('clipScale', 'scale', scale, 1) / 4;
    const memory = this.allocator.f32;
    memory[to] = Math.min(1, maxNorm / Math.sqrt(memory[from] as number));
  }

  adamw(
    param: DeviceBuffer,
    grad: DeviceBuffer,
    m: DeviceBuffer,
    v: DeviceBuffer,
    gradScale: DeviceBuffer,
    n: number,
    options: AdamWOptions,
  ): void {
    const { learningRate, beta1, beta2, epsilon, weightDecay, step } = options;
    this.command()
      .int(this.output('adamw', 'param', param, n))
      .int(this.f32('adamw', 'grad', grad, n))
      .int(this.output('adamw', 'm', m, n))
      .int(this.output('adamw', 'v', v, n))
      .int(this.f32('adamw', 'gradScale', gradScale, 1))
      .float(learningRate)
      .float(beta1)
      .float(beta2)
      .float(epsilon)
      .float(weightDecay)
      .float(1 / (1 - beta1 ** step))
      .float(1 / (1 - beta2 ** step));
    this.launch('adamw', n, ELEMENT_GRAIN);
  }
}
