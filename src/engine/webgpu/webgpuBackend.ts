/**
 * `Backend` on WebGPU: which kernels each operation runs, over which buffers and parameters.
 */

import type { AdamWOptions, AttentionShape, Backend, DeviceBuffer, SamplingOptions } from '../backend.ts';
import { EngineError } from '../backend.ts';
import { requestWebgpuDevice } from './device.ts';
import { HeadProgram } from './headProgram.ts';
import { attentionForwardTile, attentionKernel } from './kernels/attention.ts';
import {
  attentionDeltaKernel,
  attentionKeyKernel,
  attentionKeyTile,
  attentionQueryKernel,
  attentionQueryTile,
} from './kernels/attentionBackward.ts';
import { attentionCachedKernel } from './kernels/attentionCached.ts';
import { attentionSlots } from './kernels/attentionTiles.ts';
import { columnPartialsKernel } from './kernels/columnSum.ts';
import * as optimizer from './kernels/optimizer.ts';
import { cacheWriteKernel } from './kernels/rows.ts';
import { sampleKernel } from './kernels/sample.ts';
import type { Argument } from './launcher.ts';
import { RowCalls } from './rowCalls.ts';

export interface WebgpuOptions {
  /** The WebGPU entry point where it is not `navigator.gpu`: in Node, `create([])` of npm's `webgpu`. */
  readonly gpu?: GPU;
}

/** Throws `WebgpuUnavailableError` (device.ts) when there is no WebGPU here. */
export async function createWebgpuBackend(options: WebgpuOptions = {}): Promise<WebgpuBackend> {
  return new WebgpuBackend(await requestWebgpuDevice(options.gpu));
}

export class WebgpuBackend extends RowCalls implements Backend {
  private readonly headProgram = new HeadProgram(this.store, this.launcher);

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
    this.launcher.matmul('linear', {
      layout: 'NT',
      a: ['x', x, T * I],
      b: ['w', w, O * I],
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
    this.launcher.matmul('linearBackwardInput', {
      layout: 'NN',
      a: ['dy', dy, T * O],
      b: ['w', w, O * I],
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
    this.launcher.matmul('linearBackwardWeight', {
      layout: 'TN',
      a: ['dy', dy, T * O],
      b: ['x', x, T * I],
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

  // ---- attention -----------------------------------------------------------------------------

  attention(
    q: DeviceBuffer,
    k: DeviceBuffer,
    v: DeviceBuffer,
    starts: DeviceBuffer,
    out: DeviceBuffer,
    lse: DeviceBuffer,
    T: number,
    S: number,
    shape: AttentionShape,
    causal: boolean,
  ): void {
    const { heads, kvHeads, headDim } = checkShape('attention', shape);
    const slots = attentionSlots(T, S, attentionForwardTile(headDim).rows);
    this.launcher.run(
      'attention',
      attentionKernel(headDim),
      [
        ['q', q, T * heads * headDim],
        ['k', k, T * kvHeads * headDim],
        ['v', v, T * kvHeads * headDim],
        ['starts', starts, S + 1],
        ['out', out, T * heads * headDim],
        ['lse', lse, T * heads],
      ],
      [S, slots, heads, kvHeads, 1 / Math.sqrt(headDim), causal ? 1 : 0],
      { groups: T === 0 ? 0 : slots, heads, flops: attentionFlops(T, S, shape) * 4 },
    );
  }

  attentionBackward(
    q: DeviceBuffer,
    k: DeviceBuffer,
    v: DeviceBuffer,
    starts: DeviceBuffer,
    out: DeviceBuffer,
    lse: DeviceBuffer,
    dout: DeviceBuffer,
    dq: DeviceBuffer,
    dk: DeviceBuffer,
    dv: DeviceBuffer,
    T: number,
    S: number,
    shape: AttentionShape,
    causal: boolean,
  ): void {
    const op = 'attentionBackward';
    const { heads, kvHeads, headDim } = checkShape(op, shape);
    if (T === 0) return;
    const queryLength = T * heads * headDim;
    const keyLength = T * kvHeads * headDim;
    this.store.withScratch(2 * T * heads, (stats) => {
      this.launcher.elements(
        op,
        attentionDeltaKernel,
        [
          ['out', out, queryLength],
          ['dout', dout, queryLength],
          ['lse', lse, T * heads],
          ['stats', stats, 2 * T * heads],
        ],
        T * heads,
        headDim,
      );
      const inputs: Argument[] = [
        ['q', q, queryLength],
        ['k', k, keyLength],
        ['v', v, keyLength],
        ['starts', starts, S + 1],
        ['stats', stats, 2 * T * heads],
        ['dout', dout, queryLength],
      ];
      const params = (slots: number): number[] => [
        S,
        slots,
        heads,
        kvHeads,
        1 / Math.sqrt(headDim),
        causal ? 1 : 0,
      ];
      const flops = attentionFlops(T, S, shape);
      const querySlots = attentionSlots(T, S, attentionQueryTile(headDim).rows);
      this.launcher.run(
        op,
        attentionQueryKernel(headDim),
        [...inputs, ['dq', dq, queryLength]],
        params(querySlots),
        { groups: querySlots, heads, flops: flops * 6 },
      );
      const keySlots = attentionSlots(T, S, attentionKeyTile(headDim).rows);
      this.launcher.run(
        op,
        attentionKeyKernel(headDim),
        [...inputs, ['dk', dk, keyLength], ['dv', dv, keyLength]],
        params(keySlots),
        { groups: keySlots, heads: kvHeads, flops: flops * 8 },
      );
    });
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

  attentionCached(
    q: DeviceBuffer,
    keyCache: DeviceBuffer,
    valueCache: DeviceBuffer,
    slots: DeviceBuffer,
    positions: DeviceBuffer,
    out: DeviceBuffer,
    N: number,
    capacity: number,
    shape: AttentionShape,
  ): void {
    const { heads, kvHeads, headDim } = checkShape('attentionCached', shape);
    this.launcher.run(
      'attentionCached',
      attentionCachedKernel(headDim),
      [
        ['q', q, N * heads * headDim],
        ['keyCache', keyCache, capacity * kvHeads * headDim],
        ['valueCache', valueCache, capacity * kvHeads * headDim],
        ['slots', slots, N],
        ['positions', positions, N],
        ['out', out, N * heads * headDim],
      ],
      [N, heads, kvHeads, capacity, 1 / Math.sqrt(headDim)],
      { groups: N, heads, flops: 4 * N * heads * capacity * headDim },
    );
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
    this.headProgram.forward({ h, w, targets, logprob, entropy, lse, N, D, V, scale });
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
    dw: DeviceBuffer,
    N: number,
    D: number,
    V: number,
    scale: number,
  ): void {
    this.headProgram.backward({ h, w, targets, entropy, lse, gLogprob, gEntropy, dh, dw, N, D, V, scale });
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
    const groups = Math.min(optimizer.SUM_SQUARES_GROUPS, Math.ceil(n / 256));
    this.store.withScratch(groups, (scratch) => {
      const partials: Argument = ['partials', scratch, groups];
      this.launcher.run('sumSquares', optimizer.sumSquaresKernel, [['x', x, n], partials], [n], { groups });
      this.launcher.run('sumSquares', optimizer.addSumKernel, [partials, ['out', out, 1]], [groups], {
        groups: 1,
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
    const args: Argument[] = [
      ['grad', grad, n],
      ['gradScale', gradScale, 1],
      ['param', param, n],
      ['m', m, n],
      ['v', v, n],
    ];
    this.launcher.elements(
      'adamw',
      optimizer.adamwKernel,
      args,
      n,
      learningRate,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      epsilon,
      weightDecay,
      1 / (1 - beta1 ** step),
      1 / (1 - beta2 ** step),
    );
  }
}

function checkShape(op: string, shape: AttentionShape): AttentionShape {
  const { heads, kvHeads, headDim } = shape;
  if (headDim % 2 !== 0 || headDim < 2 || headDim > 128) {
    throw new EngineError(`${op}: headDim must be even, from 2 to 128, not ${headDim}.`);
  }
  if (kvHeads < 1 || heads % kvHeads !== 0) {
    throw new EngineError(`${op}: kvHeads (${kvHeads}) must divide heads (${heads}).`);
  }
  return shape;
}

/** Multiply-adds of one product over all score pairs, segments taken as equally long. */
function attentionFlops(T: number, S: number, { heads, headDim }: AttentionShape): number {
  return (T * T * heads * headDim) / Math.max(S, 1);
}
