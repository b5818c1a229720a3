import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Backend } from '../../../src/engine/backend.ts';
import type { Decoder } from '../../../src/engine/decoder.ts';
import { decoderTensors } from '../../../src/engine/decoderTensors.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { topLogprobs } from '../../../src/engine/scoring.ts';
import { memoryFacts } from '../../../src/lab/memoryBook.ts';
import { checkMemory, estimateMemory } from '../../../src/lab/memoryEstimate.ts';
import { openTrainable, planTraining } from '../../../src/lab/training.ts';
import { TrainRun } from '../../../src/lab/trainRun.ts';
import { formatOf } from '../../../src/research/format.ts';
import { createLexicalRetriever } from '../../../src/retrieval/lexical.ts';
import type { Passage } from '../../../src/retrieval/retriever.ts';
import { trainBpe } from '../../../src/text/bpeTrainer.ts';
import { loadHfTokenizer } from '../../../src/text/hfTokenizer.ts';
import { makeTokenizerConfig } from '../../../src/text/tokenizerJson.ts';
import { openBackend } from '../engine/openBackend.ts';
import { fingerprint, recipeWith, tinyConfig } from './tinyPolicy.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend();
});
afterAll(() => backend.dispose());

const template =
  "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n";
const json = trainBpe(['Who wrote the film? A river flows through the city.'], {
  vocabularySize: 300,
  addedTokens: ['<|im_end|>', '<|im_start|>'],
});
const tokenizer = loadHfTokenizer(json, makeTokenizerConfig('<|im_end|>', template));
const config = {
  ...tinyConfig,
  modelType: 'llama' as const,
  qkNorm: false,
  maxPositions: 2048,
  vocabSize: tokenizer.vocabularySize,
};
const recipe = recipeWith({
  training: { method: 'auto', rank: 2, checkpointing: true },
  grpo: { questions: 2, groupSize: 2, steps: 2 },
});

async function open(): Promise<{ decoder: Decoder; run: TrainRun }> {
  const made = new Parameters(backend, decoderTensors(config));
  made.initialise(4);
  const tensors = await made.toTensors();
  made.dispose();
  const parts = { config, file: 'chat', weights: () => Promise.resolve(tensors) };
  const plan = planTraining(recipe, { tokenizer, kept: 'f16' });
  expect(plan).toMatchObject({ weights: 'f16', adapter: { rank: 2 }, checkpointing: true });
  const decoder = await openTrainable(backend, parts, plan, { seed: 1 });
  const retrieverOf = (passages: readonly Passage[]) => Promise.resolve(createLexicalRetriever(passages));
  return { decoder, run: new TrainRun({ policy: decoder, tokenizer, recipe, retrieverOf }) };
}
it('a chat model’s adapter moves, its reference stays, and a run that goes on is the same bit by bit', async () => {
  const { decoder, run } = await open();
  const prompt = formatOf(tokenizer, 'system').prompt.build('Who wrote it?', tokenizer);
  expect(tokenizer.decode(prompt)).toMatch(
    /^<\|im_start\|> ?system\nYou are a careful[^]*Who wrote it\?<\|im_end\|>/,
  );
  const reference = decoder.reference();
  const before = await topLogprobs(reference, prompt, 5, 1);
  expect(await topLogprobs(decoder, prompt, 5, 1)).toEqual(before);
  await run.update();
  const kept = { ...(await run.checkpoint()), evaluatedBefore: false, evaluatedAfter: false };
  await run.update();
  expect(await topLogprobs(decoder, prompt, 5, 1)).not.toEqual(before);
  expect(await topLogprobs(reference, prompt, 5, 1)).toEqual(before);
  const again = await open();
  again.run.restore(kept);
  await again.run.update();
  expect(await fingerprint(again.decoder)).toBe(await fingerprint(decoder));
});

it('a model that WebAssembly cannot address is refused with the mend', () => {
  const large = {
    ...config,
    hiddenSize: 4096,
    intermediateSize: 14336,
    heads: 32,
    kvHeads: 8,
    headDim: 128,
    layers: 32,
  };
  const plan = planTraining(recipe, { tokenizer, kept: 'int4' });
  const estimate = estimateMemory(memoryFacts(backend), large, plan, recipe, 300);
  expect(() => checkMemory(backend, estimate, 'large')).toThrow(
    /^large would need \d+ MiB.*can hold 4096 MiB\. Set training/,
  );
});
