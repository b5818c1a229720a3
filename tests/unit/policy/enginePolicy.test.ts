import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../../src/engine/backend.ts';
import { Decoder } from '../../../src/engine/decoder.ts';
import { decoderTensors } from '../../../src/engine/decoderTensors.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { scoreSequences } from '../../../src/engine/scoring.ts';
import { TrainState } from '../../../src/engine/trainState.ts';
import { grpoUpdate } from '../../../src/grpo/update.ts';
import { EnginePolicy } from '../../../src/policy/enginePolicy.ts';
import type { PolicySession, PolicyToken } from '../../../src/policy/policy.ts';
import { NANO_FORMAT } from '../../../src/research/format.ts';
import { rollOut } from '../../../src/research/rollout.ts';
import { groupTasks, type RolloutOptions } from '../../../src/research/rolloutOptions.ts';
import type { Trace } from '../../../src/traces/trace.ts';
import { smallConfig } from '../engine/generationModel.ts';
import { openBackend } from '../engine/openBackend.ts';
import { QUESTION, ScriptedRetriever, tokenizer } from '../research/scriptedPolicy.ts';

const SAMPLING = { temperature: 1, topK: 0, topP: 1 };

let backend: Backend;
let decoder: Decoder;
let policy: EnginePolicy;

beforeAll(async () => {
  backend = await openBackend();
  const config = { ...smallConfig, vocabSize: tokenizer.vocabularySize, maxPositions: 256 };
  const parameters = new Parameters(backend, decoderTensors(config));
  parameters.initialise(5);
  decoder = new Decoder(config, parameters);
  policy = new EnginePolicy({ name: 'random', decoder, tokenizer });
});

afterAll(() => {
  decoder.parameters.dispose();
  backend.dispose();
});

/** Tokens of one sequence until it stops. */
async function untilStop(session: PolicySession): Promise<PolicyToken[]> {
  const tokens: PolicyToken[] = [];
  for (;;) {
    const step = await session.step();
    if (step.length === 0) return tokens;
    tokens.push(...step);
  }
}

async function roll(options: Partial<RolloutOptions> = {}, rollouts = 24): Promise<Trace[]> {
  return rollOut(policy, new ScriptedRetriever(), groupTasks([QUESTION], rollouts), {
    format: NANO_FORMAT,
    sampling: SAMPLING,
    seed: 11,
    passages: 1,
    maxTokens: 80,
    maxSearches: 0,
    emptyQuery: 'search',
    slots: 8,
    label: 't',
    ...options,
  });
}

describe('EnginePolicy session', () => {
  const request = (maxTokens: number, rollout = 1) =>
    ({ prompt: [1, 30, 40, 2], key: { seed: 1, rollout }, sampling: SAMPLING, maxTokens }) as const;

  it('stops at the length limit, inserted tokens counted', async () => {
    const session = policy.session({ stops: ['</search>'], slots: 1, capacity: 64 });
    session.open(request(9));
    const tokens = await untilStop(session);
    expect(tokens).toHaveLength(9);
    expect(tokens.at(-1)?.stopped).toBe('length');
    expect(tokens.slice(0, -1).every(({ stopped }) => stopped === undefined)).toBe(true);
    session.dispose();
  });

  it('stops at a text spelled over several tokens, and goes on after what is inserted', async () => {
    const free = policy.session({ stops: [], slots: 1, capacity: 64 });
    free.open(request(30));
    const all = await untilStop(free);
    free.dispose();
    const ids = all.map(({ id }) => id);
    // A stop that this very sequence will write: the texts of its 6th to 8th token.
    const stop = tokenizer.tokenTexts(ids.slice(0, 8)).slice(5).join('');
    const session = policy.session({ stops: [stop], slots: 1, capacity: 64 });
    const sequence = session.open(request(20));
    const first = await untilStop(session);
    expect(first.map(({ id }) => id)).toEqual(ids.slice(0, 8));
    expect(first.at(-1)?.stopped).toBe('stop');
    session.resume(sequence, [50, 51, 52]);
    const rest = await untilStop(session);
    expect(rest).toHaveLength(20 - 8 - 3);
    expect(rest.at(-1)?.stopped).toBe('length');
    session.close(sequence);
    expect(() => {
      session.close(sequence);
    }).toThrow('not open');
    session.dispose();
  });

  it('refuses a tokenizer that is too large for the model', () => {
    const config = { ...smallConfig, vocabSize: 20 };
    const parameters = new Parameters(backend, decoderTensors(config));
    const small = new Decoder(config, parameters);
    expect(() => new EnginePolicy({ name: 'x', decoder: small, tokenizer })).toThrow(
      'Use the tokenizer that belongs',
    );
    parameters.dispose();
  });
});

describe('rollouts of the engine’s policy', () => {
  it('writes the same, whoever shares the batch', async () => {
    const together = await roll();
    const texts = (traces: readonly Trace[]): readonly number[][] =>
      traces.map(({ tokens }) => [...tokens.ids]);
    expect(texts(await roll({ slots: 3 }))).toEqual(texts(together));
    expect(texts(await roll({ slots: 1 }, 4))).toEqual(texts(together.slice(0, 4)));
    expect(new Set(texts(together).map((ids) => ids.join())).size).toBe(together.length);
    expect(texts(await roll({ seed: 12 }))).not.toEqual(texts(together));
  });

  it('samples with the logprobs and entropies of a full forward pass, before and after results', async () => {
    const traces = await roll();
    expect(traces.some(({ searches }) => searches.length > 0)).toBe(true);
    const sequences = traces.map(({ prompt, tokens }) => ({
      ids: [...prompt.ids, ...tokens.ids],
      from: prompt.ids.length,
    }));
    const scores = await scoreSequences(decoder, sequences, 1);
    traces.forEach(({ tokens }, t) => {
      tokens.generated.forEach((generated, i) => {
        if (!generated) return;
        expect(tokens.logprobs?.[i]).toBeCloseTo(scores[t]?.logprob[i] ?? NaN, 4);
        expect(tokens.entropies?.[i]).toBeCloseTo(scores[t]?.entropy[i] ?? NaN, 4);
      });
    });
  });

  it('learns from its own rollouts by the probabilities it sampled them with', async () => {
    const trainState = new TrainState(decoder.parameters);
    const traces = (await roll({ sampling: { ...SAMPLING, temperature: 0.7 } })).map((trace, i) => ({
      ...trace,
      reward: { value: i % 2, branch: 'right answer, F1', em: 0, f1: i % 2 } as const,
    }));
    const { stats } = await grpoUpdate({ decoder, trainState }, [traces.slice(0, 12), traces.slice(12)], 1, {
      variant: 'grpo',
      lldsWeight: 0,
      maxTokens: 64,
      learningRate: 1e-4,
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
      temperature: 0.7,
      tokensPerBatch: 512,
    });
    expect(stats.samplingGap).toBeLessThan(1e-4);
    expect(stats.clipFraction).toBe(0);
    trainState.dispose();
  });
});

it('draws tokens of a padded vocabulary that the tokenizer lacks, without text, and goes on', async () => {
  const config = { ...decoder.config, vocabSize: 20 * tokenizer.vocabularySize };
  const parameters = new Parameters(backend, decoderTensors(config));
  parameters.initialise(5);
  const padded = new EnginePolicy({
    name: 'padded',
    decoder: new Decoder(config, parameters),
    tokenizer,
  });
  const session = padded.session({ stops: ['</search>'], slots: 1, capacity: 40 });
  session.open({ prompt: [1, 2, 3], key: { seed: 7, rollout: 0 }, sampling: SAMPLING, maxTokens: 30 });
  const ids = (await untilStop(session)).map(({ id }) => id);
  const beyond = ids.filter((id) => id >= tokenizer.vocabularySize);
  expect(beyond.length).toBeGreaterThan(5);
  expect(tokenizer.decode(ids)).toBe(tokenizer.decode(ids.filter((id) => id < tokenizer.vocabularySize)));
  expect(tokenizer.tokenTexts(beyond).join('')).toBe('');
  session.dispose();
  parameters.dispose();
});
