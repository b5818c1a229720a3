/** One update of a small chat model of random weights, and how its memory compares with what was expected. */
import type { Backend } from '../../../src/engine/backend.ts';
import type { DecoderConfig } from '../../../src/engine/config.ts';
import { decoderTensors } from '../../../src/engine/decoderTensors.ts';
import { counterUniform } from '../../../src/engine/random.ts';
import { sizeOf, tensorOf } from '../../../src/engine/tensors.ts';
import { memoryFacts } from '../../../src/lab/memoryBook.ts';
import { estimateMemory } from '../../../src/lab/memoryEstimate.ts';
import { presets } from '../../../src/lab/presets.ts';
import type { Recipe } from '../../../src/lab/recipe.ts';
import { QUESTION_ROOM } from '../../../src/lab/recipeProblems.ts';
import { frameOf, openTrainable, planTraining } from '../../../src/lab/training.ts';
import { TrainRun } from '../../../src/lab/trainRun.ts';
import { createLexicalRetriever } from '../../../src/retrieval/lexical.ts';
import { trainBpe } from '../../../src/text/bpeTrainer.ts';
import { loadHfTokenizer } from '../../../src/text/hfTokenizer.ts';
import { makeTokenizerConfig } from '../../../src/text/tokenizerJson.ts';

export interface Shape {
  readonly V: number;
  readonly D: number;
  readonly layers: number;
  readonly training: Partial<Recipe['training']>;
  readonly questions: number;
  readonly groupSize: number;
  readonly maxTokens: number;
  readonly tokensPerBatch: number;
}

/** What differs: table or layers that are large, one packed batch or several, logits kept or not, layers run twice. */
export const shapes: Readonly<Record<string, Shape>> = {
  'an adapter beside int4, one batch': {
    ...{ V: 4096, D: 128, layers: 4, training: { method: 'lora', frozen: 'int4' } },
    ...{ questions: 1, groupSize: 2, maxTokens: 32, tokensPerBatch: 4096 },
  },
  'an adapter beside f16, several batches': {
    ...{ V: 1024, D: 96, layers: 6, training: { method: 'lora', frozen: 'f16', rank: 16 } },
    ...{ questions: 2, groupSize: 4, maxTokens: 64, tokensPerBatch: 1024 },
  },
  'an adapter beside int8, a large table, layers run twice': {
    ...{ V: 16384, D: 128, layers: 4, training: { method: 'lora', frozen: 'int8', checkpointing: true } },
    ...{ questions: 2, groupSize: 3, maxTokens: 96, tokensPerBatch: 4096 },
  },
  'all weights': {
    ...{ V: 4096, D: 128, layers: 4, training: { method: 'full' } },
    ...{ questions: 2, groupSize: 4, maxTokens: 64, tokensPerBatch: 4096 },
  },
};

const template =
  "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n";
const json = trainBpe(['Who wrote the film? A river flows through the city.'], {
  vocabularySize: 300,
  addedTokens: ['<|im_end|>', '<|im_start|>'],
});
const tokenizer = loadHfTokenizer(json, makeTokenizerConfig('<|im_end|>', template));

/** Bytes expected, and held at once at most, of a backend that has held nothing yet. */
export async function measureUpdate(
  backend: Backend,
  shape: Shape,
): Promise<{ readonly expected: number; readonly measured: number }> {
  const { V, D, layers, questions, groupSize, maxTokens, tokensPerBatch } = shape;
  const config: DecoderConfig = {
    ...{ modelType: 'llama', vocabSize: V, hiddenSize: D, intermediateSize: 3 * D, layers },
    ...{ heads: 4, kvHeads: 2, headDim: D / 4, normEps: 1e-5, ropeTheta: 1e4, tieWordEmbeddings: true },
    ...{ qkvBias: false, outputBias: false, qkNorm: false, maxPositions: 2048 },
  };
  const recipe: Recipe = {
    ...presets.tiny,
    training: { ...presets.tiny.training, ...shape.training },
    rollout: { ...presets.tiny.rollout, maxTokens },
    grpo: { ...presets.tiny.grpo, steps: 1, questions, groupSize, entropyWeight: 0.01 },
    evaluation: { questions: 0, every: 0 },
    backend: { tokensPerBatch },
  };
  const weights = new Map(
    decoderTensors(config).map(({ name, shape: size }, stream) => {
      const draw = (_: unknown, i: number): number => 0.1 * (counterUniform(1, stream, i) - 0.5);
      const values = Float32Array.from({ length: sizeOf(size) }, size.length === 1 ? () => 1 : draw);
      return [name, tensorOf(size, values)];
    }),
  );
  const parts = {
    config,
    file: 'chat',
    tokenizer,
    kept: 'f16',
    weights: () => Promise.resolve(weights),
  } as const;
  const plan = planTraining(recipe, parts);
  const prompt = frameOf(parts, recipe) + QUESTION_ROOM;
  const expected = estimateMemory(memoryFacts(backend), config, plan, recipe, prompt).total;
  const policy = await openTrainable(backend, parts, plan, { seed: 1 });
  const run = new TrainRun({
    policy,
    reference: policy.reference(),
    tokenizer,
    recipe,
    retrieverOf: (passages) => Promise.resolve(createLexicalRetriever(passages)),
  });
  await run.update();
  const measured = backend.memory().peakBytes;
  run.dispose();
  return { expected, measured };
}
