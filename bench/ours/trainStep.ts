import type { Backend } from '../../src/engine/backend.ts';
import { Decoder } from '../../src/engine/decoder.ts';
import { decoderTensors } from '../../src/engine/decoderTensors.ts';
import { Tape } from '../../src/engine/ops/tape.ts';
import { packSequences, uploadBatch } from '../../src/engine/packing.ts';
import { Parameters } from '../../src/engine/parameters.ts';
import { scoredRows } from '../../src/engine/scoring.ts';
import { tensorOf } from '../../src/engine/tensors.ts';
import { TrainState } from '../../src/engine/trainState.ts';
import { optimiser, type Trainer, type TrainTask } from '../work/trainTask.ts';

/** A step as training makes it: the host reads the logprobs, and seeds backward with the loss's gradient by them. */
export function ourTrainer(backend: Backend, task: TrainTask): Trainer {
  const parameters = new Parameters(backend, decoderTensors(task.config));
  parameters.load(
    new Map(task.weights.map(({ name, shape, values }) => [name, tensorOf(shape, values)])),
    'the weights of the measurement',
  );
  const decoder = new Decoder(task.config, parameters);
  const state = new TrainState(parameters);
  const sequences = Array.from({ length: task.sequences }, (_, s) =>
    task.ids.subarray(s * task.length, (s + 1) * task.length),
  );
  const packed = packSequences(sequences);
  const { rows, targets } = scoredRows(sequences.map((ids) => ({ ids, from: 1 })));
  const gradient = new Float32Array(rows.length).fill(-1 / rows.length);
  return {
    async step() {
      const tape = new Tape(backend, 'record');
      try {
        const batch = uploadBatch(tape, packed);
        const [scored, next] = [tape.upload(rows), tape.upload(targets)];
        const { logprob } = decoder.score(tape, decoder.forward(tape, batch), scored, next, 1);
        const logprobs = await backend.readF32(logprob.data);
        tape.backward([{ value: logprob, gradient }]);
        await state.update(optimiser);
        return -logprobs.reduce((sum, value) => sum + value, 0) / logprobs.length;
      } finally {
        tape.release();
      }
    },
    dispose() {
      state.dispose();
      parameters.dispose();
    },
  };
}
