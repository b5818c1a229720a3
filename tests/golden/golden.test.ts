import { describe, expect, it } from 'vitest';
import { nodeHost } from '../../src/engine/wasm/nodeHost.ts';
import { createWasmBackend } from '../../src/engine/wasm/wasmBackend.ts';
import { checkGolden, goldenModels } from './check.ts';
import { readGolden } from './files.ts';

describe.each([1, 2])('whole models against PyTorch, WebAssembly with %i thread(s)', (threads) => {
  it.each(goldenModels)('%s', async (name) => {
    const backend = await createWasmBackend({ host: nodeHost, threads });
    try {
      await checkGolden(backend, await readGolden(name));
      // The kernels' own scratch has its size by now: a second run must give all it takes back.
      const { bytes } = backend.memory();
      await checkGolden(backend, await readGolden(name));
      expect(backend.memory().bytes).toBe(bytes);
    } finally {
      backend.dispose();
    }
  });

  it('notices a wrong weight', async () => {
    const files = await readGolden('qwen3');
    const weights = Uint8Array.from(files.weights);
    weights[weights.length - 1] = (weights.at(-1) ?? 0) ^ 0x80; // the sign of the last number
    const backend = await createWasmBackend({ host: nodeHost, threads });
    await expect(checkGolden(backend, { ...files, weights })).rejects.toThrow(
      /qwen3: \w+\[\d+\] is .*, PyTorch has/,
    );
    backend.dispose();
  });
});
