import type { DeviceBuffer } from '../../../src/engine/backend.ts';
import { expectClose, expectSameBits, kernelCase, type KernelCase } from './kit.ts';
import { Numbers } from './numbers.ts';

function roundTripCase(n: number): KernelCase {
  return kernelCase(`write and read n=${n}, f32 and i32, whole and in part`, async (kit) => {
    const { backend } = kit;
    const reals = Float32Array.from(new Numbers(n).normal(n));
    const ints = Int32Array.from(new Numbers(n).integers(n, 1000), (value) => value - 500);
    const f32 = kit.output(n);
    const i32 = kit.output(n, 'i32');
    backend.write(f32, reals);
    backend.write(i32, ints);
    expectSameBits('f32', await backend.readF32(f32), reals);
    expectSameBits('i32', await backend.readI32(i32), ints);
    const from = Math.floor(n / 3);
    expectSameBits('from an offset', await backend.readF32(f32, from), reals.slice(from));
    expectSameBits('a part', await backend.readF32(f32, from, 1), reals.slice(from, from + 1));
    backend.write(f32, Float32Array.of(9), n - 1);
    reals[n - 1] = 9;
    expectSameBits('after a write at an offset', await backend.readF32(f32), reals);
  });
}

const memoryCasesBody: readonly KernelCase[] = [
  kernelCase('zeros are zero, also in memory used before', async (kit) => {
    const { backend } = kit;
    for (let round = 0; round < 3; round++) {
      const used = backend.alloc(333);
      backend.fill(used, 7);
      backend.free(used);
      const clean = backend.zeros(333);
      expectSameBits('zeros', await backend.readF32(clean), new Float32Array(333));
      backend.free(clean);
    }
    const ints = kit.own(backend.zeros(5, 'i32'));
    expectSameBits('zeros', await backend.readI32(ints), new Int32Array(5));
  }),
  kernelCase('fill fills the buffer and nothing beside it', async (kit) => {
    const buffer = kit.output(77);
    kit.backend.fill(buffer, 2.5);
    await kit.expectClose('buffer', buffer, new Float64Array(77).fill(2.5), { tolerance: 0 });
    const ints = kit.output(7, 'i32');
    kit.backend.fill(ints, -3);
    expectSameBits('ints', await kit.backend.readI32(ints), new Int32Array(7).fill(-3));
  }),
  kernelCase('copy moves a part', async (kit) => {
    const src = kit.f32(Float64Array.from({ length: 100 }, (_, i) => i));
    const dst = kit.output(70);
    kit.backend.fill(dst, 0);
    kit.backend.copy(src, 33, dst, 5, 41);
    const want = Float64Array.from({ length: 70 }, (_, i) => (i >= 5 && i < 46 ? i + 28 : 0));
    await kit.expectClose('dst', dst, want, { tolerance: 0 });
  }),
  kernelCase('a view shares memory with its buffer, and a view of a view', async (kit) => {
    const { backend } = kit;
    const whole = kit.state(new Float64Array(300));
    const step = backend.viewAlignment;
    const middle = backend.view(whole, step, 100);
    const inner = backend.view(middle, step, 30);
    backend.fill(middle, 1);
    backend.axpy(inner, kit.f32(new Float64Array(30).fill(2)), 1, 30);
    const want = Float64Array.from({ length: 300 }, (_, i) => {
      const inMiddle = i >= step && i < step + 100;
      const inInner = i >= 2 * step && i < 2 * step + 30;
      return inInner ? 3 : inMiddle ? 1 : 0;
    });
    await kit.expectClose('whole', whole, want, { tolerance: 0 });
    expectSameBits('part', await backend.readF32(inner, 3, 4), Float32Array.of(3, 3, 3, 3));
  }),
  kernelCase('kernels read inputs through views', async (kit) => {
    const { backend } = kit;
    const numbers = new Numbers(8);
    const a = numbers.normal(500);
    const b = numbers.normal(500);
    const y = kit.output(77);
    backend.add(
      backend.view(kit.f32(a), 3 * backend.viewAlignment, 77),
      backend.view(kit.f32(b), backend.viewAlignment, 77),
      y,
      77,
    );
    const want = Float64Array.from({ length: 77 }, (_, i) => (a[i + 192] ?? NaN) + (b[i + 64] ?? NaN));
    if (backend.viewAlignment !== 64) throw new Error(`viewAlignment is ${backend.viewAlignment}, not 64`);
    await kit.expectClose('y', y, want);
  }),
  kernelCase('calls take effect in order: writes and fills do not overtake kernels', async (kit) => {
    const { backend } = kit;
    const x = kit.state([1, 1, 1]);
    const [first, second, third] = [kit.output(3), kit.output(3), kit.output(3)];
    backend.add(x, x, first, 3);
    backend.write(x, Float32Array.of(5, 6, 7));
    backend.add(x, x, second, 3);
    backend.fill(x, 4);
    backend.add(x, x, third, 3);
    backend.copy(first, 0, x, 0, 3);
    await kit.expectClose('first', first, [2, 2, 2]);
    await kit.expectClose('second', second, [10, 12, 14]);
    await kit.expectClose('third', third, [8, 8, 8]);
    await kit.expectClose('x', x, [2, 2, 2]);
  }),
  kernelCase('500 calls with different arguments before one read', async (kit) => {
    const dst = kit.state([0, 0, 0, 0, 0]);
    const src = kit.f32([1, 2, 3, 4, 5]);
    for (let i = 1; i <= 500; i++) kit.backend.axpy(dst, src, i, 1 + (i % 5));
    const want = [0, 0, 0, 0, 0];
    for (let i = 1; i <= 500; i++) {
      for (let j = 0; j < 1 + (i % 5); j++) want[j] = (want[j] ?? 0) + i * (j + 1);
    }
    await kit.expectClose('dst', dst, want, { tolerance: 0 });
  }),
  kernelCase('freeing an input after the call does not disturb the call', async (kit) => {
    const { backend } = kit;
    const n = 1000;
    const results: DeviceBuffer[] = [];
    for (let i = 0; i < 10; i++) {
      const x = backend.alloc(n);
      backend.write(x, new Float32Array(n).fill(i));
      const y = kit.output(n);
      backend.add(x, x, y, n);
      backend.free(x);
      results.push(y);
    }
    for (const [i, y] of results.entries()) {
      await kit.expectClose(`result ${i}`, y, new Float64Array(n).fill(2 * i), { tolerance: 0 });
    }
  }),
  kernelCase('what was read stays as it was, and what is written is taken at once', async (kit) => {
    const { backend } = kit;
    const buffer = kit.output(3);
    const data = Float32Array.of(1, 2, 3);
    backend.write(buffer, data);
    data.fill(9);
    const before = await backend.readF32(buffer);
    backend.fill(buffer, 0);
    const big = backend.alloc(3_000_000);
    await backend.sync();
    expectClose('read before', before, [1, 2, 3], { tolerance: 0 });
    backend.free(big);
  }),
  kernelCase('reads that wait at the same time', async (kit) => {
    const { backend } = kit;
    const buffers = Array.from({ length: 20 }, (_, i) => kit.state(new Float64Array(1 + i).fill(i)));
    const reads = buffers.map((buffer) => backend.readF32(buffer));
    for (const [i, read] of reads.entries()) {
      expectSameBits(`read ${i}`, await read, new Float32Array(1 + i).fill(i));
    }
  }),
  kernelCase('memory() counts what is allocated, and its peak', async (kit) => {
    const { backend } = kit;
    await backend.sync();
    const before = backend.memory();
    const buffer = backend.alloc(100_000);
    const during = backend.memory();
    backend.free(buffer);
    await backend.sync();
    const after = backend.memory();
    const grown = during.bytes - before.bytes;
    // A pool may round sizes up, but not by more than a quarter.
    if (grown < 400_000 || grown > 500_000) throw new Error(`400000 bytes allocated, ${grown} counted`);
    if (after.bytes !== before.bytes) throw new Error(`${after.bytes - before.bytes} bytes left after free`);
    if (after.peakBytes < during.bytes) throw new Error('the peak is below what was allocated at once');
  }),
  kernelCase('freed memory is used again: 300 buffers of 16 MB one after another', async (kit) => {
    const { backend } = kit;
    for (let i = 0; i < 300; i++) {
      const buffer = backend.alloc(4_000_000);
      backend.free(buffer);
      if (i % 10 === 9) await backend.sync();
    }
  }),
];

export const memoryCases: readonly KernelCase[] = [...[1, 3, 64, 129].map(roundTripCase), ...memoryCasesBody];
