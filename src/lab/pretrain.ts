import type { Decoder } from '../engine/decoder.ts';
import { Tape } from '../engine/ops/tape.ts';
import { packSequences, planMicroBatches, uploadBatch } from '../engine/packing.ts';
import { TrainState } from '../engine/trainState.ts';
import { encodePart } from '../research/baselines/formats.ts';
import { NANO_FORMAT } from '../research/format.ts';
import type { PriorBehaviourName, PriorStage } from '../research/priorMixture.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { transcriptsOfWorld, type PriorSource, type PriorTranscript } from './priorData.ts';

/** A transcript as tokens; `weights[i]` is how much the prediction of token i counts in the loss. */
export interface PriorSequence {
  readonly ids: number[];
  readonly weights: number[];
  readonly behaviour: PriorBehaviourName;
}

export interface PretrainOptions {
  readonly tokensPerStep: number;
  /** Most tokens of one packed forward and backward. */
  readonly tokensPerBatch: number;
  readonly warmupSteps: number;
  readonly weightDecay: number;
  /** Weight of question and result tokens beside the policy's own (1). */
  readonly contextWeight: number;
  readonly source: PriorSource;
}

export interface PretrainProgress {
  readonly step: number;
  readonly steps: number;
  readonly stage: string;
  readonly tokens: number;
  /** Mean −logprob of the policy's own tokens. */
  readonly loss: number;
  readonly tokensPerSecond: number;
  readonly learningRate: number;
}

/** Tokens of a transcript, encoded exactly as a rollout would have produced them. */
export function encodeTranscript(
  tokenizer: Tokenizer,
  transcript: PriorTranscript,
  contextWeight: number,
): PriorSequence {
  const ids: number[] = [];
  const weights: number[] = [];
  const push = (tokens: readonly number[], weight: number): void => {
    for (const id of tokens) {
      ids.push(id);
      weights.push(weight);
    }
  };
  push(NANO_FORMAT.prompt.build(transcript.question.text, tokenizer), contextWeight);
  for (const part of transcript.parts) {
    push(encodePart(tokenizer, NANO_FORMAT, part), part.kind === 'generated' ? 1 : contextWeight);
  }
  weights[0] = 0;
  return { ids, weights, behaviour: transcript.behaviour };
}

/** Next-token training of one stage of the prior. Calls `onStep` after every update. */
export async function pretrainStage(
  decoder: Decoder,
  tokenizer: Tokenizer,
  stage: PriorStage,
  options: PretrainOptions,
  onStep: (progress: PretrainProgress) => Promise<void>,
): Promise<void> {
  const steps = Math.ceil(stage.tokens / options.tokensPerStep);
  let world = 0;
  let queue: PriorSequence[] = [];
  let tokens = 0;
  const begin = performance.now();
  const train = new TrainState(decoder.parameters);
  try {
    for (let step = 0; step < steps; step++) {
      const batch: PriorSequence[] = [];
      let size = 0;
      while (size < options.tokensPerStep) {
        if (queue.length === 0) {
          const transcripts = await transcriptsOfWorld(options.source, world++, stage);
          queue = transcripts.map((t) => encodeTranscript(tokenizer, t, options.contextWeight));
        }
        const next = queue.pop();
        if (!next) continue;
        batch.push(next);
        size += next.ids.length;
      }
      const learningRate = stage.learningRate * schedule(step, steps, options.warmupSteps);
      const loss = await trainStep(decoder, train, batch, options, learningRate);
      tokens += size;
      const tokensPerSecond = (tokens * 1000) / (performance.now() - begin);
      await onStep({ step: step + 1, steps, stage: stage.name, tokens, loss, tokensPerSecond, learningRate });
    }
  } finally {
    train.dispose();
  }
}

/** Linear warm-up, then half a cosine down to 2 % of the peak. */
function schedule(step: number, steps: number, warmup: number): number {
  if (step < warmup) return (step + 1) / warmup;
  const t = (step - warmup) / Math.max(1, steps - warmup);
  return 0.02 + 0.98 * 0.5 * (1 + Math.cos(Math.PI * t));
}

async function trainStep(
  decoder: Decoder,
  train: TrainState,
  batch: readonly PriorSequence[],
  options: PretrainOptions,
  learningRate: number,
): Promise<number> {
  const total = batch.reduce((sum, s) => sum + s.weights.reduce((a, b) => a + b, 0), 0);
  let own = 0;
  let ownLoss = 0;
  const lengths = batch.map((s) => s.ids.length);
  for (const [from, to] of planMicroBatches(lengths, options.tokensPerBatch)) {
    const run = batch.slice(from, to);
    const { rows, targets, weights } = targetsOf(run);
    const tape = new Tape(decoder.backend, 'record');
    try {
      const device = uploadBatch(tape, packSequences(run.map((s) => s.ids)));
      const rowBuffer = tape.upload(rows);
      const targetBuffer = tape.upload(targets);
      const stream = decoder.forward(tape, device);
      const { logprob } = decoder.score(tape, stream, rowBuffer, targetBuffer, 1);
      const values = await decoder.backend.readF32(logprob.data);
      weights.forEach((w, i) => {
        if (w !== 1) return;
        own++;
        ownLoss -= values[i] ?? 0;
      });
      tape.backward([{ value: logprob, gradient: weights.map((w) => -w / total) }]);
    } finally {
      tape.release();
    }
  }
  await train.update({
    learningRate,
    betas: [0.9, 0.98],
    epsilon: 1e-8,
    weightDecay: options.weightDecay,
    maxGradNorm: 1,
  });
  return ownLoss / Math.max(1, own);
}

/** Packed rows that predict a token of weight above 0, with that token and weight. */
export function targetsOf(run: readonly PriorSequence[]): {
  rows: Int32Array;
  targets: Int32Array;
  weights: Float32Array;
} {
  const rows: number[] = [];
  const targets: number[] = [];
  const weights: number[] = [];
  let start = 0;
  for (const { ids, weights: w } of run) {
    for (let i = 1; i < ids.length; i++) {
      const weight = w[i] ?? 0;
      if (weight === 0) continue;
      rows.push(start + i - 1);
      targets.push(ids[i] ?? 0);
      weights.push(weight);
    }
    start += ids.length;
  }
  return {
    rows: Int32Array.from(rows),
    targets: Int32Array.from(targets),
    weights: Float32Array.from(weights),
  };
}
