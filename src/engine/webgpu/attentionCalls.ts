/**
 * The attention calls of the WebGPU backend.
 */

import type { AttentionShape, DeviceBuffer } from '../backend.ts';
import { EngineError } from '../backend.ts';
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
import type { Argument } from './launcher.ts';
import { RowCalls } from './rowCalls.ts';

export class AttentionCalls extends RowCalls {
  /** Rows of one invocation: each read of keys serves more of them, while registers last. */
  private readonly ownRows = this.software ? 4 : 2;

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
    const slots = attentionSlots(T, S, attentionForwardTile(headDim, this.ownRows).rows);
    this.launcher.run(
      'attention',
      attentionKernel(headDim, this.ownRows),
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
      const querySlots = attentionSlots(T, S, attentionQueryTile(headDim, this.ownRows).rows);
      this.launcher.run(
        op,
        attentionQueryKernel(headDim, this.ownRows),
        [...inputs, ['dq', dq, queryLength]],
        params(querySlots),
        { groups: querySlots, heads, flops: flops * 6 },
      );
      const keySlots = attentionSlots(T, S, attentionKeyTile(headDim, this.ownRows).rows);
      this.launcher.run(
        op,
        attentionKeyKernel(headDim, this.ownRows),
        [...inputs, ['dk', dk, keyLength], ['dv', dv, keyLength]],
        params(keySlots),
        { groups: keySlots, heads: kvHeads, flops: flops * 8 },
      );
    });
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
