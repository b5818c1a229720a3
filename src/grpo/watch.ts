import type { TrainState, UpdateOptions } from '../engine/trainState.ts';
import type { Trace } from '../traces/trace.ts';

/** The phases of an update that `grpoUpdate` goes through, in order; the last three once an optimiser step. */
export type WatchedPhase = 'advantage' | 'objective' | 'gradient' | 'update';

/** Euclidean norm over one tensor's elements. */
export interface TensorNorm {
  readonly name: string;
  readonly norm: number;
}

/** Which optimiser step of the update, from 1; several where a batch is cut or passed over again. */
export interface OptimiserStep {
  readonly at: number;
  readonly of: number;
}

/** Everything AdamW put in for one weight, and what came out. */
export interface WeightStep {
  readonly tensor: string;
  readonly index: number;
  readonly before: number;
  readonly after: number;
  /** As summed, before clipping. */
  readonly gradient: number;
  /** Moments after this step, not yet corrected for their start at 0. */
  readonly m: number;
  readonly v: number;
}

export interface GradientFinding {
  readonly phase: 'gradient';
  readonly optimiserStep: OptimiserStep;
  /** Of the whole gradient, before clipping. */
  readonly norm: number;
  readonly maxGradNorm: number;
  readonly tensors: readonly TensorNorm[];
}

export interface ChangeFinding {
  readonly phase: 'update';
  readonly optimiserStep: OptimiserStep;
  readonly learningRate: number;
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
  /** What the gradient was multiplied by to keep to the largest norm. */
  readonly gradScale: number;
  /** AdamW steps that these weights have had, this one included: the t of its corrections. */
  readonly adamStep: number;
  /** Norm of what was added to each tensor, and of the tensor before. */
  readonly changes: readonly TensorNorm[];
  readonly weights: readonly TensorNorm[];
  /** The weight that changed most. */
  readonly example: WeightStep;
}

/** What a phase found, told when it is done. */
export type UpdateFinding =
  | { readonly phase: 'advantage'; readonly groups: readonly (readonly Trace[])[] }
  | {
      readonly phase: 'objective';
      readonly optimiserStep: OptimiserStep;
      /** With all that the objective found at each token. */
      readonly groups: readonly (readonly Trace[])[];
      readonly loss: number;
    }
  | GradientFinding
  | ChangeFinding;

export interface UpdateWatch {
  /** Awaited before each phase: holds it as long as it likes. Rejecting ends the update. */
  readonly before: (phase: WatchedPhase) => Promise<void>;
  readonly found: (finding: UpdateFinding) => void;
}

/** Watches one update: holds its phases, and reads back what each has found. It only reads. */
export class Watching {
  private readonly watch: UpdateWatch;
  private readonly trainState: TrainState;
  private readonly judged: () => readonly (readonly Trace[])[];
  private at = 0;
  private of = 0;
  private gradients = new Float32Array(0);

  /** @param judged the groups with what is known of them by now */
  constructor(watch: UpdateWatch, trainState: TrainState, judged: () => readonly (readonly Trace[])[]) {
    this.watch = watch;
    this.trainState = trainState;
    this.judged = judged;
  }

  begin(phase: WatchedPhase): Promise<void> {
    return this.watch.before(phase);
  }

  advantage(): void {
    this.watch.found({ phase: 'advantage', groups: this.judged() });
  }

  /** How many optimiser steps there will be. */
  expect(steps: number): void {
    this.of = steps;
  }

  /** The objective of the next optimiser step; the first one's phase has begun before the scoring that it needs. */
  async objective(foresee: () => Promise<number>): Promise<void> {
    if (this.at > 0) await this.begin('objective');
    this.at++;
    const loss = await foresee();
    this.watch.found({ phase: 'objective', optimiserStep: this.optimiserStep, groups: this.judged(), loss });
    await this.begin('gradient');
  }

  /** Reads the gradient as summed. */
  async gradient(maxGradNorm: number): Promise<void> {
    const { parameters, grads } = this.trainState;
    this.gradients = new Float32Array(await parameters.backend.readF32(grads));
    this.watch.found({
      phase: 'gradient',
      optimiserStep: this.optimiserStep,
      norm: await this.trainState.gradNorm(),
      maxGradNorm,
      tensors: parameters.normsOf(this.gradients),
    });
    await this.begin('update');
  }

  /** Makes the optimiser step, and compares the weights with what they were. */
  async update(options: UpdateOptions, step: () => Promise<number>): Promise<number> {
    const { parameters } = this.trainState;
    const read = async (): Promise<Float32Array> =>
      new Float32Array(await parameters.backend.readF32(parameters.flat));
    const before = await read();
    const norm = await step();
    const after = await read();
    const change = after.map((weight, i) => weight - (before[i] ?? NaN));
    const { learningRate, betas, epsilon, weightDecay, maxGradNorm } = options;
    this.watch.found({
      phase: 'update',
      optimiserStep: this.optimiserStep,
      learningRate,
      betas,
      epsilon,
      weightDecay,
      gradScale: Math.min(1, maxGradNorm / norm),
      adamStep: this.trainState.step,
      changes: parameters.normsOf(change),
      weights: parameters.normsOf(before),
      example: await this.example(change, before, after),
    });
    return norm;
  }

  private async example(
    change: Float32Array,
    before: Float32Array,
    after: Float32Array,
  ): Promise<WeightStep> {
    let most = 0;
    change.forEach((value, i) => {
      if (Math.abs(value) > Math.abs(change[most] ?? 0)) most = i;
    });
    const { m, v } = await this.trainState.save();
    const place = this.trainState.parameters.placeOf(most);
    return {
      tensor: place?.name ?? '',
      index: place?.index ?? most,
      before: before[most] ?? NaN,
      after: after[most] ?? NaN,
      gradient: this.gradients[most] ?? NaN,
      m: m[most] ?? NaN,
      v: v[most] ?? NaN,
    };
  }

  private get optimiserStep(): OptimiserStep {
    return { at: this.at, of: this.of };
  }
}
