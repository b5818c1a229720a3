import { type Backend, type DeviceBuffer, EngineError } from '../../../src/engine/backend.ts';
import { kernelCase, type Kit, type KernelCase } from './kit.ts';

/** Expects an EngineError with a message, thrown or as the rejection of the returned promise. */
async function expectEngineError(act: () => unknown): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (error instanceof EngineError && error.message.length > 10) return;
    throw new Error(`expected an EngineError that says what is wrong, got ${String(error)}`, {
      cause: error,
    });
  }
  throw new Error('expected an EngineError, but nothing was thrown');
}

interface Buffers {
  /** 12 zeros. */
  readonly f: DeviceBuffer;
  /** 12 zeros, another buffer. */
  readonly g: DeviceBuffer;
  /** 12 integer zeros. */
  readonly i: DeviceBuffer;
  /** Freed. */
  readonly gone: DeviceBuffer;
}

function refused(name: string, act: (backend: Backend, buffers: Buffers) => unknown): KernelCase {
  return kernelCase(`refuses ${name}`, async (kit) => {
    await expectEngineError(() => act(kit.backend, someBuffers(kit)));
  });
}

function someBuffers(kit: Kit): Buffers {
  const gone = kit.backend.alloc(12);
  kit.backend.free(gone);
  const zeros = new Float64Array(12);
  return { f: kit.f32(zeros), g: kit.state(zeros), i: kit.i32(zeros), gone };
}

const SHAPE = { heads: 2, kvHeads: 1, headDim: 2 };

export const errorCases: readonly KernelCase[] = [
  refused('a buffer of negative length', (b) => b.alloc(-1)),
  refused('a buffer of fractional length', (b) => b.zeros(1.5)),
  refused('a view beyond the end', (b, { f }) => b.view(f, 0, 13)),
  refused('a view at an offset that is not aligned', (b) => {
    const big = b.alloc(200);
    try {
      b.view(big, 32, 10);
    } finally {
      b.free(big);
    }
  }),
  refused('a view of a freed buffer', (b, { gone }) => b.view(gone, 0, 1)),
  refused('a call on a view whose buffer was freed', (b, { f, g }) => {
    const base = b.alloc(128);
    const view = b.view(base, 64, 12);
    b.free(base);
    b.add(view, f, g, 12);
  }),
  refused('freeing twice', (b, { gone }) => b.free(gone)),
  refused('a write beyond the end', (b, { g }) => b.write(g, new Float32Array(2), 11)),
  refused('writing integers to f32', (b, { g }) => b.write(g, new Int32Array(2))),
  refused('writing reals to i32', (b, { i }) => b.write(i, new Float32Array(2))),
  refused('a write to a freed buffer', (b, { gone }) => b.write(gone, new Float32Array(2))),
  refused('a read beyond the end', (b, { f }) => b.readF32(f, 10, 3)),
  refused('reading i32 as f32', (b, { i }) => b.readF32(i)),
  refused('reading f32 as i32', (b, { f }) => b.readI32(f)),
  refused('a read of a freed buffer', (b, { gone }) => b.readF32(gone)),
  refused('a copy beyond the end of the source', (b, { f, g }) => b.copy(f, 8, g, 0, 5)),
  refused('a copy beyond the end of the target', (b, { f, g }) => b.copy(f, 0, g, 8, 5)),
  refused('a copy between f32 and i32', (b, { i, g }) => b.copy(i, 0, g, 0, 5)),
  refused('a fill of a freed buffer', (b, { gone }) => b.fill(gone, 1)),
  refused('axpy over more than there is', (b, { f, g }) => b.axpy(g, f, 1, 13)),
  refused('add into a freed buffer', (b, { f, gone }) => b.add(f, f, gone, 12)),
  refused('swiglu with an i32 gate', (b, { f, g, i }) => b.swiglu(i, f, g, 12)),
  refused('f32 ids', (b, { f, g }) => b.embedding(f, f, g, 3, 4)),
  refused('an embedding output that is too short', (b, { f, g, i }) => b.embedding(i, f, g, 4, 4)),
  refused('a dTable that is too short', (b, { f, g, i }) => b.embeddingBackward(i, f, g, 3, 4, 4)),
  refused('too few row numbers', (b, { f, g, i }) => b.gatherRows(f, i, g, 13, 1)),
  refused('segment starts that are too short', (b, { f, g, i }) => b.segmentMean(f, i, g, 12, 1)),
  refused('a linear input that is too short', (b, { f, g }) => b.linear(f, f, null, g, 7, 2, 1)),
  refused('a linear weight that is too short', (b, { f, g }) => b.linear(f, f, null, g, 1, 4, 4)),
  refused('a linear bias that is freed', (b, { f, g, gone }) => b.linear(f, f, gone, g, 2, 2, 2)),
  refused('a dx that is too short', (b, { f, g }) => b.linearBackwardInput(f, f, g, 7, 2, 1, true)),
  refused('a dw that is too short', (b, { f, g }) => b.linearBackwardWeight(f, f, g, 1, 5, 3)),
  refused('an rstd that is i32', (b, { f, g, i }) => b.rmsnorm(f, f, g, i, 3, 4, 1e-5)),
  refused('too few positions for rope', (b, { g, i }) => b.rope(g, i, 13, 1, 2, 10000, false)),
  refused('heads that kvHeads does not divide', (b, { f, g, i }) =>
    b.attentionCached(f, f, f, i, i, g, 1, 2, { heads: 3, kvHeads: 2, headDim: 2 }),
  ),
  refused('attention over more tokens than q holds', (b, { f, g, i }) =>
    b.attention(f, f, f, i, g, g, 4, 1, SHAPE, true),
  ),
  refused('f32 slots', (b, { f, g, i }) => b.cacheWrite(f, f, i, g, 1, 2, 3)),
  refused('a slot outside the cache', (b, { g }) => b.cacheCopySlot(g, 0, 2, 1, 2, 3)),
  refused('a copy longer than a slot', (b, { g }) => b.cacheCopySlot(g, 0, 1, 4, 2, 3)),
  refused('f32 targets', (b, { f, g }) => b.head(f, f, f, g, g, g, 2, 2, 3, 1)),
  refused('a vocabulary larger than w', (b, { f, g, i }) => b.head(f, f, i, g, g, g, 2, 2, 7, 1)),
  refused('too few keys', (b, { f, g, i }) =>
    b.sample(f, i, i, g, g, 5, 2, { temperature: 1, topK: 0, topP: 1 }),
  ),
  refused('an f32 buffer for sampled ids', (b, { f, g, i }) =>
    b.sample(f, i, g, g, g, 2, 2, { temperature: 1, topK: 0, topP: 1 }),
  ),
  refused('adamw over more than there is', (b, { f, g }) =>
    b.adamw(g, f, g, g, f, 13, {
      learningRate: 1,
      beta1: 0.9,
      beta2: 0.99,
      epsilon: 1e-8,
      weightDecay: 0,
      step: 1,
    }),
  ),
  kernelCase('a refused call leaves the backend usable', async (kit) => {
    const { f, g, gone } = someBuffers(kit);
    await expectEngineError(() => {
      kit.backend.add(f, gone, g, 12);
    });
    kit.backend.add(f, kit.f32(new Float64Array(12).fill(1)), g, 12);
    await kit.expectClose('y', g, new Float64Array(12).fill(1), { tolerance: 0 });
  }),
];
