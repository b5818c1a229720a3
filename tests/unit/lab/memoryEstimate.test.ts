import { expect, it } from 'vitest';
import { nodeHost } from '../../../src/engine/wasm/nodeHost.ts';
import { createWasmBackend } from '../../../src/engine/wasm/wasmBackend.ts';
import { measureUpdate, shapes } from './estimateCheck.ts';

it.each(Object.entries(shapes))('%s: the memory expected is the memory held', async (_name, shape) => {
  const backend = await createWasmBackend({ host: nodeHost, threads: 2 });
  try {
    const { expected, measured } = await measureUpdate(backend, shape);
    expect(Math.abs(expected / measured - 1), `${String(expected)} of ${String(measured)}`).toBeLessThan(
      0.15,
    );
  } finally {
    backend.dispose();
  }
});
