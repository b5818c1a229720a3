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
import { attentionCachedQuadsKernel } from './kernels/attentionCachedQuads.ts';
import {
  attentionQuadsFit,
  attentionQuadsKernel,
  attentionQuadsKeyKernel,
  attentionQuadsKeys,
  attentionQuadsQueries,
  attentionQuadsQueryKernel,
} from './kernels/attentionQuads.ts';
import { attentionSlots } from './kernels/attentionTiles.ts';
import type { Kernel } from './kernel.ts';
import type { Argument } from './launcher.ts';
import { RowCalls } from './rowCalls.ts';

/** A kernel and the rows of its tiles. */
interface Tiled {
  readonly kernel: Kernel;
  readonly rows: number;
}

interface AttentionKernels {
  readonly forward: Tiled;
  readonly query: Tiled;
  readonly key: Tiled;
  readonly cached: Kernel;
}

export class AttentionCalls extends RowCalls {
  /** Rows of one invocation: each read of keys serves more of them, while registers last. */
  private readonly ownRows = this.software ? 4 : 2;
  private readonly kernelsOf = new Map<number, AttentionKernels>();

  private kernels(channels: number): AttentionKernels {
    const known = this.kernelsOf.get(channels);
    if (known) return known;
    const inQuads = this.inQuads && attentionQuadsFit(channels);
    const made = inQuads ? quadKernels(channels) : tileKernels(channels, this.ownRows, this.bySubgroups);
    this.kernelsOf.set(channels, made);
    return made;
  }

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
    const { kernel, rows } = this.kernels(headDim).forward;
    const slots = attentionSlots(T, S, rows);
    this.launcher.run(
      'attention',
      kernel,
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
      const { query, key } = this.kernels(headDim);
      const querySlots = attentionSlots(T, S, query.rows);
      this.launcher.run(op, query.kernel, [...inputs, ['dq', dq, queryLength]], params(querySlots), {
        groups: querySlots,
        heads,
        flops: flops * 6,
      });
      const keySlots = attentionSlots(T, S, key.rows);
      this.launcher.run(
        op,
        key.kernel,
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
      this.kernels(headDim).cached,
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

const quadKernels = (channels: number): AttentionKernels => ({
  forward: { kernel: attentionQuadsKernel(channels), rows: attentionQuadsQueries(channels) },
  query: { kernel: attentionQuadsQueryKernel(channels), rows: attentionQuadsQueries(channels) },
  key: { kernel: attentionQuadsKeyKernel(channels), rows: attentionQuadsKeys(channels) },
  cached: attentionCachedQuadsKernel(channels),
});

const tileKernels = (channels: number, own: number, subgroups: boolean): AttentionKernels => ({
  forward: { kernel: attentionKernel(channels, own), rows: attentionForwardTile(channels, own).rows },
  query: { kernel: attentionQueryKernel(channels, own), rows: attentionQueryTile(channels, own).rows },
  key: { kernel: attentionKeyKernel(channels, own), rows: attentionKeyTile(channels, own).rows },
  cached: attentionCachedKernel(channels, subgroups),
});

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
