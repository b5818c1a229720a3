import { afterAll, beforeAll } from 'vitest';
import type { Backend } from '../../../src/engine/backend.ts';
import { Decoder } from '../../../src/engine/decoder.ts';
import { decoderTensors } from '../../../src/engine/decoderTensors.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { scoreSequences } from '../../../src/engine/scoring.ts';
import type { TrainState } from '../../../src/engine/trainState.ts';
import type { GrpoOptions } from '../../../src/grpo/update.ts';
import type { Trace } from '../../../src/traces/trace.ts';
import { smallConfig } from '../engine/generationModel.ts';
import { openBackend } from '../engine/openBackend.ts';
import { makeTrace } from './makeTrace.ts';

/** A small decoder to update, and the rollouts to update it with. */

export const OPTIONS: GrpoOptions = {
  variant: 'grpo',
  lldsWeight: 0,
  maxTokens: 20,
  learningRate: 0.01,
  warmupSteps: 0,
  weightDecay: 0,
  maxGradNorm: 1,
  clipLow: 0.2,
  clipHigh: 0.28,
  klWeight: 0,
  entropyWeight: 0,
  divideByStd: true,
  minibatches: 1,
  epochs: 1,
  maskResults: true,
  temperature: 0.8,
  tokensPerBatch: 24,
};

export interface Model {
  readonly decoder: Decoder;
  readonly trainState: TrainState;
}

/** A backend for the tests of a file, and models on it. */
export function smallModels() {
  let backend: Backend;
  const models: Model[] = [];
  beforeAll(async () => {
    backend = await openBackend();
  });
  afterAll(() => {
    for (const { decoder, trainState } of models) {
      trainState.dispose();
      decoder.parameters.dispose();
    }
    backend.dispose();
  });
  return {
    /** A small decoder with random weights; the same each time. */
    make<S extends TrainState>(
      State: new (parameters: Parameters) => S,
    ): { decoder: Decoder; trainState: S } {
      const specs = decoderTensors(smallConfig).map((spec) =>
        'normal' in spec.init ? { ...spec, init: { normal: 0.2 } } : spec,
      );
      const parameters = new Parameters(backend, specs);
      parameters.initialise(3);
      const model = { decoder: new Decoder(smallConfig, parameters), trainState: new State(parameters) };
      models.push(model);
      return model;
    },
  };
}

export const SHAPES = [
  { prompt: [1, 2, 3], response: [4, 5, 6, 7, 8, 9], inserted: [2, 3], reward: 1 },
  { prompt: [1, 2, 3], response: [10, 11, 12], inserted: [], reward: 0 },
  { prompt: [7, 8], response: [13, 14, 15, 16, 17, 18, 19], inserted: [1], reward: 0.1 },
  { prompt: [7, 8], response: [20, 21], inserted: [], reward: 0.6 },
] as const;

/** log π of the response tokens of each shape under the model as it is. */
export async function responseLogprobs(decoder: Decoder): Promise<number[][]> {
  const sequences = SHAPES.map(({ prompt, response }) => ({
    ids: [...prompt, ...response],
    from: prompt.length,
  }));
  const scores = await scoreSequences(decoder, sequences, OPTIONS.temperature);
  return scores.map(({ logprob }) => [...logprob]);
}

/** Two groups of two rollouts with the model's own logprobs, moved by `shift` as if the policy had since changed. */
export async function makeGroups(
  decoder: Decoder,
  shift: (i: number) => number = () => 0,
): Promise<Trace[][]> {
  const logprobs = await responseLogprobs(decoder);
  const traces = SHAPES.map((shape, s) =>
    makeTrace({ ...shape, logprobs: (logprobs[s] ?? []).map((logprob, i) => logprob + shift(i + 3 * s)) }),
  );
  return [traces.slice(0, 2), traces.slice(2)];
}
