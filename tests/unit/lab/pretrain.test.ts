import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../../src/engine/backend.ts';
import { scoreSequences } from '../../../src/engine/scoring.ts';
import {
  pretrainStage,
  targetsOf,
  type PretrainOptions,
  type PretrainProgress,
  type PriorSequence,
} from '../../../src/lab/pretrain.ts';
import { encodeTranscript } from '../../../src/lab/pretrain.ts';
import { transcriptsOfWorld } from '../../../src/lab/priorData.ts';
import { probePrior } from '../../../src/lab/priorProbe.ts';
import { priorStages, type PriorStage } from '../../../src/research/priorMixture.ts';
import { createLexicalRetriever } from '../../../src/retrieval/lexical.ts';
import { openBackend } from '../engine/openBackend.ts';
import { fingerprint, tinyDecoder, tokenizer } from './tinyPolicy.ts';

const stage: PriorStage = { ...(priorStages[0] as PriorStage), tokens: 12_000, learningRate: 0.02 };
const options: PretrainOptions = {
  tokensPerStep: 1000,
  tokensPerBatch: 600,
  warmupSteps: 3,
  weightDecay: 0,
  contextWeight: 0,
  source: {
    seed: 1,
    passages: 60,
    namesakes: 0.3,
    perWorld: 40,
    retriever: (world) => Promise.resolve(createLexicalRetriever(world.passages)),
  },
};

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend();
});
afterAll(() => backend.dispose());

async function train(trained: PriorStage = stage, changes: Partial<PretrainOptions> = {}) {
  const decoder = tinyDecoder(backend);
  const told: PretrainProgress[] = [];
  await pretrainStage(decoder, tokenizer, trained, { ...options, ...changes }, (progress) => {
    told.push(progress);
    return Promise.resolve();
  });
  return { decoder, told };
}

/** Transcripts of a world that is not trained on. */
async function heldOut(): Promise<PriorSequence[]> {
  const transcripts = await transcriptsOfWorld({ ...options.source, seed: 500 }, 0, stage);
  return transcripts.map((transcript) => encodeTranscript(tokenizer, transcript, 0));
}

describe('pretrainStage', () => {
  it('lowers the loss in a few steps, also on worlds it has not seen, and tells each step', async () => {
    const held = await heldOut();
    const lossOf = async (decoder: ReturnType<typeof tinyDecoder>): Promise<number> => {
      const scores = await scoreSequences(
        decoder,
        held.map(({ ids }) => ({ ids, from: 1 })),
        1,
      );
      const own = held.flatMap(({ weights }, s) =>
        weights.flatMap((weight, i) => (weight === 1 ? [-(scores[s]?.logprob[i - 1] ?? NaN)] : [])),
      );
      return own.reduce((a, b) => a + b, 0) / own.length;
    };
    const fresh = tinyDecoder(backend);
    const { decoder, told } = await train();
    // 12 000 tokens, 1000 a step.
    expect(told.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(new Set(told.map(({ steps }) => steps))).toEqual(new Set([12]));
    expect(told[0]?.loss).toBeCloseTo(Math.log(tokenizer.vocabularySize), 0);
    expect(told.at(-1)?.loss).toBeLessThan((told[0]?.loss ?? 0) - 1);
    expect(await lossOf(decoder)).toBeLessThan((await lossOf(fresh)) - 1);
    expect(told.at(-1)?.tokens).toBeGreaterThanOrEqual(12_000);
    const rates = told.map(({ learningRate }) => learningRate);
    expect(rates[0]).toBeCloseTo(stage.learningRate / 3);
    expect(Math.max(...rates)).toBeCloseTo(stage.learningRate);
    expect(rates.at(-1)).toBeLessThan(0.1 * stage.learningRate);
    const [before, after] = [
      await probePrior(fresh, tokenizer, held),
      await probePrior(decoder, tokenizer, held),
    ];
    expect(after.copy).toBeGreaterThan(before.copy);
    for (const { parameters } of [fresh, decoder]) parameters.dispose();
  });

  it('is a function of its options, however its batches are packed', async () => {
    const few = { ...stage, tokens: 3000 };
    const [first, again] = [await train(few), await train(few)];
    expect(await fingerprint(again.decoder)).toBe(await fingerprint(first.decoder));
    const packed = await train(few, { tokensPerBatch: 2000 });
    packed.told.forEach(({ loss }, i) => expect(loss).toBeCloseTo(first.told[i]?.loss ?? NaN, 3));
    for (const { decoder } of [first, again, packed]) decoder.parameters.dispose();
  });

  it('leaves the policy ready to be trained on when it is broken off', async () => {
    const decoder = tinyDecoder(backend);
    const breakOff = async (): Promise<void> => {
      const stop = (): Promise<void> => Promise.reject(new Error('disk full'));
      await expect(pretrainStage(decoder, tokenizer, stage, options, stop)).rejects.toThrow('disk full');
    };
    await breakOff(); // after this the policy's weights are packed, and stay so as long as it lives
    const { bytes } = backend.memory();
    await breakOff();
    expect(backend.memory().bytes).toBe(bytes);
    await pretrainStage(decoder, tokenizer, { ...stage, tokens: 1000 }, options, () => Promise.resolve());
    decoder.parameters.dispose();
  });
});

describe('targetsOf', () => {
  it('predicts each token that counts from the row before it, in packed rows', () => {
    const sequences: PriorSequence[] = [
      { ids: [5, 6, 7, 8], weights: [0, 0, 1, 0.25], behaviour: 'guess' },
      { ids: [9, 10], weights: [0, 1], behaviour: 'guess' },
    ];
    const { rows, targets, weights } = targetsOf(sequences);
    expect([...rows]).toEqual([1, 2, 4]);
    expect([...targets]).toEqual([7, 8, 10]);
    expect([...weights]).toEqual([1, 0.25, 1]);
  });
});
