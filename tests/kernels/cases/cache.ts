import type { AttentionShape, DeviceBuffer } from '../../../src/engine/backend.ts';
import { at } from '../reference/arrays.ts';
import * as reference from '../reference/cache.ts';
import { kernelCase, type KernelCase } from './kit.ts';
import { Numbers } from './numbers.ts';

function writeCase(N: number, W: number, slotCount: number, capacity: number): KernelCase {
  return kernelCase(`cacheWrite N=${N} W=${W}, ${slotCount} slots of ${capacity}`, async (kit) => {
    const numbers = new Numbers(N + W);
    const places = numbers.distinct(N, slotCount * capacity);
    const slots = places.map((place) => Math.floor(place / capacity));
    const positions = places.map((place) => place % capacity);
    const x = numbers.normal(N * W);
    const before = numbers.normal(slotCount * capacity * W);
    const cache = kit.state(before);
    kit.backend.cacheWrite(kit.f32(x), kit.i32(slots), kit.i32(positions), cache, N, W, capacity);
    const want = reference.cacheWrite(x, slots, positions, before, N, W, capacity);
    await kit.expectClose('cache', cache, want, { tolerance: 0 });
  });
}

function copyCase(from: number, to: number, length: number): KernelCase {
  return kernelCase(`cacheCopySlot ${from}→${to}, ${length} of 9 positions`, async (kit) => {
    const [W, capacity, slotCount] = [7, 9, 4];
    const before = new Numbers(length).normal(slotCount * capacity * W);
    const cache = kit.state(before);
    kit.backend.cacheCopySlot(cache, from, to, length, W, capacity);
    const want = reference.cacheCopySlot(before, from, to, length, W, capacity);
    await kit.expectClose('cache', cache, want, { tolerance: 0 });
  });
}

type Row = readonly [slot: number, position: number];

function prefill(slot: number, from: number, to: number): Row[] {
  return Array.from({ length: to - from }, (_, i) => [slot, from + i] as const);
}

function attendCase(name: string, shape: AttentionShape, capacity: number, rows: readonly Row[]): KernelCase {
  const { heads, kvHeads, headDim } = shape;
  const title = `attentionCached ${heads}:${kvHeads} heads of ${headDim}, ${name}`;
  return kernelCase(title, async (kit) => {
    const numbers = new Numbers(headDim + rows.length);
    const slots = rows.map(([slot]) => slot);
    const positions = rows.map(([, position]) => position);
    const [N, slotCount, kvWidth] = [rows.length, Math.max(...slots) + 1, kvHeads * headDim];
    const q = numbers.normal(N * heads * headDim);
    const keys = numbers.normal(slotCount * capacity * kvWidth);
    const values = numbers.normal(slotCount * capacity * kvWidth);
    // What lies behind a slot's last position is old memory: anything, and never to be read.
    for (let slot = 0; slot < slotCount; slot++) {
      const last = Math.max(...rows.map(([s, position]) => (s === slot ? position : -1)));
      const unused = [(slot * capacity + last + 1) * kvWidth, (slot + 1) * capacity * kvWidth] as const;
      keys.fill(NaN, ...unused);
      values.fill(NaN, ...unused);
    }
    const out = kit.output(q.length);
    kit.backend.attentionCached(
      kit.f32(q),
      kit.f32(keys),
      kit.f32(values),
      kit.i32(slots),
      kit.i32(positions),
      out,
      N,
      capacity,
      shape,
    );
    const want = reference.attentionCached(q, keys, values, slots, positions, N, capacity, shape);
    await kit.expectClose('out', out, want);
  });
}

/** Slots 1 and 2 begin like slot 0: read where they were copied from, or each from its own, to the same bits. */
function originCase(shape: AttentionShape, lengths: readonly [number, number]): KernelCase {
  const { heads, kvHeads, headDim } = shape;
  const title = `attentionCached ${heads}:${kvHeads} heads of ${headDim}, ${lengths.join(' and ')} positions of another slot`;
  return kernelCase(title, async (kit) => {
    const numbers = new Numbers(headDim + lengths[0]);
    const [capacity, slotCount, kvWidth] = [90, 3, kvHeads * headDim];
    const rows: readonly Row[] = [[0, 70], [1, 41], [2, 89], [1, 5], [2, 2], ...prefill(1, 38, 41)];
    const [slots, positions] = [rows.map(([slot]) => slot), rows.map(([, position]) => position)];
    const size = slotCount * capacity * kvWidth;
    const q = numbers.normal(rows.length * heads * headDim);
    const caches = [numbers.normal(size), numbers.normal(size)].map((cache) => {
      lengths.forEach((length, i) => cache.copyWithin((i + 1) * capacity * kvWidth, 0, length * kvWidth));
      return cache;
    });
    const attend = (origins?: readonly number[]): DeviceBuffer => {
      const out = kit.output(q.length);
      kit.backend.attentionCached(
        kit.f32(q),
        kit.f32(at(caches, 0)),
        kit.f32(at(caches, 1)),
        kit.i32(slots),
        kit.i32(positions),
        out,
        rows.length,
        capacity,
        shape,
        origins && kit.i32(origins),
      );
      return out;
    };
    const own = Float64Array.from(await kit.backend.readF32(attend()));
    await kit.expectClose('out', attend([0, 0, 0, lengths[0], 0, lengths[1]]), own, { tolerance: 0 });
  });
}

/** Writes keys and values of several slots row by row and attends at once: what a decode step does. */
function decodeCase(): KernelCase {
  return kernelCase('cacheWrite, cacheCopySlot and attentionCached in one go', async (kit) => {
    const shape = { heads: 4, kvHeads: 1, headDim: 6 };
    const [slotCount, capacity, W] = [3, 11, 6];
    const numbers = new Numbers(3);
    const fill = { slots: [0, 0, 0, 0, 0], positions: [0, 1, 2, 3, 4] };
    const step = { slots: [0, 2, 2], positions: [5, 5, 6] };
    const prompt = [numbers.normal(5 * W), numbers.normal(5 * W)] as const;
    const tokens = [numbers.normal(3 * W), numbers.normal(3 * W)] as const;
    const q = numbers.normal(3 * shape.heads * shape.headDim);
    const empty = new Float64Array(slotCount * capacity * W);
    const caches = [kit.state(empty), kit.state(empty)] as const;
    const want = [0, 1].map((i) => {
      const buffer = at(caches, i);
      const [promptRows, tokenRows] = [at(prompt, i), at(tokens, i)];
      kit.backend.cacheWrite(
        kit.f32(promptRows),
        kit.i32(fill.slots),
        kit.i32(fill.positions),
        buffer,
        5,
        W,
        capacity,
      );
      kit.backend.cacheCopySlot(buffer, 0, 2, 5, W, capacity);
      kit.backend.cacheWrite(
        kit.f32(tokenRows),
        kit.i32(step.slots),
        kit.i32(step.positions),
        buffer,
        3,
        W,
        capacity,
      );
      const written = reference.cacheWrite(promptRows, fill.slots, fill.positions, empty, 5, W, capacity);
      const copied = reference.cacheCopySlot(written, 0, 2, 5, W, capacity);
      return reference.cacheWrite(tokenRows, step.slots, step.positions, copied, 3, W, capacity);
    });
    const [keys, values] = [at(want, 0), at(want, 1)];
    const out = kit.output(q.length);
    kit.backend.attentionCached(
      kit.f32(q),
      caches[0],
      caches[1],
      kit.i32(step.slots),
      kit.i32(step.positions),
      out,
      3,
      capacity,
      shape,
    );
    await kit.expectClose('key cache', caches[0], keys, { tolerance: 0 });
    const expected = reference.attentionCached(
      q,
      keys,
      values,
      step.slots,
      step.positions,
      3,
      capacity,
      shape,
    );
    await kit.expectClose('out', out, expected);
  });
}

const MIXED: readonly Row[] = [[2, 30], ...prefill(0, 0, 9), [1, 0], [3, 64], ...prefill(2, 28, 30), [4, 1]];

export const cacheCases: readonly KernelCase[] = [
  writeCase(1, 1, 1, 1),
  writeCase(5, 7, 3, 9),
  writeCase(33, 65, 5, 17),
  copyCase(0, 2, 5),
  copyCase(3, 1, 9),
  copyCase(1, 0, 1),
  attendCase('one row at position 0', { heads: 4, kvHeads: 1, headDim: 2 }, 3, [[0, 0]]),
  attendCase('decode rows and prefill rows mixed', { heads: 4, kvHeads: 1, headDim: 6 }, 70, MIXED),
  attendCase('decode rows and prefill rows mixed', { heads: 2, kvHeads: 2, headDim: 40 }, 65, MIXED),
  attendCase('decode rows and prefill rows mixed', { heads: 8, kvHeads: 2, headDim: 32 }, 129, MIXED),
  attendCase('a long slot', { heads: 4, kvHeads: 1, headDim: 64 }, 320, [
    [0, 300],
    [1, 129],
    [0, 299],
  ]),
  attendCase('a prefill of 33', { heads: 4, kvHeads: 4, headDim: 32 }, 40, prefill(0, 0, 33)),
  attendCase(
    '65 slots',
    { heads: 4, kvHeads: 1, headDim: 32 },
    12,
    Array.from({ length: 65 }, (_, slot) => [slot, slot % 12] as const),
  ),
  originCase({ heads: 4, kvHeads: 2, headDim: 32 }, [38, 37]),
  originCase({ heads: 3, kvHeads: 1, headDim: 6 }, [3, 90]),
  originCase({ heads: 5, kvHeads: 5, headDim: 40 }, [33, 64]),
  decodeCase(),
];
