import { afterAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/engine/backend.ts';
import { nodeHost } from '../../src/engine/wasm/nodeHost.ts';
import { createWasmBackend } from '../../src/engine/wasm/wasmBackend.ts';
import { allCases } from './cases/allCases.ts';
import { fingerprint } from './cases/fingerprint.ts';
import { expectSameBits } from './cases/kit.ts';

const BUILDS = ['relaxed', 'simd'] as const;
const THREADS = [1, 2] as const;

describe.each(BUILDS)('WebAssembly, %s build', (simd) => {
  const backends = new Map<number, Promise<Backend>>();
  const backendWith = (threads: number): Promise<Backend> => {
    const known = backends.get(threads) ?? createWasmBackend({ host: nodeHost, simd, threads });
    backends.set(threads, known);
    return known;
  };
  afterAll(async () => {
    for (const backend of backends.values()) (await backend).dispose();
  });

  describe.each(THREADS)('%s threads', (threads) => {
    for (const kernelCase of allCases) {
      it(kernelCase.name, async () => {
        await kernelCase.run(await backendWith(threads));
      });
    }
  });

  it('gives the same bits with one thread, two and three', async () => {
    const one = await fingerprint(await backendWith(1));
    expect(one.size).toBeGreaterThan(20);
    for (const threads of [2, 3]) {
      const more = await fingerprint(await backendWith(threads));
      for (const [name, want] of one) {
        expectSameBits(`${name} with ${threads} threads`, more.get(name) ?? new Float32Array(), want);
      }
    }
  });
});

describe('kernels of other sources than the engine’s', () => {
  it('are refused with what mends it', async () => {
    const changed = { ...nodeHost, kernelSource: () => Promise.resolve('other') };
    await expect(createWasmBackend({ host: changed, threads: 1 })).rejects.toThrow(/npm run build/);
  });

  it('are refused too where they do not say what they were made of', async () => {
    const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const old = { ...nodeHost, loadModule: () => Promise.resolve(empty) };
    await expect(createWasmBackend({ host: old, threads: 1 })).rejects.toThrow(/another version/);
  });
});
