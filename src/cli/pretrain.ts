import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DecoderConfig } from '../engine/config.ts';
import type { Backend } from '../engine/backend.ts';
import { Decoder } from '../engine/decoder.ts';
import { decoderTensors } from '../engine/decoderTensors.ts';
import { Parameters } from '../engine/parameters.ts';
import { modelFiles } from '../lab/modelFiles.ts';
import { encodeTranscript, pretrainStage, type PriorSequence } from '../lab/pretrain.ts';
import { transcriptsOfWorld, type PriorSource } from '../lab/priorData.ts';
import { probePrior } from '../lab/priorProbe.ts';
import { passagesText } from '../research/resultBlock.ts';
import { NANO_FORMAT } from '../research/format.ts';
import { priorBehaviours, priorStages, type PriorStage } from '../research/priorMixture.ts';
import { createLexicalRetriever } from '../retrieval/lexical.ts';
import { trainBpe } from '../text/bpeTrainer.ts';
import { NANO_TOKENS } from '../text/chatTemplate.ts';
import { loadHfTokenizer } from '../text/hfTokenizer.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { makeTokenizerConfig, type TokenizerJson } from '../text/tokenizerJson.ts';
import { Args, UsageError, type Option } from './args.ts';
import { openBackend, backendOptions } from './backend.ts';
import { openModel } from './models.ts';
import { isThere, say, version, writeJson } from './output.ts';

export const pretrainOptions: Readonly<Record<string, Option>> = {
  ...backendOptions,
  seed: { value: 'S', help: 'seed of weights, worlds and transcripts (default 1)' },
  tokens: { value: 'N', help: 'training tokens, shared out among the stages (default: as the prior says)' },
  stage: { value: 'NAME', help: 'only this stage of the prior (default all, one after the other)' },
  from: {
    value: 'DIR',
    help: 'go on from the policy in this folder (default: fresh weights and a fresh tokenizer)',
  },
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
  const stages = stagesOf(args);
  const backend = await openBackend(args);
  const { decoder, tokenizer, tokenizerJson } = await start(args, backend, source);
  const held = await heldOut(source, (t) => encodeTranscript(tokenizer, t, 0));
  say(`prior on ${backend.label}: vocabulary ${String(tokenizer.vocabularySize)}`);
  const save = async (): Promise<void> => {
    await mkdir(out, { recursive: true });
    for (const [name, bytes] of await modelFiles(decoder, tokenizerJson, tokenizer)) {
      await writeFile(join(out, name), bytes);
    }
    const trained = 'trained.safetensors';
    const prior = {
      // A checkpoint that GRPO made of an earlier prior stays named; `reproduce --record` makes it anew.
      ...((await isThere(join(out, trained))) ? { trained } : {}),
      behaviours: priorBehaviours,
      stages: priorStages.map((stage) => ({ ...stage, portion: stage.tokens / total(priorStages) })),
    };
    await writeFile(join(out, 'prior.json'), `${JSON.stringify(prior, null, 1)}\n`);
  };
  const log: unknown[] = [];
  for (const stage of stages) {
    // Each stage has worlds of its own, whether it is run alone or after the others.
    const stageSource = { ...source, seed: seed + 100 * (priorStages.indexOf(stage) + 1) };
    const share = stage.tokens / total(stages);
    const sized = { ...stage, tokens: Math.round(share * (args.whole('tokens', 1) ?? total(stages))) };
    await pretrainStage(decoder, tokenizer, sized, { ...training, source: stageSource }, async (progress) => {
      if (progress.step % 20 === 0) {
        say(
          `${progress.stage} ${String(progress.step)}/${String(progress.steps)} loss ${progress.loss.toFixed(4)} ${progress.tokensPerSecond.toFixed(0)} tok/s`,
        );
      }
      if (progress.step % 100 === 0 || progress.step === progress.steps) {
        const probe = await probePrior(decoder, tokenizer, held);
        log.push({ ...progress, ...probe });
        say(`  copy ${probe.copy.toFixed(4)} read ${probe.read.toFixed(4)} turn ${probe.turn.toFixed(4)}`);
        await save();
      }
    });
  }
  await writeJson(args.text('json'), {
    recipe: { config: decoder.config, training, stages },
    seed,
    backend: backend.label,
    version: await version(),
    seconds: (performance.now() - began) / 1000,
    parameters: decoder.parameters.count,
    steps: log,
  });
  backend.dispose();
}

const training = {
  tokensPerStep: 6144,
  tokensPerBatch: 3072,
  warmupSteps: 60,
  weightDecay: 0.05,
  contextWeight: 0,
} as const;

const total = (stages: readonly PriorStage[]): number => stages.reduce((sum, { tokens }) => sum + tokens, 0);

function stagesOf(args: Args): readonly PriorStage[] {
  const name = args.text('stage');
  if (name === undefined) return priorStages;
  const stages = priorStages.filter((stage) => stage.name === name);
  if (stages.length > 0) return stages;
  throw new UsageError(`--stage ${name}: choose ${priorStages.map((stage) => stage.name).join(' or ')}`);
}

interface Start {
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  readonly tokenizerJson: TokenizerJson;
}

/** The policy that training starts from: one on disk, or fresh weights and a tokenizer trained now. */
async function start(args: Args, backend: Backend, source: PriorSource): Promise<Start> {
  const from = args.text('from');
  if (from !== undefined) {
    const { decoder, tokenizer } = await openModel(backend, from);
    const tokenizerJson = JSON.parse(await readFile(join(from, 'tokenizer.json'), 'utf8')) as TokenizerJson;
    return { decoder, tokenizer, tokenizerJson };
  }
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
    kvHeads: 2,
    headDim: 32,
    normEps: 1e-6,
    ropeTheta: 10000,
    tieWordEmbeddings: true,
    qkvBias: false,
    outputBias: false,
    qkNorm: true,
    maxPositions: 1024,
  };
  const parameters = new Parameters(backend, decoderTensors(config));
  parameters.initialise(source.seed);
  return { decoder: new Decoder(config, parameters), tokenizer, tokenizerJson };
}

/** Transcripts and passages of worlds that are not trained on: what the tokenizer learns its pieces from. */
async function tokenizerTexts(source: PriorSource): Promise<string[]> {
  const texts: string[] = [];
  const stage = priorStages[0];
  for (let world = 0; stage && world < 40; world++) {
    for (const { question, parts } of await transcriptsOfWorld(
      { ...source, seed: source.seed + 1000 },
      world,
      stage,
    )) {
      texts.push(question.text);
      for (const part of parts)
        texts.push(part.kind === 'result' ? passagesText(NANO_FORMAT, part.passages) : part.text);
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
