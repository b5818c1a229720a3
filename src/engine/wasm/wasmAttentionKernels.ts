/** Attention over packed sequences, and over the KV cache. */

import { EngineError, type AttentionShape, type DeviceBuffer } from '../backend.ts';
import { ATTENTION_ROWS, attentionBackwardScratch } from './scratch.ts';
import { WasmRowKernels } from './wasmRowKernels.ts';
import { PARALLEL_FLOPS, roundUp } from './work.ts';

/** Rows of a cache that a thread takes at a time. */
const MOST_ROWS_TOGETHER = 16;

interface FoundOrigins {
  readonly origins: DeviceBuffer;
  readonly version: number;
  readonly slotCount: number;
  readonly capacity: number;
}

export class WasmAttentionKernels extends WasmRowKernels {
  readonly sharesPrefixes = true;
  /** The table of origins that was looked through last: every layer asks for the same. */
  #foundOrigins: FoundOrigins | null = null;

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
    parents?: DeviceBuffer,
  ): void {
    const { heads, kvHeads, headDim } = checkedShape('attention', shape);
    this.segments('attention', starts, S, T);
    const { longest } = this.#paths('attention', starts, S, causal, parents);
    const padded = roundUp(longest, 8);
    const width = roundUp(headDim, 8);
    this.reserveScratch(
      4 * (padded * (headDim + ATTENTION_ROWS) + longest * (width + headDim) + 2 * ATTENTION_ROWS * width),
    );
    this.command()
      .int(this.f32('attention', 'q', q, T * heads * headDim))
      .int(this.f32('attention', 'k', k, T * kvHeads * headDim))
      .int(this.f32('attention', 'v', v, T * kvHeads * headDim))
      .int(this.i32('attention', 'starts', starts, S + 1))
      .int(parents ? this.i32('attention', 'parents', parents, S) : 0)
      .int(this.output('attention', 'out', out, T * heads * headDim))
      .int(this.output('attention', 'lse', lse, T * heads))
      .int(heads)
      .int(kvHeads)
      .int(headDim)
      .int(causal ? 1 : 0)
      .float(1 / Math.sqrt(headDim));
    const flopsPerItem = (2 * headDim * T * T * (heads / kvHeads)) / Math.max(1, S * S);
    this.launch('attention', S * kvHeads, Math.ceil(PARALLEL_FLOPS / Math.max(1, flopsPerItem)));
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
    parents?: DeviceBuffer,
  ): void {
    const { heads, kvHeads, headDim } = checkedShape('attentionBackward', shape);
    this.segments('attentionBackward', starts, S, T);
    const { longest, trees } = this.#paths('attentionBackward', starts, S, causal, parents);
    this.reserveScratch(attentionBackwardScratch(longest, headDim));
    const treeList = parents ? this.reserveCommon(trees.length * 4) : 0;
    if (parents) this.allocator.i32.set(trees, treeList / 4);
    this.command()
      .int(this.f32('attentionBackward', 'q', q, T * heads * headDim))
      .int(this.f32('attentionBackward', 'k', k, T * kvHeads * headDim))
      .int(this.f32('attentionBackward', 'v', v, T * kvHeads * headDim))
      .int(this.i32('attentionBackward', 'starts', starts, S + 1))
      .int(parents ? this.i32('attentionBackward', 'parents', parents, S) : 0)
      .int(treeList)
      .int(this.f32('attentionBackward', 'out', out, T * heads * headDim))
      .int(this.f32('attentionBackward', 'lse', lse, T * heads))
      .int(this.f32('attentionBackward', 'dout', dout, T * heads * headDim))
      .int(this.output('attentionBackward', 'dq', dq, T * heads * headDim))
      .int(this.output('attentionBackward', 'dk', dk, T * kvHeads * headDim))
      .int(this.output('attentionBackward', 'dv', dv, T * kvHeads * headDim))
      .int(heads)
      .int(kvHeads)
      .int(headDim)
      .int(causal ? 1 : 0)
      .float(1 / Math.sqrt(headDim));
    const count = parents ? trees.length - 1 : S;
    const flopsPerItem = (5 * headDim * T * T * (heads / kvHeads)) / Math.max(1, count * count);
    this.launch('attentionBackward', count * kvHeads, Math.ceil(PARALLEL_FLOPS / Math.max(1, flopsPerItem)));
  }

  /** Tokens of the longest path, and where each prefix tree begins among the segments, with S at the end. */
  #paths(
    kernel: string,
    starts: DeviceBuffer,
    S: number,
    causal: boolean,
    parents: DeviceBuffer | undefined,
  ): { readonly longest: number; readonly trees: readonly number[] } {
    const values = this.allocator.i32;
    const first = this.i32(kernel, 'starts', starts, S + 1) / 4;
    const parent = parents ? this.i32(kernel, 'parents', parents, S) / 4 : 0;
    if (parents && !causal) throw new EngineError(`${kernel}: parents need causal attention`);
    const ends: number[] = [];
    const trees: number[] = [];
    let longest = 0;
    for (let s = 0; s < S; s++) {
      const above = parents ? (values[parent + s] as number) : -1;
      const tree = trees.at(-1) ?? 0;
      if (above < -1 || above >= s || (above >= 0 && above < tree)) {
        throw new EngineError(
          `${kernel}: parents[${s}] = ${above} must be −1, or a segment of its tree: ${tree}…${s - 1}`,
        );
      }
      if (above === -1) trees.push(s);
      const own = (values[first + s + 1] as number) - (values[first + s] as number);
      const end = own + (above === -1 ? 0 : (ends[above] as number));
      ends.push(end);
      longest = Math.max(longest, end);
    }
    trees.push(S);
    return { longest, trees };
  }

  cacheWrite(
    x: DeviceBuffer,
    slots: DeviceBuffer,
    positions: DeviceBuffer,
    cache: DeviceBuffer,
    N: number,
    W: number,
    capacity: number,
  ): void {
    this.command()
      .int(this.f32('cacheWrite', 'x', x, N * W))
      .int(this.indices('cacheWrite', 'slots', slots, N, Math.floor(cache.length / (capacity * W))))
      .int(this.indices('cacheWrite', 'positions', positions, N, capacity))
      .int(this.output('cacheWrite', 'cache', cache, 0))
      .int(W)
      .int(capacity);
    this.launch('cacheWrite', N, N);
  }

  cacheCopySlot(
    cache: DeviceBuffer,
    from: number,
    to: number,
    length: number,
    W: number,
    capacity: number,
  ): void {
    const slots = Math.floor(cache.length / (capacity * W));
    for (const [name, slot] of [['from', from] as const, ['to', to] as const]) {
      if (!Number.isInteger(slot) || slot < 0 || slot >= slots) {
        throw new EngineError(`cacheCopySlot: slot ${name} = ${slot} is outside 0…${slots - 1}`);
      }
    }
    if (length > capacity)
      throw new EngineError(`cacheCopySlot: length ${length} exceeds capacity ${capacity}`);
    this.copy(cache, from * capacity * W, cache, to * capacity * W, length * W);
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
    origins?: DeviceBuffer,
  ): void {
    const { heads, kvHeads, headDim } = checkedShape('attentionCached', shape);
    const row = capacity * kvHeads * headDim;
    const slotCount = Math.floor(Math.min(keyCache.length, valueCache.length) / row);
    this.reserveScratch(4 * (heads * (headDim + roundUp(capacity, 4) + 1) + 24));
    this.command()
      .int(this.f32('attentionCached', 'q', q, N * heads * headDim))
      .int(this.f32('attentionCached', 'keyCache', keyCache, 0))
      .int(this.f32('attentionCached', 'valueCache', valueCache, 0))
      .int(this.indices('attentionCached', 'slots', slots, N, slotCount))
      .int(this.indices('attentionCached', 'positions', positions, N, capacity))
      .int(this.output('attentionCached', 'out', out, N * heads * headDim))
      .int(capacity)
      .int(heads)
      .int(kvHeads)
      .int(headDim)
      .float(1 / Math.sqrt(headDim))
      .int(origins ? this.#origins(origins, slotCount, capacity) : 0);
    // Neighbouring rows are often of one slot: in pieces of some length its keys stay in the cache of one core.
    const rows = Math.max(1, Math.min(MOST_ROWS_TOGETHER, Math.floor(N / (4 * this.threads))));
    this.launch('attentionCached', N, rows);
  }

  /** @returns the address of a table of origins that lies within the cache; looked through once for each write */
  #origins(origins: DeviceBuffer, slotCount: number, capacity: number): number {
    const address = this.i32('attentionCached', 'origins', origins, 2 * slotCount);
    const version = this.versionOf('attentionCached', 'origins', origins);
    const found = this.#foundOrigins;
    if (
      found?.origins === origins &&
      found.version === version &&
      found.slotCount === slotCount &&
      found.capacity === capacity
    ) {
      return address;
    }
    const values = this.allocator.i32;
    for (let slot = 0; slot < slotCount; slot++) {
      const from = values[address / 4 + 2 * slot] as number;
      const length = values[address / 4 + 2 * slot + 1] as number;
      if (from < 0 || from >= slotCount || length < 0 || length > capacity) {
        throw new EngineError(
          `attentionCached: origins[${slot}] = (${from}, ${length}) is outside ${slotCount} slots of ${capacity}`,
        );
      }
    }
    this.#foundOrigins = { origins, version, slotCount, capacity };
    return address;
  }
}

function checkedShape(kernel: string, shape: AttentionShape): AttentionShape {
  const { heads, kvHeads, headDim } = shape;
  if (heads % kvHeads !== 0) {
    throw new EngineError(`${kernel}: kvHeads (${kvHeads}) must divide heads (${heads})`);
  }
  if (headDim < 2 || headDim % 2 !== 0) {
    throw new EngineError(`${kernel}: headDim must be even and at least 2, got ${headDim}`);
  }
  return shape;
}
