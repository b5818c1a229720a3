import type { AttentionShape, DeviceBuffer } from '../../../src/engine/backend.ts';
import { at } from '../reference/arrays.ts';
import { expectSameBits, kernelCase, type Kit, type KernelCase } from './kit.ts';
import { Numbers, startsOf, sum } from './numbers.ts';

/**
 * "A row's result never depends on which other rows are in the batch", to the bit: each case computes a batch,
 * then each of some rows again alone and in another batch, at another place.
 */

/** Inputs of one row, row after row; a kernel run on chosen rows; outputs row after row. */
type RunRows = (kit: Kit, rows: readonly number[]) => Promise<Float32Array>;

const BATCHES: readonly (readonly number[])[] = [
  [0],
  [36],
  [69, 3],
  [5, 4, 3],
  [1, 0, 36, 17, 69, 5, 2],
  Array.from({ length: 33 }, (_, i) => 68 - i),
];

const ROWS = 70;

function rowsCase(name: string, width: number, run: RunRows): KernelCase {
  return kernelCase(`rows do not depend on their batch: ${name}`, async (kit) => {
    const all = Array.from({ length: ROWS }, (_, i) => i);
    const whole = await run(kit, all);
    for (const batch of BATCHES) {
      const part = await run(kit, batch);
      batch.forEach((row, n) => {
        expectSameBits(
          `row ${row} as number ${n} of ${batch.length}, against number ${row} of ${ROWS}`,
          part.slice(n * width, (n + 1) * width),
          whole.slice(row * width, (row + 1) * width),
        );
      });
    }
  });
}

function pick(data: Float64Array, rows: readonly number[], width: number): Float64Array {
  return Float64Array.from(rows.flatMap((row) => Array.from(data.slice(row * width, (row + 1) * width))));
}

function linearCase(I: number, O: number): KernelCase {
  const numbers = new Numbers(I + O);
  const [x, w, bias] = [numbers.normal(ROWS * I), numbers.normal(O * I), numbers.normal(O)];
  return rowsCase(`linear I=${I} O=${O}`, O, async (kit, rows) => {
    const y = kit.output(rows.length * O);
    kit.backend.linear(kit.f32(pick(x, rows, I)), kit.f32(w), kit.f32(bias), y, rows.length, I, O);
    return kit.read(y);
  });
}

function linearBackwardInputCase(I: number, O: number): KernelCase {
  const numbers = new Numbers(I + O);
  const [dy, w] = [numbers.normal(ROWS * O), numbers.normal(O * I)];
  return rowsCase(`linearBackwardInput I=${I} O=${O}`, I, async (kit, rows) => {
    const dx = kit.output(rows.length * I);
    kit.backend.linearBackwardInput(kit.f32(pick(dy, rows, O)), kit.f32(w), dx, rows.length, I, O, false);
    return kit.read(dx);
  });
}

function rmsnormCase(D: number): KernelCase {
  const numbers = new Numbers(D);
  const [x, w] = [numbers.normal(ROWS * D), numbers.normal(D)];
  return rowsCase(`rmsnorm D=${D}`, D, async (kit, rows) => {
    const [y, rstd] = [kit.output(rows.length * D), kit.output(rows.length)];
    kit.backend.rmsnorm(kit.f32(pick(x, rows, D)), kit.f32(w), y, rstd, rows.length, D, 1e-5);
    return kit.read(y);
  });
}

function attentionCachedCase(shape: AttentionShape): KernelCase {
  const numbers = new Numbers(shape.headDim);
  const [qWidth, kvWidth] = [shape.heads * shape.headDim, shape.kvHeads * shape.headDim];
  const [slotCount, capacity] = [5, 100];
  const q = numbers.normal(ROWS * qWidth);
  const keys = numbers.normal(slotCount * capacity * kvWidth);
  const values = numbers.normal(slotCount * capacity * kvWidth);
  const slots = numbers.integers(ROWS, slotCount);
  const positions = numbers.integers(ROWS, capacity);
  const { heads, kvHeads, headDim } = shape;
  return rowsCase(`attentionCached ${heads}:${kvHeads}×${headDim}`, qWidth, async (kit, rows) => {
    const out = kit.output(rows.length * qWidth);
    kit.backend.attentionCached(
      kit.f32(pick(q, rows, qWidth)),
      kit.f32(keys),
      kit.f32(values),
      kit.i32(rows.map((row) => at(slots, row))),
      kit.i32(rows.map((row) => at(positions, row))),
      out,
      rows.length,
      capacity,
      shape,
    );
    return kit.read(out);
  });
}

function headCase(D: number, V: number): KernelCase {
  const numbers = new Numbers(V);
  const [h, w] = [numbers.normal(ROWS * D), numbers.normal(V * D)];
  const targets = numbers.integers(ROWS, V);
  return rowsCase(`head D=${D} V=${V}`, 3, async (kit, rows) => {
    const N = rows.length;
    const outputs = [kit.output(N), kit.output(N), kit.output(N)] as const;
    const targetBuffer = kit.i32(rows.map((row) => at(targets, row)));
    kit.backend.head(kit.f32(pick(h, rows, D)), kit.f32(w), targetBuffer, ...outputs, N, D, V, 1);
    return interleave(kit, outputs);
  });
}

function sampleCase(V: number): KernelCase {
  const numbers = new Numbers(V);
  const logits = numbers.normal(ROWS * V, 2);
  return rowsCase(`sample V=${V}`, 3, async (kit, rows) => {
    const N = rows.length;
    const ids = kit.output(N, 'i32');
    const [logprob, entropy] = [kit.output(N), kit.output(N)];
    const keys = kit.i32(rows.flatMap((row) => [7, row, row * 3]));
    kit.backend.sample(kit.f32(pick(logits, rows, V)), keys, ids, logprob, entropy, N, V, {
      temperature: 0.9,
      topK: 0,
      topP: 0.95,
    });
    const drawn = await kit.backend.readI32(ids);
    const [a, b] = [await kit.read(logprob), await kit.read(entropy)];
    return Float32Array.from(rows.flatMap((_, n) => [at(drawn, n), at(a, n), at(b, n)]));
  });
}

async function interleave(kit: Kit, columns: readonly DeviceBuffer[]): Promise<Float32Array> {
  const data: Float32Array[] = [];
  for (const column of columns) data.push(await kit.read(column));
  const rows = at(data, 0).length;
  return Float32Array.from({ length: rows * data.length }, (_, i) =>
    at(at(data, i % data.length), Math.floor(i / data.length)),
  );
}

/** A segment alone gives what it gives within a pack, forward and backward. */
function packCase(shape: AttentionShape, causal: boolean): KernelCase {
  const { heads, kvHeads, headDim } = shape;
  const title = `segments do not depend on their pack: attention ${heads}:${kvHeads}×${headDim}`;
  return kernelCase(`${title}, ${causal ? 'causal' : 'two-way'}`, async (kit) => {
    const lengths = [3, 1, 33, 7, 2];
    const starts = startsOf(lengths);
    const T = sum(lengths);
    const numbers = new Numbers(headDim);
    const [qWidth, kvWidth] = [heads * headDim, kvHeads * headDim];
    const q = numbers.normal(T * qWidth);
    const k = numbers.normal(T * kvWidth);
    const v = numbers.normal(T * kvWidth);
    const dout = numbers.normal(T * qWidth);

    async function run(from: number, to: number, offsets: readonly number[]): Promise<Float32Array[]> {
      const tokens = to - from;
      const part = (data: Float64Array, width: number) => kit.f32(data.slice(from * width, to * width));
      const inputs = [part(q, qWidth), part(k, kvWidth), part(v, kvWidth), kit.i32(offsets)] as const;
      const [out, lse] = [kit.output(tokens * qWidth), kit.output(tokens * heads)];
      const grads = [
        kit.output(tokens * qWidth),
        kit.output(tokens * kvWidth),
        kit.output(tokens * kvWidth),
      ] as const;
      const S = offsets.length - 1;
      kit.backend.attention(...inputs, out, lse, tokens, S, shape, causal);
      kit.backend.attentionBackward(
        ...inputs,
        out,
        lse,
        part(dout, qWidth),
        ...grads,
        tokens,
        S,
        shape,
        causal,
      );
      const results: Float32Array[] = [];
      for (const buffer of [out, lse, ...grads]) results.push(await kit.read(buffer));
      return results;
    }

    const widths = [qWidth, heads, qWidth, kvWidth, kvWidth];
    const names = ['out', 'lse', 'dq', 'dk', 'dv'];
    const whole = await run(0, T, starts);
    for (const [s, length] of lengths.entries()) {
      const from = at(starts, s);
      const alone = await run(from, from + length, [0, length]);
      for (const [r, width] of widths.entries()) {
        const want = at(whole, r).slice(from * width, (from + length) * width);
        expectSameBits(`${at(names, r)} of segment ${s}`, at(alone, r), want);
      }
    }
  });
}

export const independenceCases: readonly KernelCase[] = [
  linearCase(33, 65),
  linearCase(128, 128),
  linearCase(257, 7),
  linearBackwardInputCase(65, 33),
  linearBackwardInputCase(128, 128),
  rmsnormCase(33),
  rmsnormCase(128),
  attentionCachedCase({ heads: 4, kvHeads: 1, headDim: 32 }),
  attentionCachedCase({ heads: 2, kvHeads: 2, headDim: 6 }),
  headCase(33, 1025),
  sampleCase(129),
  packCase({ heads: 4, kvHeads: 1, headDim: 32 }, true),
  packCase({ heads: 2, kvHeads: 2, headDim: 6 }, false),
];
