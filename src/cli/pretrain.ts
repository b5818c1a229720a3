import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DecoderConfig } from '../engine/config.ts';
import type { Decoder } from '../engine/decoder.ts';
import { modelFiles } from '../lab/modelFiles.ts';
import { encodeTranscript, pretrain, type PriorSequence } from '../lab/pretrain.ts';
import { transcriptsOfWorld, type PriorSource } from '../lab/priorData.ts';
import { probePrior } from '../lab/priorProbe.ts';
import { passagesText } from '../research/resultBlock.ts';
import { NANO_FORMAT } from '../research/format.ts';
import { priorBehaviours, priorStages } from '../research/priorMixture.ts';
import { createLexicalRetriever } from '../retrieval/lexical.ts';
import { trainBpe } from '../text/bpeTrainer.ts';
import { NANO_TOKENS } from '../text/chatTemplate.ts';
import { loadHfTokenizer } from '../text/hfTokenizer.ts';
import { makeTokenizerConfig } from '../text/tokenizerJson.ts';
import { Args, type Option } from './args.ts';
import { openBackend, backendOptions } from './backend.ts';
import { say, version, writeJson } from './output.ts';

export const pretrainOptions: Readonly<Record<string, Option>> = {
  ...backendOptions,
  seed: { value: 'S', help: 'seed of weights, worlds and transcripts (default 1)' },
  tokens: { value: 'N', help: 'training tokens (default 24000000)' },
  'learning-rate': { value: 'X', help: 'peak of the cosine (default 0.003)' },
  layers: { value: 'N', help: 'decoder layers (default 4)' },
  vocabulary: { value: 'N', help: 'tokens of the tokenizer (default 1536)' },
  out: { value: 'DIR', help: 'folder for the model (default public/models/nano)' },
  json: { value: 'FILE', help: 'write a report' },
};

export async function runPretrain(argv: readonly string[]): Promise<void> {
  const args = new Args(argv, pretrainOptions);
  const seed = args.whole('seed') ?? 1;
  const out = args.text('out') ?? 'public/models/nano';
  const began = performance.now();
  const source: PriorSource = {
    seed,
    passages: 220,
    namesakes: 0.45,
    perWorld: 300,
    retriever: (world) => Promise.resolve(createLexicalRetriever(world.passages)),
  };
  const vocabularySize = args.whole('vocabulary', 300) ?? 1536;
  const tokenizerJson = trainBpe(await tokenizerTexts(source), { vocabularySize, addedTokens: NANO_TOKENS });
  const tokenizer = loadHfTokenizer(tokenizerJson, makeTokenizerConfig('<|end|>'));
  const config: DecoderConfig = {
    modelType: 'qwen3',
    vocabSize: tokenizer.vocabularySize,
    hiddenSize: 128,
    intermediateSize: 344,
    layers: args.whole('layers', 1) ?? 4,
    heads: 4,
    kvHeads: 4,
    headDim: 32,
    normEps: 1e-6,
    ropeTheta: 10000,
    tieWordEmbeddings: true,
    qkvBias: false,
    outputBias: false,
    qkNorm: true,
    maxPositions: 1024,
  };
  const backend = await openBackend(args);
  const held = await heldOut(source, (t) => encodeTranscript(tokenizer, t, 0));
  say(`prior on ${backend.label}: vocabulary ${String(tokenizer.vocabularySize)}`);
  const save = async (decoder: Decoder): Promise<void> => {
    await mkdir(out, { recursive: true });
    for (const [name, bytes] of await modelFiles(decoder, tokenizerJson, tokenizer)) {
      await writeFile(join(out, name), bytes);
    }
    const prior = { behaviours: priorBehaviours, stages: priorStages };
    await writeFile(join(out, 'prior.json'), `${JSON.stringify(prior, null, 1)}\n`);
  };
  const log: unknown[] = [];
  const decoder = await pretrain(
    backend,
    tokenizer,
    {
      config,
      seed,
      tokens: args.whole('tokens', 1) ?? 24_000_000,
      tokensPerStep: 6144,
      tokensPerBatch: 3072,
      learningRate: args.number('learning-rate') ?? 3e-3,
      warmupSteps: 60,
      weightDecay: 0.05,
      contextWeight: 0,
      source,
    },
    async (progress, current) => {
      if (progress.step % 20 === 0) {
        say(
          `step ${String(progress.step)}/${String(progress.steps)} ${progress.stage} loss ${progress.loss.toFixed(4)} ${progress.tokensPerSecond.toFixed(0)} tok/s`,
        );
      }
      if (progress.step % 100 === 0 || progress.step === progress.steps) {
        const probe = await probePrior(current, tokenizer, held);
        log.push({ ...progress, ...probe });
        say(`  copy ${probe.copy.toFixed(4)} read ${probe.read.toFixed(4)} turn ${probe.turn.toFixed(4)}`);
        await save(current);
      }
    },
  );
  await writeJson(args.text('json'), {
    recipe: { config, priorStages },
    seed,
    backend: backend.label,
    version: await version(),
    seconds: (performance.now() - began) / 1000,
    parameters: decoder.parameters.count,
    steps: log,
  });
  backend.dispose();
}

/** Transcripts and passages of worlds that are not trained on: what the tokenizer learns its pieces from. */
async function tokenizerTexts(source: PriorSource): Promise<string[]> {
  const texts: string[] = [];
  const stage = priorStages[0];
  for (let world = 0; stage && world < 40; world++) {
    for (const { question, parts } of await transcriptsOfWorld({ ...source, seed: source.seed + 1000 }, world, stage)) {
      texts.push(question.text);
      for (const part of parts) texts.push(part.kind === 'generated' ? part.text : passagesText(NANO_FORMAT, [part.passage]));
    }
  }
  return texts;
}

async function heldOut(
  source: PriorSource,
  encode: (transcript: Awaited<ReturnType<typeof transcriptsOfWorld>>[number]) => PriorSequence,
): Promise<PriorSequence[]> {
  const stage = priorStages[0];
  if (!stage) return [];
  const found: PriorSequence[] = [];
  for (let world = 0; found.length < 96; world++) {
    const transcripts = await transcriptsOfWorld({ ...source, seed: source.seed + 2000 }, world, stage);
    found.push(...transcripts.filter((t) => t.behaviour === 'good chain').map(encode));
  }
  return found.slice(0, 96);
}
