import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend, DeviceBuffer } from '../../../src/engine/backend.ts';
import { nodeHost } from '../../../src/engine/wasm/nodeHost.ts';
import { createWasmBackend } from '../../../src/engine/wasm/wasmBackend.ts';

/** The WebAssembly backend looks through indices once for each write, so whatever writes must make it look again. */

let backend: Backend;
beforeAll(async () => {
  backend = await createWasmBackend({ host: nodeHost, threads: 1 });
});
afterAll(() => {
  backend.dispose();
});

const ROWS = 3;
const WIDTH = 2;

function integers(...values: number[]): DeviceBuffer {
  const buffer = backend.alloc(values.length, 'i32');
  backend.write(buffer, Int32Array.from(values));
  return buffer;
}

function gather(ids: DeviceBuffer, count = ids.length): void {
  const [table, y] = [backend.zeros(ROWS * WIDTH), backend.alloc(count * WIDTH)];
  backend.embedding(ids, table, y, count, WIDTH);
  backend.free(table);
  backend.free(y);
}

describe('indices that were looked through', () => {
  it('are looked through again after a write, also through a view and in part', () => {
    const ids = integers(0, 1, 2);
    gather(ids);
    backend.write(ids, Int32Array.of(3), 1);
    expect(() => {
      gather(ids);
    }).toThrow('ids[1] = 3 is outside 0…2');
    backend.write(backend.view(ids, 0, 2), Int32Array.of(0, 0));
    gather(ids);
  });

  it('are looked through again after a copy and a fill', () => {
    const [ids, wrong] = [integers(0, 1, 2), integers(1, -1, 1)];
    gather(ids);
    backend.copy(wrong, 0, ids, 0, 3);
    expect(() => {
      gather(ids);
    }).toThrow('ids[1] = -1');
    backend.fill(ids, 2);
    gather(ids);
  });

  it('are looked through again when they were drawn anew', () => {
    const ids = integers(0);
    gather(ids);
    const logits = backend.zeros(5);
    backend.write(logits, Float32Array.of(-9, -9, -9, -9, 9));
    const [keys, logprob, entropy] = [integers(1, 2, 3), backend.alloc(1), backend.alloc(1)];
    backend.sample(logits, keys, ids, logprob, entropy, 1, 5, { temperature: 0, topK: 0, topP: 1 });
    expect(() => {
      gather(ids);
    }).toThrow('ids[0] = 4');
  });

  it('are looked through again where more of them are used', () => {
    const ids = integers(0, 1, 7);
    gather(ids, 2);
    expect(() => {
      gather(ids);
    }).toThrow('ids[2] = 7');
  });

  it('are looked through again for a table of fewer rows', () => {
    const positions = integers(0, 5);
    const x = backend.zeros(2 * WIDTH);
    backend.rope(x, positions, 2, 1, WIDTH, 10_000, false);
    const cache = backend.zeros(5 * WIDTH);
    expect(() => {
      backend.cacheWrite(x, integers(0, 0), positions, cache, 2, WIDTH, 5);
    }).toThrow('positions[1] = 5 is outside 0…4');
    backend.write(positions, Int32Array.of(-2), 1);
    expect(() => {
      backend.rope(x, positions, 2, 1, WIDTH, 10_000, false);
    }).toThrow('must not be negative, got -2');
  });

  it('of origins too', () => {
    const shape = { heads: 1, kvHeads: 1, headDim: WIDTH };
    const [keys, values] = [backend.zeros(2 * 4 * WIDTH), backend.zeros(2 * 4 * WIDTH)];
    const [q, out] = [backend.zeros(WIDTH), backend.alloc(WIDTH)];
    const [slots, positions, origins] = [integers(1), integers(2), integers(0, 0, 0, 2)];
    const attend = (): void => {
      backend.attentionCached(q, keys, values, slots, positions, out, 1, 4, shape, origins);
    };
    attend();
    attend();
    backend.write(origins, Int32Array.of(2), 2);
    expect(attend).toThrow('origins[1] = (2, 2)');
    backend.write(origins, Int32Array.of(0, 5), 2);
    expect(attend).toThrow('origins[1] = (0, 5)');
  });
});
