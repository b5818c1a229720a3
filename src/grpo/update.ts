import type { Decoder } from '../engine/decoder.ts';
import type { TrainState } from '../engine/trainState.ts';
import type { Trace } from '../traces/trace.ts';
import { passBatch } from './batchPass.ts';
import type { UpdateStats } from './metrics.ts';
import { planMinibatch, splitEvenly, type Minibatch } from './minibatch.ts';
import type { ObjectiveOptions, ObjectiveOutput } from './objective.ts';
import type { TrainingBatch } from './packing.ts';
import { recordsOf } from './records.ts';
import { learningRateAt } from './schedule.ts';
import type { TokenRecord } from './tokenRecord.ts';
import { scoreOld, scoreReference } from './tokenScoring.ts';
import { variantOf, type VariantName } from './variants/variants.ts';
import { Watching, type UpdateWatch } from './watch.ts';

/** PyTorch's AdamW defaults, which the paper's trainer leaves as they are. */
const ADAM = { betas: [0.9, 0.999], epsilon: 1e-8 } as const;

export interface GrpoOptions extends ObjectiveOptions {
  readonly variant: VariantName;
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly weightDecay: number;
  readonly maxGradNorm: number;
  readonly divideByStd: boolean;
  /** Optimiser steps that the batch is cut into, and passes over it. */
  readonly minibatches: number;
  readonly epochs: number;
  /** Leave `<result>` tokens out of the loss. */
  readonly maskResults: boolean;
  /** Sampling temperature of the rollouts, above 0: the probabilities trained are those sampled from. */
  readonly temperature: number;
  /** Most tokens of a response. */
  readonly maxTokens: number;
  /** Most tokens of a packed batch. */
  readonly tokensPerBatch: number;
}

export interface GrpoContext {
  readonly decoder: Decoder;
  readonly trainState: TrainState;
  /** The policy that the KL is against; needed when `klWeight` is not 0. */
  readonly reference?: Decoder;
  readonly signal?: AbortSignal;
  /** Awaited between packed batches: to pause, or to let other events in. */
  readonly breathe?: () => Promise<void>;
  /** Packed batches done, of all passes together. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Sees every phase, and may hold each. Costs readbacks and a forward pass; changes no bit of the result. */
  readonly watch?: UpdateWatch;
}

export interface GrpoResult {
  /** The groups given, with advantages and what the update found at each token. */
  readonly groups: readonly (readonly Trace[])[];
  readonly stats: UpdateStats;
}

/**
 * One update by GRPO or a variant of it: rewards of each group → advantages → for each pass and minibatch: objective
 * and gradient over packed batches, each token weighed by the whole minibatch's size; clip; AdamW.
 *
 * Rollouts whose gradient is exactly 0 (advantage 0, no KL, no entropy bonus) are not run, but their tokens count in
 * the mean. With one pass and one minibatch the old logprobs are the sampled ones, so ratios differ from 1 by the
 * rounding between cached and full forward passes only.
 * @param groups rewarded rollouts, a group a question
 * @param step number of this update, 1 for the first; sets the learning rate
 * @throws when aborted, when a trace has no reward, and when loss or gradient is not finite (weights are then as
 *   before this minibatch)
 */
export async function grpoUpdate(
  context: GrpoContext,
  groups: readonly (readonly Trace[])[],
  step: number,
  options: GrpoOptions,
): Promise<GrpoResult> {
  checkOptions(context, options);
  await context.watch?.before('advantage');
  const { records, trained, zeroSpreadGroups } = recordsOf(groups, variantOf(options.variant), options);
  const judged = (): Trace[][] => records.map((group) => group.map((record) => record.toTrace()));
  const watching = context.watch && new Watching(context.watch, context.trainState, judged);
  watching?.advantage();
  const stats = await new GrpoUpdate(context, options, trained, watching).run(step);
  return { groups: judged(), stats: { ...stats, zeroSpreadGroups } };
}

class GrpoUpdate {
  private readonly context: GrpoContext;
  private readonly options: GrpoOptions;
  private readonly records: readonly TokenRecord[];
  private readonly watching: Watching | undefined;
  private batchesDone = 0;
  private optimiserSteps = 0;
  private tokensTrained = 0;
  private tokensCounted = 0;
  private clippedTokens = 0;
  private klTokens = 0;
  private klSum = 0;
  private samplingGap = 0;

  constructor(
    context: GrpoContext,
    options: GrpoOptions,
    records: readonly TokenRecord[],
    watching: Watching | undefined,
  ) {
    this.context = context;
    this.options = options;
    this.records = records;
    this.watching = watching;
  }

  async run(step: number): Promise<Omit<UpdateStats, 'zeroSpreadGroups'>> {
    const { learningRate, warmupSteps, epochs, minibatches, klWeight } = this.options;
    const { decoder, reference, signal } = this.context;
    signal?.throwIfAborted();
    await this.watching?.begin('objective');
    await scoreOld(decoder, this.records, this.options);
    if (reference !== undefined && klWeight !== 0) {
      await scoreReference(reference, this.records, this.options);
    }
    const share = decoder.backend.sharesPrefixes === true;
    const parts = splitEvenly(this.records, minibatches).map((part) =>
      planMinibatch(part, this.options, share),
    );
    const total = epochs * parts.reduce((sum, part) => sum + part.batches.length, 0);
    const rate = learningRateAt(step, learningRate, warmupSteps);
    const losses: number[] = [];
    const norms: number[] = [];
    this.watching?.expect(epochs * parts.length);
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const part of parts) {
        await this.watching?.objective(() => this.foresee(part));
        losses.push(await this.accumulate(part, total));
        await this.watching?.gradient(this.options.maxGradNorm);
        const step = (): Promise<number> => this.stepOptimiser(rate);
        norms.push(
          await (this.watching?.update({ ...ADAM, ...this.options, learningRate: rate }, step) ?? step()),
        );
      }
    }
    return {
      losses,
      gradNorm: norms.reduce((sum, norm) => sum + norm, 0) / Math.max(1, norms.length),
      kl: this.klSum / Math.max(1, this.klTokens),
      clipFraction: this.clippedTokens / Math.max(1, this.tokensCounted),
      tokensTrained: this.tokensTrained,
      samplingGap: this.samplingGap,
      learningRate: rate,
    };
  }

  /** The objective of a minibatch without its gradient, noted in the records. @returns its loss */
  private async foresee(part: Minibatch): Promise<number> {
    let loss = 0;
    for (const batch of part.batches) {
      this.context.signal?.throwIfAborted();
      loss += (await this.runBatch(batch, part, 'infer')).loss;
      await this.context.breathe?.();
    }
    return loss;
  }

  /** Adds up the gradient of a minibatch. @returns its loss */
  private async accumulate(part: Minibatch, total: number): Promise<number> {
    const { trainState, signal, breathe, onProgress } = this.context;
    trainState.zeroGrads();
    this.tokensCounted += part.tokenCount;
    let loss = 0;
    for (const batch of part.batches) {
      signal?.throwIfAborted();
      const output = await this.runBatch(batch, part, 'record');
      if (!Number.isFinite(output.loss)) {
        trainState.zeroGrads();
        throw new Error(
          `The loss is ${output.loss}: training has diverged. Lower grpo.learningRate or raise grpo.warmupSteps.`,
        );
      }
      loss += output.loss;
      this.tokensTrained += batch.length;
      this.clippedTokens += output.clippedTokens;
      this.klTokens += output.tokens;
      this.klSum += output.klSum;
      onProgress?.(++this.batchesDone, total);
      if (breathe !== undefined) await breathe();
    }
    return loss;
  }

  private async runBatch(
    batch: TrainingBatch,
    part: Minibatch,
    mode: 'record' | 'infer',
  ): Promise<ObjectiveOutput> {
    const sampling = this.optimiserSteps === 0;
    // Until the first optimiser step the policy is the one that sampled: what LLDS would see is rounding.
    const options = sampling ? { ...this.options, lldsWeight: 0 } : this.options;
    const { output, oldGap } = await passBatch(this.context.decoder, batch, part, options, mode);
    if (sampling) this.samplingGap = Math.max(this.samplingGap, oldGap);
    return output;
  }

  /** Clips and steps. @returns the gradient norm before clipping */
  private async stepOptimiser(learningRate: number): Promise<number> {
    const { trainState } = this.context;
    const { weightDecay, maxGradNorm } = this.options;
    const norm = await trainState.gradNorm();
    if (!Number.isFinite(norm)) {
      trainState.zeroGrads();
      throw new Error(
        `The gradient norm is ${norm}: training has diverged. Lower grpo.learningRate or raise grpo.warmupSteps.`,
      );
    }
    await trainState.update({ ...ADAM, learningRate, weightDecay, maxGradNorm });
    this.optimiserSteps++;
    return norm;
  }
}

function checkOptions({ reference }: GrpoContext, options: GrpoOptions): void {
  if (!(options.temperature > 0)) {
    throw new Error(
      `rollout.temperature is ${options.temperature}: greedy rollouts of a group are all alike. Use 1.`,
    );
  }
  if (options.klWeight !== 0 && reference === undefined) {
    throw new Error('grpo.klWeight is not 0, but there is no reference policy to compare with.');
  }
}
