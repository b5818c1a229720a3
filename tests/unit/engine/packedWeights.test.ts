import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend, DeviceBuffer } from '../../../src/engine/backend.ts';
import { openBackend } from './openBackend.ts';

const [T, I, O] = [7, 20, 21];

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend();
});
afterAll(() => {
  backend.dispose();
});

const wave = (length: number, phase: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(phase + 0.7 * i));

function upload(data: Float32Array): DeviceBuffer {
  const buffer = backend.alloc(data.length);
  backend.write(buffer, data);
  return buffer;
}

async function product(x: DeviceBuffer, w: DeviceBuffer): Promise<Float32Array> {
  const y = backend.alloc(T * O);
  backend.linear(x, w, null, y, T, I, O);
  const result = await backend.readF32(y);
  backend.free(y);
  return result;
}

/** The same product with weights that have never been used before, which nobody has packed. */
async function plain(x: DeviceBuffer, w: DeviceBuffer): Promise<Float32Array> {
  const copy = upload(await backend.readF32(w));
  const result = await product(x, copy);
  backend.free(copy);
  return result;
}

const WRITES: Readonly<Record<string, (w: DeviceBuffer, other: DeviceBuffer, one: DeviceBuffer) => void>> = {
  write: (w) => backend.write(w, wave(O * I, 5)),
  fill: (w) => backend.fill(w, 0.25),
  copy: (w, other) => backend.copy(other, 0, w, 0, O * I),
  axpy: (w, other) => backend.axpy(w, other, 0.5, O * I),
  adamw: (w, other, one) => {
    const [m, v] = [backend.zeros(O * I), backend.zeros(O * I)];
    const options = { learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0, step: 1 };
    backend.adamw(w, other, m, v, one, O * I, options);
    backend.free(m);
    backend.free(v);
  },
  'a kernel': (w, other) => backend.add(other, other, w, O * I),
};

describe('weights kept packed', () => {
  it('give the bits of weights packed for one product, also after they were written to', async () => {
    const x = upload(wave(T * I, 0));
    const other = upload(wave(O * I, 3));
    const one = upload(Float32Array.of(1));
    const whole = backend.alloc(64 + O * I);
    const w = backend.view(whole, 64, O * I);
    backend.write(w, wave(O * I, 1));
    for (const [name, write] of Object.entries(WRITES)) {
      for (let use = 0; use < 3; use++) expect(await product(x, w), name).toEqual(await plain(x, w));
      const before = await product(x, w);
      write(w, other, one);
      expect(await product(x, w), `after ${name}`).toEqual(await plain(x, w));
      expect(await product(x, w), `after ${name}`).not.toEqual(before);
    }
    for (const buffer of [x, other, one, whole]) backend.free(buffer);
  });

  it('are freed with the weights', async () => {
    const x = upload(wave(T * I, 0));
    const { bytes } = backend.memory();
    const w = upload(wave(O * I, 1));
    for (let use = 0; use < 3; use++) await product(x, w);
    backend.free(w);
    expect(backend.memory().bytes).toBe(bytes);
    backend.free(x);
  });
});
