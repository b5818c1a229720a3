import { afterEach, describe, expect, it, vi } from 'vitest';
import { GiveWay } from '../../../src/engine/wasm/giveWay.ts';
import { nodeHost } from '../../../src/engine/wasm/nodeHost.ts';
import { createWasmBackend } from '../../../src/engine/wasm/wasmBackend.ts';

const sharedWord = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

afterEach(() => {
  vi.restoreAllMocks();
});

describe('giving way to a page', () => {
  it('waits only while a press is shown, and no longer than once for each', () => {
    const waits = vi.spyOn(Atomics, 'wait');
    const word = sharedWord();
    const way = new GiveWay(word, 1);
    way.wait();
    expect(waits).toHaveBeenCalledTimes(0);
    word[0] = 1;
    way.wait();
    way.wait();
    expect(waits).toHaveBeenCalledTimes(1);
    word[0] = 2;
    way.wait();
    expect(waits).toHaveBeenCalledTimes(2);
    word[0] = 0;
    way.wait();
    expect(waits).toHaveBeenCalledTimes(2);
  });

  it.each([1, 2])('changes no bit of what is computed, on %i threads', async (threads) => {
    const [T, I, O] = [37, 29, 53] as const;
    const values = (n: number, seed: number) =>
      Float32Array.from({ length: n }, (_, i) => Math.sin(seed + i));
    const compute = async (giveWay: Int32Array | undefined): Promise<Float32Array> => {
      const backend = await createWasmBackend({ host: nodeHost, threads, ...(giveWay && { giveWay }) });
      const [x, w, y] = [backend.alloc(T * I), backend.alloc(O * I), backend.alloc(T * O)];
      backend.write(x, values(T * I, 1));
      backend.write(w, values(O * I, 2));
      for (let press = 1; press < 4; press++) {
        if (giveWay !== undefined) giveWay[0] = press;
        backend.linear(x, w, null, y, T, I, O);
      }
      const result = await backend.readF32(y);
      backend.dispose();
      return result;
    };
    const waits = vi.spyOn(Atomics, 'wait');
    const own = await compute(undefined);
    const before = waits.mock.calls.length;
    expect(await compute(sharedWord())).toEqual(own);
    expect(waits.mock.calls.length - before).toBeGreaterThanOrEqual(3);
    expect(own.some((value) => value !== 0)).toBe(true);
  });
});
