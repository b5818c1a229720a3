import { createHash } from 'node:crypto';
import type { Backend } from '../../../src/engine/backend.ts';
import type { DecoderConfig } from '../../../src/engine/config.ts';
import { Decoder } from '../../../src/engine/decoder.ts';
import { decoderTensors } from '../../../src/engine/decoderTensors.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { presets } from '../../../src/lab/presets.ts';
import { pretrainStage } from '../../../src/lab/pretrain.ts';
import type { Recipe } from '../../../src/lab/recipe.ts';
import { priorStages } from '../../../src/research/priorMixture.ts';
import { createLexicalRetriever } from '../../../src/retrieval/lexical.ts';
import { trainBpe } from '../../../src/text/bpeTrainer.ts';
import { NANO_CHAT_TEMPLATE, NANO_TOKENS } from '../../../src/text/chatTemplate.ts';
import { loadHfTokenizer } from '../../../src/text/hfTokenizer.ts';
import { makeTokenizerConfig } from '../../../src/text/tokenizerJson.ts';
import { generateWorld } from '../../../src/world/generate.ts';
import type { World } from '../../../src/world/types.ts';

const world = generateWorld({
  seed: 9,
  passages: 60,
  namesakes: 0.3,
  hops: { two: 1, three: 0, four: 0 },
  questions: 20,
});

export const tokenizerJson = trainBpe(
  [...world.passages, ...world.questions].map(({ text }) => text),
  { vocabularySize: 400, addedTokens: NANO_TOKENS },
);
export const tokenizer = loadHfTokenizer(tokenizerJson, makeTokenizerConfig('<|end|>', NANO_CHAT_TEMPLATE));

/** The nano policy's family at a size that makes a rollout in milliseconds. */
export const tinyConfig: DecoderConfig = {
  modelType: 'qwen3',
  vocabSize: tokenizer.vocabularySize,
  hiddenSize: 16,
  intermediateSize: 24,
  layers: 1,
  heads: 2,
  kvHeads: 1,
  headDim: 8,
  normEps: 1e-6,
  ropeTheta: 10000,
  tieWordEmbeddings: true,
  qkvBias: false,
  outputBias: false,
  qkNorm: true,
  maxPositions: 1024,
};

export function tinyDecoder(backend: Backend, seed = 3, config = tinyConfig): Decoder {
  const parameters = new Parameters(backend, decoderTensors(config));
  parameters.initialise(seed);
  return new Decoder(config, parameters);
}

/** The tiny policy after a few steps of the prior: enough that it often searches, and for something. */
export async function practisedDecoder(backend: Backend): Promise<Decoder> {
  const decoder = tinyDecoder(backend);
  const [stage] = priorStages;
  if (!stage) throw new Error('the prior has no stage');
  const source = {
    seed: 1,
    passages: 60,
    namesakes: 0.3,
    perWorld: 60,
    retriever: (of: World) => Promise.resolve(createLexicalRetriever(of.passages)),
  };
  const sizes = {
    tokensPerStep: 1000,
    tokensPerBatch: 1000,
    warmupSteps: 3,
    weightDecay: 0,
    contextWeight: 0,
  };
  const none = Object.fromEntries(Object.keys(stage.shares).map((name) => [name, 0]));
  const shares = { ...(none as typeof stage.shares), 'one search': 1 };
  const short = { ...stage, shares, tokens: 60_000, learningRate: 0.03 };
  await pretrainStage(decoder, tokenizer, short, { ...sizes, source }, () => Promise.resolve());
  return decoder;
}

/**
 * Three small updates. A policy of random weights earns nothing and so has no advantage to follow: the entropy bonus
 * is what moves its weights.
 */
export const tinyRecipe: Recipe = {
  ...presets.tiny,
  model: 'tiny',
  world: { ...presets.tiny.world, passages: 60, updatesPerWorld: 2 },
  rollout: { ...presets.tiny.rollout, maxTokens: 48 },
  grpo: {
    ...presets.tiny.grpo,
    steps: 3,
    questions: 3,
    groupSize: 3,
    learningRate: 0.01,
    entropyWeight: 0.01,
  },
  evaluation: { questions: 6, every: 0 },
  backend: { tokensPerBatch: 128 },
};

export function recipeWith(change: { readonly [K in keyof Recipe]?: Partial<Recipe[K]> }): Recipe {
  const out: Record<string, unknown> = { ...tinyRecipe };
  for (const [key, value] of Object.entries(change)) {
    const old = out[key];
    out[key] = typeof old === 'object' && typeof value === 'object' ? { ...old, ...value } : value;
  }
  return out as Recipe;
}

/** All weights, padding included. */
export const weightsOf = (decoder: Decoder): Promise<Float32Array> =>
  decoder.backend.readF32(decoder.parameters.flat);

/** A hash of all weights: two policies have the same one if every bit of them is the same. */
export async function fingerprint(decoder: Decoder): Promise<string> {
  const weights = await weightsOf(decoder);
  return createHash('sha256')
    .update(new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength))
    .digest('hex');
}
