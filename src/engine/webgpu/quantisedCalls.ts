/**
 * The calls of the WebGPU backend that read quantised weights: the products and the head of f32 weights with other
 * readers (kernels/weights.ts), and rows of a table.
 */

import type { QuantisedKernels } from '../backendQuantised.ts';
import type { QuantisedMatrix } from '../quantised.ts';
import type { DeviceMemory } from './deviceMemory.ts';
import type { HeadProgram } from './headProgram.ts';
import { quantisedEmbeddingKernel } from './kernels/rows.ts';
import type { Launcher } from './launcher.ts';
import { mostRows, rowsAsArgument, rowsOf } from './matmulProgram.ts';
import type { MatmulProgram, Matrix } from './matmulProgram.ts';
import { pieces } from './pieces.ts';

const matrixOf = ({ kind, rows, cols, data }: QuantisedMatrix): Matrix => ({
  ...{ name: 'w', data, rows, cols },
  stored: kind,
});

export function quantisedCalls(
  memory: DeviceMemory,
  launcher: Launcher,
  matmul: MatmulProgram,
  headProgram: HeadProgram,
): QuantisedKernels {
  return {
    embedding(ids, w, y, T) {
      const matrix = matrixOf(w);
      const D = w.cols;
      for (const [first, count] of pieces(w.rows, mostRows(matrix, memory.maxBindingElements))) {
        launcher.elements(
          'embedding',
          quantisedEmbeddingKernel(w.kind),
          [rowsAsArgument(rowsOf(memory, matrix, first, count)), ['ids', ids, T], ['y', y, T * D]],
          T * D,
          ...[D, first, count],
        );
      }
    },
    linear(x, w, bias, y, T) {
      const { rows: O, cols: I } = w;
      matmul.run('linear', {
        layout: 'NT',
        a: ['x', x, T * I],
        b: matrixOf(w),
        bias: bias && ['bias', bias, O],
        c: ['y', y, T * O],
        M: T,
        N: O,
        K: I,
      });
    },
    linearBackwardInput(dy, w, dx, T, accumulate) {
      const { rows: O, cols: I } = w;
      matmul.run('linearBackwardInput', {
        layout: 'NN',
        a: ['dy', dy, T * O],
        b: matrixOf(w),
        c: ['dx', dx, T * I],
        M: T,
        N: I,
        K: O,
        accumulate,
      });
    },
    head(h, w, targets, logprob, entropy, lse, N, scale) {
      headProgram.forward({ h, w: matrixOf(w), targets, logprob, entropy, lse, N, scale });
    },
    headBackward(h, w, targets, entropy, lse, gLogprob, gEntropy, dh, N, scale) {
      const numbers = { entropy, lse, gLogprob, gEntropy };
      headProgram.backward({ h, w: matrixOf(w), targets, ...numbers, dh, dw: null, N, scale });
    },
  };
}
