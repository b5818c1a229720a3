import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../../src/engine/backend.ts';
import { Decoder } from '../../../src/engine/decoder.ts';
import { decoderTensors } from '../../../src/engine/decoderTensors.ts';
import { Tape } from '../../../src/engine/ops/tape.ts';
import { uploadBatch } from '../../../src/engine/packing.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { TrainState } from '../../../src/engine/trainState.ts';
import { packTraces } from '../../../src/grpo/packing.ts';
import { smallConfig } from '../engine/generationModel.ts';
import { openBackend } from '../engine/openBackend.ts';
import { makeTrace } from './makeTrace.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend();
});
afterAll(() => {
  backend.dispose();
});

const TRACES = [
  makeTrace({ prompt: [1, 2, 3], response: [4, 5, 6, 7, 8, 9], inserted: [2, 3] }),
  makeTrace({ prompt: [1, 2, 3], response: [4, 5, 6, 7, 10, 11], inserted: [2, 3] }),
  makeTrace({ prompt: [1, 2, 3], response: [4, 12], inserted: [] }),
  makeTrace({ prompt: [1, 2], response: [4, 12, 13], inserted: [] }),
  makeTrace({ prompt: [1, 2, 3], response: [4, 5, 6, 7, 8, 9], inserted: [2, 3] }),
];

/** Logprobs of the loss tokens, and the gradient of their weighted sum. */
async function run(decoder: Decoder, state: TrainState, share: boolean): Promise<[number[], Float32Array]> {
  state.zeroGrads();
  const found: number[] = [];
  for (const batch of packTraces(TRACES, true, 100, share)) {
    const tape = new Tape(backend, 'record');
    const device = uploadBatch(tape, batch.packed);
    const rows = tape.upload(batch.rows);
    const targets = tape.upload(batch.targets);
    const { logprob } = decoder.score(tape, decoder.forward(tape, device), rows, targets, 0.9);
    const values = await backend.readF32(logprob.data);
    const gradient = new Float32Array(batch.rows.length);
    for (const { trace, token, prediction } of batch.tokens) {
      found.push(values[prediction] ?? NaN);
      gradient[prediction] = (gradient[prediction] ?? 0) + Math.sin(1 + trace + 7 * token);
    }
    tape.backward([{ value: logprob, gradient }]);
    tape.release();
  }
  return [found, await backend.readF32(state.grads)];
}

describe('training on shared rows', () => {
  it('gives the logprobs of rollouts laid out one by one, and their gradient', async () => {
    const parameters = new Parameters(backend, decoderTensors(smallConfig));
    parameters.initialise(5);
    const state = new TrainState(parameters);
    const decoder = new Decoder(smallConfig, parameters);
    expect(backend.sharesPrefixes).toBe(true);
    const [shared, sharedGradient] = await run(decoder, state, true);
    const [plain, gradient] = await run(decoder, state, false);
    expect(shared).toEqual(plain);
    const scale = gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
    expect(scale).toBeGreaterThan(0);
    const worst = gradient.reduce(
      (most, g, i) => Math.max(most, Math.abs(g - (sharedGradient[i] ?? NaN))),
      0,
    );
    expect(worst).toBeLessThan(1e-5 * scale);
  });
});
