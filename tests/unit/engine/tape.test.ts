import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../../src/engine/backend.ts';
import { linear } from '../../../src/engine/ops/linear.ts';
import { residual } from '../../../src/engine/ops/residual.ts';
import { gatherRows } from '../../../src/engine/ops/rows.ts';
import { swiglu } from '../../../src/engine/ops/swiglu.ts';
import { Tape, Value, type TapeMode } from '../../../src/engine/ops/tape.ts';
import { packSequences, planMicroBatches, uploadBatch } from '../../../src/engine/packing.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { scoreSequences, topLogprobs } from '../../../src/engine/scoring.ts';
import { smallDecoder } from './generationModel.ts';
import { openBackend } from './openBackend.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend();
});
afterAll(() => backend.dispose());

const f32 = (...numbers: number[]): Float32Array => Float32Array.from(numbers);

/** A value that no op made: its gradient stays readable after backward. */
function leaf(tape: Tape, ...numbers: number[]): Value {
  return new Value(tape.upload(Float32Array.from(numbers)), 1, numbers.length);
}

async function gradientOf(value: Value): Promise<number[]> {
  if (value.gradient === null) throw new Error('no gradient');
  return [...(await backend.readF32(value.gradient.buffer))].slice(0, value.size);
}

/** A frozen 2×2 matrix that doubles. */
function doubling(): Parameters {
  const parameters = new Parameters(backend, [
    { name: 'double', shape: [2, 2], decay: true, init: { constant: 0 } },
  ]);
  backend.write(parameters.flat, f32(2, 0, 0, 2));
  return parameters;
}

describe('tape', () => {
  it('adds the gradients of all uses of a value', async () => {
    const tape = new Tape(backend, 'record');
    const weight = doubling().weight('double');
    const a = leaf(tape, 1, 2);
    const sum = residual(tape, linear(tape, a, weight, null), linear(tape, a, weight, null));
    tape.backward([{ value: sum, gradient: f32(10, 20) }]);
    expect(await gradientOf(a)).toEqual([40, 80]);
    tape.release();
  });

  it.each([true, false])(
    'keeps shared gradients apart when one is added to (branch first: %s)',
    async (first) => {
      const weight = doubling().weight('double');
      const tape = new Tape(backend, 'record');
      const [a, b] = [leaf(tape, 1, 2), leaf(tape, 3, 4)];
      const early = first ? linear(tape, a, weight, null) : null;
      const sum = residual(tape, a, b);
      const branch = early ?? linear(tape, a, weight, null);
      expect([...(await backend.readF32(sum.data))].slice(0, 2)).toEqual([4, 6]);
      tape.backward([
        { value: sum, gradient: f32(1, 1) },
        { value: branch, gradient: f32(10, 20) },
      ]);
      expect(await gradientOf(a)).toEqual([21, 41]);
      expect(await gradientOf(b)).toEqual([1, 1]);
      tape.release();
    },
  );

  it('adds where a kernel can only overwrite, and starts from zero where one can only add', async () => {
    const tape = new Tape(backend, 'record');
    const a = leaf(tape, 0, 0);
    const b = leaf(tape, 4, 5);
    const product = swiglu(tape, a, b); // silu'(0) = 1/2, silu(0) = 0
    const twice = linear(tape, a, doubling().weight('double'), null);
    tape.backward([
      { value: product, gradient: f32(2, 2) },
      { value: twice, gradient: f32(1, 1) },
    ]);
    expect(await gradientOf(a)).toEqual([6, 7]);
    expect(await gradientOf(b)).toEqual([0, 0]);
    tape.release();

    const rows = new Tape(backend, 'record');
    const x = new Value(rows.upload(f32(1, 2, 3, 4, 5, 6)), 3, 2);
    const picked = gatherRows(rows, x, rows.upload(Int32Array.of(2, 0)));
    expect([...(await backend.readF32(picked.data))].slice(0, 4)).toEqual([5, 6, 1, 2]);
    rows.backward([{ value: picked, gradient: f32(1, 2, 3, 4) }]);
    expect(await gradientOf(x)).toEqual([3, 4, 0, 0, 1, 2]);
    rows.release();
  });

  it('skips what the loss does not depend on', () => {
    const weight = doubling().weight('double');
    const tape = new Tape(backend, 'record');
    const [a, b] = [leaf(tape, 1, 2), leaf(tape, 3, 4)];
    linear(tape, b, weight, null);
    const used = linear(tape, a, weight, null);
    tape.backward([{ value: used, gradient: f32(1, 1) }]);
    expect(b.gradient).toBeNull();
    expect(a.gradient).not.toBeNull();
    tape.release();
  });

  it('refuses seeds that do not fit, and backward without a record', () => {
    const tape = new Tape(backend, 'record');
    const a = leaf(tape, 1, 2);
    expect(() => tape.backward([{ value: a, gradient: f32(1) }])).toThrow(
      'seed has 1 numbers, its value 1×2',
    );
    tape.release();
    expect(() => new Tape(backend, 'infer').backward([])).toThrow('mode "record"');
  });

  it('trains through frozen weights and frees every byte', async () => {
    const decoder = smallDecoder(backend);
    const frozen = await backend.readF32(decoder.parameters.flat);
    const round = (mode: TapeMode): void => {
      const tape = new Tape(backend, mode);
      const batch = uploadBatch(tape, packSequences([[1, 2, 3], [4]]));
      const targets = tape.upload(Int32Array.of(2, 3, 9, 9));
      const { logprob } = decoder.score(tape, decoder.forward(tape, batch), null, targets, 1);
      if (mode === 'record') tape.backward([{ value: logprob, gradient: f32(1, 1, 1, 1) }]);
      tape.release();
      tape.release();
    };
    // After this the kernels' own scratch has its size, and the weights are packed.
    for (const mode of ['record', 'infer'] as const) round(mode);
    const { bytes } = backend.memory();
    for (const mode of ['record', 'infer'] as const) {
      round(mode);
      expect(backend.memory().bytes).toBe(bytes);
    }
    expect(await backend.readF32(decoder.parameters.flat)).toEqual(frozen);
  });
});

describe('scoring', () => {
  it('does not depend on how sequences are packed', async () => {
    const decoder = smallDecoder(backend);
    const sequences = [[3, 1, 4, 1, 5], [9], [2, 6], [5, 3, 5, 8, 9, 7, 9]].map((ids) => ({ ids, from: 1 }));
    const whole = await scoreSequences(decoder, sequences, 0.7);
    const single = await scoreSequences(decoder, sequences, 0.7, 1);
    expect(whole.map(({ logprob }) => logprob.length)).toEqual([4, 0, 1, 6]);
    for (const [s, { logprob, entropy }] of whole.entries()) {
      for (const [i, value] of logprob.entries()) expect(single[s]?.logprob[i]).toBeCloseTo(value, 5);
      for (const [i, value] of entropy.entries()) expect(single[s]?.entropy[i]).toBeCloseTo(value, 5);
    }
    await expect(scoreSequences(decoder, [{ ids: [1, 2], from: 0 }], 1)).rejects.toThrow('nothing before it');
  });

  it('lists the likeliest next tokens, in agreement with their scores', async () => {
    const decoder = smallDecoder(backend);
    const prefix = [3, 1, 4];
    const alternatives = await topLogprobs(decoder, prefix, 5, 0.7);
    expect(alternatives).toHaveLength(5);
    for (const { id, logprob } of alternatives) {
      const [scores] = await scoreSequences(decoder, [{ ids: [...prefix, id], from: 3 }], 0.7);
      expect(scores?.logprob[0]).toBeCloseTo(logprob, 4);
    }
    const logprobs = alternatives.map(({ logprob }) => logprob);
    expect(logprobs).toEqual([...logprobs].sort((a, b) => b - a));
  });
});

describe('packing', () => {
  it('lays sequences end to end', () => {
    const batch = packSequences([[7, 8], [], [9]]);
    expect([...batch.ids]).toEqual([7, 8, 9]);
    expect([...batch.positions]).toEqual([0, 1, 0]);
    expect([...batch.starts]).toEqual([0, 2, 2, 3]);
  });

  it('plans micro-batches within the budget, in order, all covered', () => {
    expect(planMicroBatches([3, 3, 9, 1, 1], 6)).toEqual([
      [0, 2],
      [2, 3],
      [3, 5],
    ]);
    expect(planMicroBatches([], 6)).toEqual([]);
  });
});
