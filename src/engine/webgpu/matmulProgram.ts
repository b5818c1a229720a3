/**
 * Matrix products: which kernel a call runs, whether its sum is split over workgroups, and the bounded pieces of
 * a call that is too long for one dispatch or too large for one binding.
 */

import type { DeviceBuffer } from '../backend.ts';
import { quantisedWords } from '../quantised.ts';
import type { DeviceMemory } from './deviceMemory.ts';
import { SUM_CHUNK, formName, matmulSumKernel } from './kernels/matmul.ts';
import type { MatmulForm, MatmulKernel, MatmulLayout, MatmulVariant } from './kernels/matmul.ts';
import { panelRows } from './kernels/matmulPanel.ts';
import type { StoredAs } from './kernels/weights.ts';
import type { Argument, Launcher } from './launcher.ts';
import type { MatmulChoice } from './matmulChoice.ts';
import { makeMatmulKernel } from './matmulKernel.ts';
import { pieces } from './pieces.ts';

/** A matrix [rows, cols] that a product reads: f32, or words of engine/quantised.ts. */
export interface Matrix {
  readonly name: string;
  readonly data: DeviceBuffer;
  readonly rows: number;
  readonly cols: number;
  readonly stored: StoredAs;
}

/** Elements that the first `rows` rows of a matrix take; those of a quantised one are filled up to blocks of 8. */
const elements = ({ stored, cols }: Matrix, rows: number): number =>
  stored === 'f32' ? rows * cols : quantisedWords(stored, rows, cols);

/** Rows `first`… of a matrix; of a quantised one `first` is a multiple of 8. */
export function rowsOf(memory: DeviceMemory, matrix: Matrix, first: number, count: number): Matrix {
  // The whole buffer, where it is meant, keeps the binding that other calls of it have.
  if (first === 0) return { ...matrix, rows: count };
  const data = memory.view(matrix.data, elements(matrix, first), elements(matrix, count));
  return { ...matrix, data, rows: count };
}

/** Most rows of a matrix that `most` elements hold: all, or a multiple that keeps views aligned. */
export const mostRows = (matrix: Matrix, most: number): number =>
  largestPiece(matrix.rows, elements(matrix, matrix.rows) / Math.max(1, matrix.rows), most);

export const rowsAsArgument = (matrix: Matrix): Argument => [
  matrix.name,
  matrix.data,
  elements(matrix, matrix.rows),
];

export interface MatmulCall {
  readonly layout: MatmulLayout;
  readonly a: Argument;
  readonly b: Matrix;
  readonly c: Argument;
  readonly bias?: Argument | null;
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly alpha?: number;
  readonly accumulate?: boolean;
}

/** A piece of a call: `a` and `c` as windows of wider matrices, see kernels/matmul.ts. */
interface WindowedCall extends MatmulCall {
  readonly window: {
    readonly aStride: number;
    readonly aShift: number;
    readonly cStride: number;
    readonly cShift: number;
  };
}

export class MatmulProgram {
  private readonly memory: DeviceMemory;
  private readonly launcher: Launcher;
  private readonly choice: MatmulChoice;
  private readonly kernels = new Map<string, MatmulKernel>();
  private readonly sums = [matmulSumKernel(false), matmulSumKernel(true)] as const;

  constructor(memory: DeviceMemory, launcher: Launcher, choice: MatmulChoice) {
    this.memory = memory;
    this.launcher = launcher;
    this.choice = choice;
  }

  /** C (= or +=) alpha·A·B (+ bias); see kernels/matmul.ts for the layouts. */
  run(op: string, call: MatmulCall): void {
    const { layout, M, N, K } = call;
    const most = this.memory.maxBindingElements;
    // The operand that holds a weight, or its gradient, is bound in ranges of its rows.
    const weightRows = layout === 'TN' ? largestPiece(M, N, most) : mostRows(call.b, most);
    const byWork = this.launcher.maxFlops / Math.max(1, 2 * N * K);
    const rows = largestPiece(M, 1, byWork);
    if (layout === 'TN') {
      for (const [m, count] of pieces(M, Math.min(rows, weightRows))) this.piece(op, call, m, count, 0, M);
      return;
    }
    const wide = Math.max(K, N);
    for (const [m, count] of pieces(M, Math.min(rows, largestPiece(M, wide, most)))) {
      for (const [o, length] of pieces(call.b.rows, weightRows)) {
        this.piece(op, call, m, count, o, length);
      }
    }
  }

  /** Rows m… of C; of layout NT its columns o…, of layout NN the part of its sums over k = o…. */
  private piece(op: string, call: MatmulCall, m: number, rows: number, o: number, length: number): void {
    const { layout, M, N, K, accumulate = false } = call;
    const part = ([name, buffer]: Argument, first: number, count: number, width: number): Argument =>
      // The whole buffer, where it is meant, keeps the binding that other calls of it have.
      [name, first === 0 ? buffer : this.memory.view(buffer, first * width, count * width), count * width];
    const c = part(call.c, m, rows, N);
    switch (layout) {
      case 'NT':
        this.dispatch(op, {
          ...call,
          a: part(call.a, m, rows, K),
          b: rowsOf(this.memory, call.b, o, length),
          c,
          M: rows,
          N: length,
          window: { aStride: K, aShift: 0, cStride: N, cShift: o },
        });
        return;
      case 'NN':
        this.dispatch(op, {
          ...call,
          a: part(call.a, m, rows, K),
          b: rowsOf(this.memory, call.b, o, length),
          c,
          M: rows,
          K: length,
          accumulate: accumulate || o > 0,
          window: { aStride: K, aShift: o, cStride: N, cShift: 0 },
        });
        return;
      case 'TN':
        this.dispatch(op, {
          ...call,
          c,
          M: rows,
          window: { aStride: M, aShift: m, cStride: N, cShift: 0 },
        });
    }
  }

  private dispatch(op: string, call: WindowedCall): void {
    const { layout, a, b, c, bias = null, M, N, K, alpha = 1, accumulate = false, window } = call;
    const { aStride, aShift, cStride, cShift } = window;
    const variant = this.choice.variant(layout, M, N);
    const panel = variant.family === 'panel';
    const vectors = !panel && [aStride, layout === 'NT' ? K : N].every((contiguous) => contiguous % 4 === 0);
    const form: MatmulForm = { layout, bias: bias !== null, split: false, stored: b.stored, vectors };
    const right = rowsAsArgument(b);
    const whole = this.kernel(variant, form);
    const tileRows = whole.rows === 'host' ? panelRows(M, N) : whole.rows;
    const tiles = Math.ceil(M / tileRows) * Math.ceil(N / whole.columns);
    const splits = this.choice.splits(layout, M, N, K);
    const flops = 2 * M * N * K;
    const flag = accumulate ? 1 : 0;
    const params = (run: number): number[] => [
      ...[M, N, K, run, aStride, aShift, cStride, cShift, alpha, flag],
      tileRows,
    ];
    const apart = panel && accumulate && K > SUM_CHUNK;
    if (splits === 1 && !apart) {
      const args = bias ? [a, right, bias, c] : [a, right, c];
      this.launcher.run(op, whole.kernel, args, params(Math.max(K, 1)), { groups: tiles, flops });
      return;
    }
    const run = Math.ceil(K / splits / SUM_CHUNK) * SUM_CHUNK;
    const count = Math.ceil(K / run);
    const length = count * M * N;
    this.memory.withScratch(length, (scratch) => {
      const partials: Argument = ['partials', scratch, length];
      const part = this.kernel(variant, { ...form, bias: false, split: true });
      this.launcher.run(op, part.kernel, [a, right, partials], params(run), {
        groups: tiles,
        heads: count,
        flops,
      });
      const args = bias ? [partials, bias, c] : [partials, c];
      this.launcher.elements(op, this.sums[bias ? 1 : 0], args, M * N, N, count, alpha, flag);
    });
  }

  private kernel(variant: MatmulVariant, form: MatmulForm): MatmulKernel {
    const key = `${JSON.stringify(variant)} ${formName(form)}`;
    const known = this.kernels.get(key);
    if (known) return known;
    const made = makeMatmulKernel(variant, form);
    this.kernels.set(key, made);
    return made;
  }
}

/** Most rows of `width` elements that hold at most `most` elements: all `total`, or a multiple that keeps views aligned. */
function largestPiece(total: number, width: number, most: number): number {
  if (total * width <= most) return Math.max(total, 1);
  return Math.max(SUM_CHUNK, Math.floor(most / width / SUM_CHUNK) * SUM_CHUNK);
}
