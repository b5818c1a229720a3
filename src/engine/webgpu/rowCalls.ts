/**
 * The calls of the WebGPU backend that work element by element or row by row.
 */

import { EngineError } from '../backend.ts';
import type { DeviceBuffer } from '../backend.ts';
import { ropeKey, type RopeScaling } from '../ropeScaling.ts';
import type { Kernel } from './kernel.ts';
import {
  COLUMN_SUM_COLUMNS,
  COLUMN_SUM_ROWS,
  addColumnPartialsKernel,
  rmsnormPartialsKernel,
} from './kernels/columnSum.ts';
import * as elementwise from './kernels/elementwise.ts';
import { embeddingBackwardKernel } from './kernels/embeddingBackward.ts';
import { rmsnormKernels } from './kernels/rmsnorm.ts';
import { ropeKernel, ropeTurns } from './kernels/rope.ts';
import * as rowKernels from './kernels/rows.ts';
import type { Argument } from './launcher.ts';
import { VIEW_ALIGNMENT } from './deviceMemory.ts';
import { MemoryCalls } from './memoryCalls.ts';
import { pieces } from './pieces.ts';

export class RowCalls extends MemoryCalls {
  private readonly ropeTables = new Map<string, DeviceBuffer>();

  // ---- elementwise ---------------------------------------------------------------------------

  axpy(dst: DeviceBuffer, src: DeviceBuffer, alpha: number, n: number): void {
    const args: Argument[] = [
      ['src', src, n],
      ['dst', dst, n],
    ];
    this.launcher.elements('axpy', elementwise.axpyKernel, args, n, alpha);
  }

  add(a: DeviceBuffer, b: DeviceBuffer, y: DeviceBuffer, n: number): void {
    const args: Argument[] = [
      ['a', a, n],
      ['b', b, n],
      ['y', y, n],
    ];
    this.launcher.elements('add', elementwise.addKernel, args, n);
  }

  swiglu(gate: DeviceBuffer, up: DeviceBuffer, y: DeviceBuffer, n: number): void {
    const args: Argument[] = [
      ['gate', gate, n],
      ['up', up, n],
      ['y', y, n],
    ];
    this.launcher.elements('swiglu', elementwise.swigluKernel, args, n);
  }

  swigluBackward(
    dy: DeviceBuffer,
    gate: DeviceBuffer,
    up: DeviceBuffer,
    dgate: DeviceBuffer,
    dup: DeviceBuffer,
    n: number,
  ): void {
    const args: Argument[] = [
      ['dy', dy, n],
      ['gate', gate, n],
      ['up', up, n],
      ['dgate', dgate, n],
      ['dup', dup, n],
    ];
    this.launcher.elements('swigluBackward', elementwise.swigluBackwardKernel, args, n);
  }

  // ---- embedding and rows --------------------------------------------------------------------

  embedding(ids: DeviceBuffer, table: DeviceBuffer, y: DeviceBuffer, T: number, D: number): void {
    for (const [first, count] of this.tableRanges(table, D)) {
      const args: Argument[] = [
        ['table', this.rowsOf(table, first, count, D), Math.max(count, 1) * D],
        ['ids', ids, T],
        ['y', y, T * D],
      ];
      this.launcher.elements('embedding', rowKernels.embeddingKernel, args, T * D, D, first, count);
    }
  }

  embeddingBackward(
    ids: DeviceBuffer,
    dy: DeviceBuffer,
    dTable: DeviceBuffer,
    T: number,
    D: number,
    V: number,
  ): void {
    if (T === 0) return;
    // A workgroup a token of the batch, or a row of the table, whichever are fewer.
    const byToken = T < V;
    for (const [first, count] of pieces(V, this.rangeRows(V, D))) {
      const groups = byToken ? T : count;
      this.launcher.run(
        'embeddingBackward',
        embeddingBackwardKernel,
        [
          ['ids', ids, T],
          ['dy', dy, T * D],
          ['dTable', this.rowsOf(dTable, first, count, D), count * D],
        ],
        [T, D, first, count, byToken ? 1 : 0],
        { groups, flops: T * groups },
      );
    }
  }

  /** Ranges of a table's rows that one binding holds; the number of rows is known from its length alone. */
  private tableRanges(table: DeviceBuffer, D: number): (readonly [start: number, length: number])[] {
    const rows = Math.floor(table.length / D);
    return pieces(Math.max(rows, 1), this.rangeRows(rows, D));
  }

  private rangeRows(rows: number, D: number): number {
    const most = this.store.maxBindingElements;
    return rows * D <= most ? Math.max(rows, 1) : Math.floor(most / D / VIEW_ALIGNMENT) * VIEW_ALIGNMENT;
  }

  private rowsOf(table: DeviceBuffer, first: number, count: number, D: number): DeviceBuffer {
    return count * D >= table.length - D + 1 ? table : this.store.view(table, first * D, count * D);
  }

  gatherRows(x: DeviceBuffer, rows: DeviceBuffer, y: DeviceBuffer, N: number, D: number): void {
    const args: Argument[] = [
      ['x', x, D],
      ['rows', rows, N],
      ['y', y, N * D],
    ];
    this.launcher.elements('gatherRows', rowKernels.gatherRowsKernel, args, N * D, D);
  }

  scatterRowsAdd(dy: DeviceBuffer, rows: DeviceBuffer, dx: DeviceBuffer, N: number, D: number): void {
    const args: Argument[] = [
      ['dy', dy, N * D],
      ['rows', rows, N],
      ['dx', dx, D],
    ];
    this.launcher.elements('scatterRowsAdd', rowKernels.scatterRowsAddKernel, args, N * D, D);
  }

  segmentMean(x: DeviceBuffer, starts: DeviceBuffer, y: DeviceBuffer, S: number, D: number): void {
    const args: Argument[] = [
      ['x', x, D],
      ['starts', starts, S + 1],
      ['y', y, S * D],
    ];
    this.launcher.elements('segmentMean', rowKernels.segmentMeanKernel, args, S * D, D);
  }

  segmentMeanBackward(
    dy: DeviceBuffer,
    starts: DeviceBuffer,
    dx: DeviceBuffer,
    S: number,
    T: number,
    D: number,
  ): void {
    const args: Argument[] = [
      ['dy', dy, S * D],
      ['starts', starts, S + 1],
      ['dx', dx, T * D],
    ];
    this.launcher.elements('segmentMeanBackward', rowKernels.segmentMeanBackwardKernel, args, T * D, D, S);
  }

  // ---- RMSNorm and RoPE ----------------------------------------------------------------------

  rmsnorm(
    x: DeviceBuffer,
    w: DeviceBuffer,
    y: DeviceBuffer,
    rstd: DeviceBuffer,
    T: number,
    D: number,
    eps: number,
  ): void {
    const { forward, rowsPerGroup } = rmsnormKernels(D, this.quads, this.inQuads, this.bySubgroups);
    this.launcher.run(
      'rmsnorm',
      forward,
      [
        ['x', x, T * D],
        ['w', w, D],
        ['y', y, T * D],
        ['rstd', rstd, T],
      ],
      [T, D, eps],
      { groups: Math.ceil(T / rowsPerGroup) },
    );
  }

  rmsnormBackward(
    dy: DeviceBuffer,
    x: DeviceBuffer,
    w: DeviceBuffer,
    rstd: DeviceBuffer,
    dx: DeviceBuffer,
    dw: DeviceBuffer,
    T: number,
    D: number,
    accumulate: boolean,
  ): void {
    const { backward, rowsPerGroup } = rmsnormKernels(D, this.quads, this.inQuads, this.bySubgroups);
    const gradient: Argument = ['dy', dy, T * D];
    const rows: Argument = ['x', x, T * D];
    const scales: Argument = ['rstd', rstd, T];
    this.launcher.run(
      'rmsnormBackward',
      backward,
      [gradient, rows, ['w', w, D], scales, ['dx', dx, T * D]],
      [T, D, accumulate ? 1 : 0],
      { groups: Math.ceil(T / rowsPerGroup) },
    );
    this.columnSum('rmsnormBackward', rmsnormPartialsKernel, [gradient, rows, scales], ['dw', dw, D], T, D);
  }

  rope(
    x: DeviceBuffer,
    positions: DeviceBuffer,
    T: number,
    H: number,
    C: number,
    theta: number,
    inverse: boolean,
    scaling?: RopeScaling,
  ): void {
    const args: Argument[] = [
      ['positions', positions, T],
      ['frequencies', this.ropeTable(C, theta, scaling), C / 2],
      ['x', x, T * H * C],
    ];
    this.launcher.elements('rope', ropeKernel, args, (T * H * C) / 2, H, C, inverse ? -1 : 1);
  }

  /** total[d] += Σ_t term[t,d], the term being the partial kernel's. */
  protected columnSum(
    op: string,
    kernel: Kernel,
    inputs: Argument[],
    total: Argument,
    T: number,
    D: number,
  ): void {
    if (T === 0) return;
    const chunks = Math.ceil(T / COLUMN_SUM_ROWS);
    const groups = chunks * Math.ceil(D / COLUMN_SUM_COLUMNS);
    this.store.withScratch(chunks * D, (scratch) => {
      const partials: Argument = ['partials', scratch, chunks * D];
      this.launcher.run(op, kernel, [...inputs, partials], [T, D], { groups });
      this.launcher.elements(op, addColumnPartialsKernel, [partials, total], D, chunks);
    });
  }

  private ropeTable(C: number, theta: number, scaling?: RopeScaling): DeviceBuffer {
    if (C % 2 !== 0) throw new EngineError(`rope: heads need an even number of channels, not ${C}.`);
    const key = ropeKey(C, theta, scaling);
    const known = this.ropeTables.get(key);
    if (known) return known;
    const table = this.store.alloc(C / 2, 'i32');
    this.store.write(table, ropeTurns(C, theta, scaling), 0);
    this.ropeTables.set(key, table);
    return table;
  }
}
