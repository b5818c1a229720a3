import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../../src/engine/backend.ts';
import { Tape } from '../../../src/engine/ops/tape.ts';
import { packSequences, uploadBatch } from '../../../src/engine/packing.ts';
import { TrainState } from '../../../src/engine/trainState.ts';
import { smallDecoder } from './generationModel.ts';
import { openBackend } from './openBackend.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend();
});
afterAll(() => {
  backend.dispose();
});

describe('rows wanted of the last layer', () => {
  it('give what all rows give, and the same gradient', async () => {
    const decoder = smallDecoder(backend);
    const state = new TrainState(decoder.parameters);
    const rows = Int32Array.of(1, 2, 5, 8);
    const targets = Int32Array.of(7, 3, 11, 2);
    const run = async (early: boolean): Promise<[Float32Array, Float32Array]> => {
      state.zeroGrads();
      const tape = new Tape(backend, 'record');
      const batch = uploadBatch(tape, packSequences([[1, 2, 3], [4, 5, 6, 7, 8], [9]]));
      const [at, target] = [tape.upload(rows), tape.upload(targets)];
      const stream = decoder.forward(tape, batch, true, early ? at : null);
      const { logprob } = decoder.score(tape, stream, early ? null : at, target, 0.8);
      const values = await backend.readF32(logprob.data);
      tape.backward([{ value: logprob, gradient: Float32Array.of(1, -2, 0.5, 3) }]);
      tape.release();
      return [values, await backend.readF32(state.grads)];
    };
    const [all, gradient] = await run(false);
    const [wanted, wantedGradient] = await run(true);
    expect(wanted).toEqual(all);
    const scale = gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
    const worst = gradient.reduce(
      (most, g, i) => Math.max(most, Math.abs(g - (wantedGradient[i] ?? NaN))),
      0,
    );
    expect(scale).toBeGreaterThan(0);
    expect(worst).toBeLessThan(1e-5 * scale);
  });
});
