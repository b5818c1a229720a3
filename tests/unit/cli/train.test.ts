import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadModel, loadWeights, weightFile } from '../../../src/lab/modelFiles.ts';
import { TrainRun } from '../../../src/lab/trainRun.ts';
import { createLexicalRetriever } from '../../../src/retrieval/lexical.ts';
import { openBackend } from '../engine/openBackend.ts';
import { recipeWith } from '../lab/tinyPolicy.ts';
import { cli, Desk } from './terminal.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await Desk.open();
});
afterAll(() => desk.remove());

const count = z.number().min(0);
const fraction = z.number().min(0).max(1);
/** What `train --json` promises; more may stand beside it. */
const scores = z.looseObject({
  n: count,
  em: fraction,
  f1: fraction,
  reward: fraction,
  searches: count,
  responseTokens: count,
  selfCorrections: fraction,
  emSampled: fraction,
});
const step = z.looseObject({
  step: count,
  reward: fraction,
  em: fraction,
  f1: fraction,
  formatRate: fraction,
  searches: count,
  responseTokens: count,
  entropy: count,
  kl: count,
  clipFraction: fraction,
  zeroSpreadGroups: fraction,
  gradNorm: count,
  secondsRollout: count,
  secondsTrain: count,
  tokensGenerated: count,
  tokensTrained: count,
});
const documentSchema = z.looseObject({
  recipe: z.record(z.string(), z.unknown()),
  seed: count,
  backend: z.string(),
  version: z.string(),
  seconds: count,
  before: z.object({ musique: scores }),
  after: z.object({ musique: scores }),
  steps: z.array(step),
});

describe('train', () => {
  it('writes the document it promises, and makes the very run that the page would make of the recipe', async () => {
    const recipe = recipeWith({ seed: 5, worldSeed: 6, grpo: { steps: 2 } });
    const file = await desk.file('recipe.json', JSON.stringify({ ...recipe, seed: 1, worldSeed: 1 }));
    const weights = join(desk.root, 'trained.safetensors');
    const options = ['--recipe', file, '--seed', '5', '--world-seed', '6', '--steps', '2', '--threads', '1'];
    const files = ['--model', desk.model, '--retriever', 'lexical', '--json', desk.json, '--save', weights];
    const { code, stdout, stderr } = await cli('train', ...options, ...files);
    expect([code, stdout], stderr).toEqual([0, '']);
    const told = documentSchema.parse(await desk.readJson());
    expect(told.recipe).toEqual(recipe);
    expect(told.seed).toBe(5);

    const backend = await openBackend();
    const read = async (name: string) => new Uint8Array(await readFile(join(desk.model, name)));
    const { decoder, tokenizer } = await loadModel(backend, read);
    const run = new TrainRun({
      policy: decoder,
      tokenizer,
      recipe,
      retrieverOf: (passages) => Promise.resolve(createLexicalRetriever(passages)),
    });
    const before = await run.evaluate();
    const steps = [];
    while (!run.finished) {
      const { secondsRollout: _r, secondsTrain: _t, ...metrics } = (await run.update()).metrics;
      steps.push(metrics);
    }
    const after = await run.evaluate();
    expect(told.steps).toMatchObject(steps);
    expect(told.before.musique).toMatchObject(before.scores);
    expect(told.after.musique).toMatchObject(after.scores);

    const saved = await loadWeights(backend, decoder.config, () => readFile(weights));
    expect(await weightFile(saved)).toEqual(await weightFile(decoder));
    run.dispose();
    backend.dispose();
  });
});
