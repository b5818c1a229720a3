/**
 * The fused head: matmuls and row kernels over chunks of rows and vocabulary, scratch bounded by
 * HEAD_ROWS × HEAD_CHUNK logits.
 */

import type { DeviceBuffer } from '../backend.ts';
import type { DeviceMemory } from './deviceMemory.ts';
import {
  HEAD_CHUNK,
  HEAD_ROWS,
  HEAD_STATS_ROWS,
  headGradientKernel,
  headResultsKernel,
  headStatsKernel,
  headStatsQuadsKernel,
  headStatsSubgroupsKernel,
} from './kernels/head.ts';
import type { Launcher } from './launcher.ts';
import { rowsOf } from './matmulProgram.ts';
import type { Matrix, MatmulProgram } from './matmulProgram.ts';
import { pieces } from './pieces.ts';

/** Kernels of the statistics and the rows of one workgroup; `quads` for drivers that run on the CPU. */
const HEAD_STATS = {
  plain: { kernel: headStatsKernel, rows: 1 },
  subgroups: { kernel: headStatsSubgroupsKernel, rows: 1 },
  quads: { kernel: headStatsQuadsKernel, rows: HEAD_STATS_ROWS },
} as const;
export type HeadStats = keyof typeof HEAD_STATS;

interface HeadSize {
  readonly N: number;
  readonly scale: number;
}

export interface HeadForward extends HeadSize {
  readonly h: DeviceBuffer;
  readonly w: Matrix;
  readonly targets: DeviceBuffer;
  readonly logprob: DeviceBuffer;
  readonly entropy: DeviceBuffer;
  readonly lse: DeviceBuffer;
}

export interface HeadBackward extends HeadSize {
  readonly h: DeviceBuffer;
  readonly w: Matrix;
  readonly targets: DeviceBuffer;
  readonly entropy: DeviceBuffer;
  readonly lse: DeviceBuffer;
  readonly gLogprob: DeviceBuffer;
  readonly gEntropy: DeviceBuffer;
  readonly dh: DeviceBuffer;
  /** null: a frozen head. */
  readonly dw: DeviceBuffer | null;
}

export class HeadProgram {
  private readonly memory: DeviceMemory;
  private readonly launcher: Launcher;
  private readonly matmul: MatmulProgram;

  private readonly stats: HeadStats;

  constructor(memory: DeviceMemory, launcher: Launcher, matmul: MatmulProgram, stats: HeadStats) {
    this.stats = stats;
    this.memory = memory;
    this.launcher = launcher;
    this.matmul = matmul;
  }

  forward(call: HeadForward): void {
    this.memory.withScratch(Math.min(call.N, HEAD_ROWS) * 4, (state) => this.forwardWith(state, call));
  }

  private forwardWith(state: DeviceBuffer, call: HeadForward): void {
    const { N, scale } = call;
    const { rows: V, cols: D } = call.w;
    for (const [n0, rows] of pieces(N, HEAD_ROWS)) {
      const h = this.memory.view(call.h, n0 * D, rows * D);
      const targets = this.memory.view(call.targets, n0, rows);
      this.eachChunk(rows, V, (z, v0, width) => {
        this.logits('head', h, rowsOf(this.memory, call.w, v0, width), z, rows, scale);
        this.launcher.run(
          'head',
          HEAD_STATS[this.stats].kernel,
          [
            ['logits', z, rows * width],
            ['targets', targets, rows],
            ['state', state, rows * 4],
          ],
          [rows, width, v0],
          { groups: Math.ceil(rows / HEAD_STATS[this.stats].rows) },
        );
      });
      this.launcher.elements(
        'head',
        headResultsKernel,
        [
          ['state', state, rows * 4],
          ['logprob', this.memory.view(call.logprob, n0, rows), rows],
          ['entropy', this.memory.view(call.entropy, n0, rows), rows],
          ['lse', this.memory.view(call.lse, n0, rows), rows],
        ],
        rows,
      );
    }
  }

  backward(call: HeadBackward): void {
    const { N, scale } = call;
    const { rows: V, cols: D } = call.w;
    for (const [n0, rows] of pieces(N, HEAD_ROWS)) {
      const h = this.memory.view(call.h, n0 * D, rows * D);
      const dh = this.memory.view(call.dh, n0 * D, rows * D);
      const perRow = (name: 'targets' | 'lse' | 'entropy' | 'gLogprob' | 'gEntropy') =>
        [name, this.memory.view(call[name], n0, rows), rows] as const;
      this.eachChunk(rows, V, (z, v0, width) => {
        const w = rowsOf(this.memory, call.w, v0, width);
        this.logits('headBackward', h, w, z, rows, scale);
        this.launcher.elements(
          'headBackward',
          headGradientKernel,
          [
            perRow('targets'),
            perRow('entropy'),
            perRow('lse'),
            perRow('gLogprob'),
            perRow('gEntropy'),
            ['logits', z, rows * width],
          ],
          rows * width,
          width,
          v0,
        );
        this.matmul.run('headBackward', {
          layout: 'NN',
          a: ['dz', z, rows * width],
          b: w,
          c: ['dh', dh, rows * D],
          M: rows,
          N: D,
          K: width,
          alpha: scale,
          accumulate: v0 > 0,
        });
        if (call.dw === null) return;
        this.matmul.run('headBackward', {
          layout: 'TN',
          a: ['dz', z, rows * width],
          b: { name: 'h', data: h, rows, cols: D, stored: 'f32' },
          c: ['dw', this.memory.view(call.dw, v0 * D, width * D), width * D],
          M: width,
          N: D,
          K: rows,
          alpha: scale,
          accumulate: true,
        });
      });
    }
  }

  /** Runs `body` for every vocabulary chunk with a scratch for its logits. */
  private eachChunk(
    rows: number,
    V: number,
    body: (z: DeviceBuffer, v0: number, width: number) => void,
  ): void {
    this.memory.withScratch(rows * Math.min(V, HEAD_CHUNK), (z) => {
      for (const [v0, width] of pieces(V, HEAD_CHUNK)) body(z, v0, width);
    });
  }

  /** z[rows, V] = h · w[V,D]ᵀ · scale. */
  private logits(op: string, h: DeviceBuffer, w: Matrix, z: DeviceBuffer, rows: number, scale: number): void {
    const { rows: N, cols: K } = w;
    this.matmul.run(op, {
      layout: 'NT',
      a: ['h', h, rows * K],
      b: w,
      c: ['logits', z, rows * N],
      M: rows,
      N,
      K,
      alpha: scale,
    });
  }
}
