import { EngineError, type Backend, type DeviceBuffer } from './backend.ts';
import type { Parameters } from './parameters.ts';

export interface UpdateOptions {
  readonly learningRate: number;
  /** Decay of the first and second moment. */
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  /** Decoupled weight decay of the matrices. */
  readonly weightDecay: number;
  /** The gradient is scaled down to this global norm; Infinity leaves it. */
  readonly maxGradNorm: number;
}

/** The optimiser's memory, as saved in checkpoints. */
export interface OptimiserSnapshot {
  readonly step: number;
  readonly m: Float32Array;
  readonly v: Float32Array;
}

/** What training adds to parameters: gradients, AdamW's moments and its step count. One per set of parameters. */
export class TrainState {
  readonly parameters: Parameters;
  /** Gradients, laid out as the parameters' flat buffer. Ops add to them; `zeroGrads` begins a new sum. */
  readonly grads: DeviceBuffer;
  private readonly backend: Backend;
  private readonly m: DeviceBuffer;
  private readonly v: DeviceBuffer;
  private readonly squares: DeviceBuffer;
  private readonly gradScale: DeviceBuffer;
  private updates = 0;

  constructor(parameters: Parameters) {
    this.parameters = parameters;
    this.backend = parameters.backend;
    this.grads = this.backend.zeros(parameters.size);
    this.m = this.backend.zeros(parameters.size);
    this.v = this.backend.zeros(parameters.size);
    this.squares = this.backend.zeros(1);
    this.gradScale = this.backend.zeros(1);
    parameters.attachGradients(this.grads);
  }

  /** Updates done so far. */
  get step(): number {
    return this.updates;
  }

  zeroGrads(): void {
    this.backend.fill(this.grads, 0);
  }

  /** Global norm of the gradients as they stand. */
  async gradNorm(): Promise<number> {
    this.enqueueSquares();
    return this.readNorm();
  }

  /**
   * Clips to `maxGradNorm`, makes one AdamW step, and zeroes the gradients.
   * @returns the global gradient norm before clipping (one readback, after everything is enqueued)
   */
  async update(options: UpdateOptions): Promise<number> {
    const { parameters, backend } = this;
    this.enqueueSquares();
    // f32 has no way to write infinity into WGSL: the largest float leaves every finite gradient as it is.
    backend.clipScale(this.squares, this.gradScale, Math.min(options.maxGradNorm, 3.4e38));
    this.updates++;
    this.adamw(0, parameters.decayedSize, options.weightDecay, options);
    this.adamw(parameters.decayedSize, parameters.size - parameters.decayedSize, 0, options);
    this.zeroGrads();
    return this.readNorm();
  }

  async save(): Promise<OptimiserSnapshot> {
    const [m, v] = await Promise.all([this.backend.readF32(this.m), this.backend.readF32(this.v)]);
    return { step: this.updates, m, v };
  }

  restore(snapshot: OptimiserSnapshot): void {
    const { size } = this.parameters;
    if (snapshot.m.length !== size || snapshot.v.length !== size) {
      throw new EngineError(
        `the optimiser's snapshot holds ${snapshot.m.length} moments, the model has ${size}: it is of another model`,
      );
    }
    this.backend.write(this.m, snapshot.m);
    this.backend.write(this.v, snapshot.v);
    this.updates = snapshot.step;
  }

  dispose(): void {
    this.parameters.attachGradients(null);
    for (const buffer of [this.grads, this.m, this.v, this.squares, this.gradScale])
      this.backend.free(buffer);
  }

  private enqueueSquares(): void {
    this.backend.fill(this.squares, 0);
    this.backend.sumSquares(this.grads, this.squares, this.parameters.size);
  }

  private async readNorm(): Promise<number> {
    const [squares = 0] = await this.backend.readF32(this.squares);
    return Math.sqrt(squares);
  }

  private adamw(offset: number, length: number, weightDecay: number, options: UpdateOptions): void {
    if (length === 0) return;
    const window = (buffer: DeviceBuffer): DeviceBuffer => this.backend.view(buffer, offset, length);
    const { learningRate, betas, epsilon } = options;
    this.backend.adamw(
      window(this.parameters.flat),
      window(this.grads),
      window(this.m),
      window(this.v),
      this.gradScale,
      length,
      { learningRate, beta1: betas[0], beta2: betas[1], epsilon, weightDecay, step: this.updates },
    );
  }
}
