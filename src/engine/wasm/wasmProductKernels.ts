/** Matrix products, forward and backward. */

import type { DeviceBuffer } from '../backend.ts';
import { WasmAttentionKernels } from './wasmAttentionKernels.ts';
import { productScratch } from './scratch.ts';
import { ELEMENT_GRAIN } from './wasmMemory.ts';
import { PARALLEL_FLOPS, roundUp } from './work.ts';

/** Rows and columns of the largest block of a matrix product; its packed panels fit the second-level cache. */
const ROW_BLOCK = 256;
const COLUMN_BLOCK = 128;
/** Tokens summed at once: the same number as in assembly/. */
const T_BLOCK = 256;

/** NT: B = wᵀ with w[N,K]. NN: B = w[K,N]. PANELS: B = wᵀ, packed. The same numbers as in assembly/matmul.ts. */
const NT = 0;
export const NN = 1;
const PANELS = 2;

/** A right-hand matrix: its address, and how it lies there, a number of assembly/matmul.ts. */
export interface Matrix {
  readonly w: number;
  readonly form: number;
}

/** A matrix product c[M,N] = init + a[M,K] · B; addresses in bytes, init 0 means zeros. */
interface Product extends Matrix {
  readonly a: number;
  readonly init: number;
  readonly initStride: number;
  readonly c: number;
}

export class WasmProductKernels extends WasmAttentionKernels {
  linear(
    x: DeviceBuffer,
    w: DeviceBuffer,
    bias: DeviceBuffer | null,
    y: DeviceBuffer,
    T: number,
    I: number,
    O: number,
  ): void {
    this.linearOf(x, this.transposed('linear', w, O, I), bias, y, T, I, O);
  }

  protected linearOf(
    x: DeviceBuffer,
    weight: Matrix,
    bias: DeviceBuffer | null,
    y: DeviceBuffer,
    T: number,
    I: number,
    O: number,
  ): void {
    const product: Product = {
      a: this.f32('linear', 'x', x, T * I),
      ...weight,
      init: bias ? this.f32('linear', 'bias', bias, O) : 0,
      initStride: 0,
      c: this.output('linear', 'y', y, T * O),
    };
    this.product(product, T, O, I);
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
    const weight = { w: this.f32('linearBackwardInput', 'w', w, O * I), form: NN };
    this.linearBackwardInputOf(dy, weight, dx, T, I, O, accumulate);
  }

  protected linearBackwardInputOf(
    dy: DeviceBuffer,
    weight: Matrix,
    dx: DeviceBuffer,
    T: number,
    I: number,
    O: number,
    accumulate: boolean,
  ): void {
    const c = this.output('linearBackwardInput', 'dx', dx, T * I);
    const product: Product = {
      a: this.f32('linearBackwardInput', 'dy', dy, T * O),
      ...weight,
      init: accumulate ? c : 0,
      initStride: accumulate ? I * 4 : 0,
      c,
    };
    this.product(product, T, I, O);
  }

  linearBackwardWeight(
    dy: DeviceBuffer,
    x: DeviceBuffer,
    dw: DeviceBuffer,
    T: number,
    I: number,
    O: number,
  ): void {
    const gradient = this.f32('linearBackwardWeight', 'dy', dy, T * O);
    const input = this.f32('linearBackwardWeight', 'x', x, T * I);
    this.weightGradient(gradient, input, this.output('linearBackwardWeight', 'dw', dw, O * I), T, I, O);
  }

  /** wᵀ for w[N,K], as panels if they are kept. */
  protected transposed(kernel: string, w: DeviceBuffer, N: number, K: number): Matrix {
    const plain = this.f32(kernel, 'w', w, N * K);
    const packed = this.panels(kernel, w, N, K, (to) => {
      this.command().int(plain).int(to).int(N).int(K);
      this.launch('packPanels', Math.ceil(N / 8), Math.ceil(ELEMENT_GRAIN / (8 * K)));
    });
    return packed === 0 ? { w: plain, form: NT } : { w: packed, form: PANELS };
  }

  protected product({ a, w, form, init, initStride, c }: Product, M: number, N: number, K: number): void {
    if (M === 0 || N === 0) return;
    let rowBlock = Math.min(M, ROW_BLOCK);
    let columnBlock = Math.min(roundUp(N, 8), COLUMN_BLOCK);
    const parallel = this.threads > 1 && 2 * M * N * K > PARALLEL_FLOPS;
    if (parallel) {
      const wanted = 4 * this.threads;
      if (blocksOf(M, N, rowBlock, columnBlock) < wanted && rowBlock > 128) rowBlock = 128;
      if (blocksOf(M, N, rowBlock, columnBlock) < wanted)
        columnBlock = evenColumns(N, Math.ceil(M / rowBlock), this.threads);
    }
    this.reserveScratch(productScratch(rowBlock, columnBlock, K));
    this.command()
      .int(a)
      .int(w)
      .int(form)
      .int(init)
      .int(initStride)
      .int(c)
      .int(M)
      .int(N)
      .int(K)
      .int(rowBlock)
      .int(columnBlock);
    const blocks = blocksOf(M, N, rowBlock, columnBlock);
    this.launch('matmul', blocks, parallel ? 1 : blocks);
  }

  protected weightGradient(dy: number, x: number, dw: number, T: number, I: number, O: number): void {
    const parallel = this.threads > 1 && 2 * T * I * O > PARALLEL_FLOPS;
    const { rowBlock, columnBlock } = gradientBlocks(I, O, parallel ? 2 * this.threads : 1);
    this.reserveScratch(4 * (T_BLOCK * (columnBlock + 6) + 48));
    this.command().int(dy).int(x).int(dw).int(T).int(I).int(O).int(rowBlock).int(columnBlock);
    this.launch('weightGradient', Math.ceil(O / rowBlock) * Math.ceil(I / columnBlock), 1);
  }
}

/** Blocks that a product c[M,N] is made of, each a work item. */
function blocksOf(M: number, N: number, rowBlock: number, columnBlock: number): number {
  return Math.ceil(M / rowBlock) * Math.ceil(N / columnBlock);
}

/**
 * Columns of a block, so that the thread with the most panels of 8 columns has as few as possible, and of such splits
 * the finest, up to four blocks a thread: 344 columns are 43 panels, and two threads take 22 and 21 of them in blocks
 * of 11, but 24 and 19 in blocks of 6. `rowBlocks`: blocks that lie below each other.
 */
function evenColumns(N: number, rowBlocks: number, threads: number): number {
  const panels = Math.ceil(N / 8);
  let best = { block: panels, most: Infinity };
  for (let count = 1; count * rowBlocks <= 4 * threads; count++) {
    const block = Math.min(COLUMN_BLOCK / 8, Math.max(2, Math.ceil(panels / count)));
    const most = Math.ceil((rowBlocks * Math.ceil(panels / block)) / threads) * block;
    if (most <= best.most) best = { block, most };
  }
  return 8 * best.block;
}

/** Least rows and columns of a block of a weight gradient: below them packing costs more than a thread gains. */
const LEAST_BLOCK = 32;

/**
 * Splits dw[O,I] into at least `wanted` blocks where it is large enough. Every block packs its rows of dyᵀ and its
 * columns of x, so x is packed once for each block of rows and dy once for each block of columns: of the splits the
 * one that packs least is taken.
 */
function gradientBlocks(I: number, O: number, wanted: number): { rowBlock: number; columnBlock: number } {
  const most = (length: number): number => Math.max(1, Math.floor(length / LEAST_BLOCK));
  let best = { down: most(O), across: most(I), cost: Infinity };
  for (let down = 1; down <= Math.min(wanted, most(O)); down++) {
    const across = Math.ceil(wanted / down);
    const cost = down * I + across * O;
    if (across <= most(I) && cost < best.cost) best = { down, across, cost };
  }
  return {
    rowBlock: roundUp(Math.ceil(O / best.down), 2),
    columnBlock: roundUp(Math.ceil(I / best.across), 8),
  };
}
