/**
 * The optimiser's calls of the WebGPU backend.
 */

import type { AdamWOptions, DeviceBuffer } from '../backend.ts';
import { AttentionCalls } from './attentionCalls.ts';
import * as optimizer from './kernels/optimizer.ts';
import type { Argument } from './launcher.ts';
import { pieces } from './pieces.ts';

export class OptimizerCalls extends AttentionCalls {
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
