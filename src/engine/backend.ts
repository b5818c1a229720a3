/**
 * The one interface between the model and the machine: buffers and kernels.
 *
 * Two implementations carry the same names: `engine/webgpu/` (WGSL) and `engine/wasm/`
 * (AssemblyScript SIMD). `tests/kernels/reference/` holds a plain float64 twin of each kernel.
 *
 * Shape glossary
 *   T    tokens of a packed batch (sequences laid end to end, never padded)
 *   S    sequences (segments) in a packed batch; `starts` has S+1 entries, starts[0]=0, starts[S]=T
 *   N    rows of a small selection (tokens at the head, rows of a decode step)
 *   D    model width; I/O input/output width of a linear; F width of the SwiGLU
 *   Hq, Hkv  query and key/value heads (Hkv divides Hq); C channels of one head
 *   V    vocabulary
 *
 * Conventions
 * - All matrices are row-major f32. Index buffers are i32.
 * - Kernels are asynchronous in order: a call enqueues, `read` waits for everything before it.
 * - A `…Backward` kernel that says "+=" accumulates into its gradient, one that says "=" overwrites.
 * - Output buffers never alias inputs unless a kernel says "in place".
 * - A row's result never depends on which other rows are in the batch.
 * - Passing a buffer that is too short, freed or of the wrong dtype throws `EngineError`.
 */

import type { BackendAttention } from './backendAttention.ts';
import type { BackendHead } from './backendHead.ts';
import type { QuantisedKernels } from './backendQuantised.ts';
import type { RopeScaling } from './ropeScaling.ts';

export class EngineError extends Error {
  override name = 'EngineError';
}

export type DType = 'f32' | 'i32';
export type BackendKind = 'wasm' | 'webgpu';

/** A handle to device memory. Made and freed by its backend only. */
export interface DeviceBuffer {
  readonly dtype: DType;
  /** Number of elements (not bytes). */
  readonly length: number;
}

/** Head layout of attention: Hq query heads share Hkv key/value heads of `headDim` channels. */
export interface AttentionShape {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

export interface SamplingOptions {
  /** 0 means greedy (argmax, lowest id wins a tie). */
  readonly temperature: number;
  /** Keep the k most likely tokens; 0 keeps all. */
  readonly topK: number;
  /** Keep the smallest set of most likely tokens whose mass reaches p; 1 keeps all. */
  readonly topP: number;
}

export interface AdamWOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** 1 for the first update; used for bias correction. */
  readonly step: number;
}

export interface Backend extends BackendAttention, BackendHead {
  readonly kind: BackendKind;
  /** For people: "WebAssembly, relaxed SIMD, 2 threads" or the adapter's name. */
  readonly label: string;

  /**
   * Whether `attention` and its backward take `parents`, and `scatterRowsAdd` rows that repeat: then the rollouts of
   * a group are trained on as a prefix tree; and whether `attentionCached` reads `origins`. Absent: false.
   */
  readonly sharesPrefixes?: boolean;

  /** Products with frozen weights in fewer bits. */
  readonly quantised: QuantisedKernels;

  // ---- memory -------------------------------------------------------------------------------
  /** Uninitialised memory (may hold old values). */
  alloc(length: number, dtype?: DType): DeviceBuffer;
  /** Memory set to zero. */
  zeros(length: number, dtype?: DType): DeviceBuffer;
  /** A window on `buffer`; `offset` must be a multiple of `viewAlignment` elements. Freeing it is not needed. */
  view(buffer: DeviceBuffer, offset: number, length: number): DeviceBuffer;
  readonly viewAlignment: number; // 64 elements (256 bytes) on every backend
  free(buffer: DeviceBuffer): void;
  write(buffer: DeviceBuffer, data: Float32Array | Int32Array, offset?: number): void;
  readF32(buffer: DeviceBuffer, offset?: number, length?: number): Promise<Float32Array>;
  readI32(buffer: DeviceBuffer, offset?: number, length?: number): Promise<Int32Array>;
  copy(src: DeviceBuffer, srcOffset: number, dst: DeviceBuffer, dstOffset: number, length: number): void;
  fill(buffer: DeviceBuffer, value: number): void;
  /** Resolves when all enqueued work is done. */
  sync(): Promise<void>;
  /** Threads that share the work, where each has memory of its own. */
  readonly threads?: number;
  /** Most bytes that it can ever hold, where that is known. */
  readonly memoryLimit?: number;
  /** Bytes allocated now, and the most there ever were. */
  memory(): { readonly bytes: number; readonly peakBytes: number };
  dispose(): void;

  // ---- elementwise --------------------------------------------------------------------------
  /** dst[i] += alpha * src[i]; n elements. Residual connections and gradient accumulation. */
  axpy(dst: DeviceBuffer, src: DeviceBuffer, alpha: number, n: number): void;
  /** y = a + b; n elements. */
  add(a: DeviceBuffer, b: DeviceBuffer, y: DeviceBuffer, n: number): void;

  // ---- embedding ----------------------------------------------------------------------------
  /** y[t,:] = table[ids[t],:].  ids[T] i32, table[V,D], y[T,D]. */
  embedding(ids: DeviceBuffer, table: DeviceBuffer, y: DeviceBuffer, T: number, D: number): void;
  /** dTable[ids[t],:] += dy[t,:] over all t (ids repeat). dTable[V,D]. */
  embeddingBackward(
    ids: DeviceBuffer,
    dy: DeviceBuffer,
    dTable: DeviceBuffer,
    T: number,
    D: number,
    V: number,
  ): void;

  // ---- rows ---------------------------------------------------------------------------------
  /** y[n,:] = x[rows[n],:].  rows[N] i32. */
  gatherRows(x: DeviceBuffer, rows: DeviceBuffer, y: DeviceBuffer, N: number, D: number): void;
  /** dx[rows[n],:] += dy[n,:]; rows are distinct, unless the backend `sharesPrefixes`. */
  scatterRowsAdd(dy: DeviceBuffer, rows: DeviceBuffer, dx: DeviceBuffer, N: number, D: number): void;
  /** y[s,:] = mean over t in segment s of x[t,:].  Sentence pooling. */
  segmentMean(x: DeviceBuffer, starts: DeviceBuffer, y: DeviceBuffer, S: number, D: number): void;
  /** dx[t,:] = dy[s(t),:] / length(s). */
  segmentMeanBackward(
    dy: DeviceBuffer,
    starts: DeviceBuffer,
    dx: DeviceBuffer,
    S: number,
    T: number,
    D: number,
  ): void;

  // ---- linear -------------------------------------------------------------------------------
  /** y[T,O] = x[T,I] · w[O,I]ᵀ + bias[O] (bias null: none). */
  linear(
    x: DeviceBuffer,
    w: DeviceBuffer,
    bias: DeviceBuffer | null,
    y: DeviceBuffer,
    T: number,
    I: number,
    O: number,
  ): void;
  /** dx[T,I] (= or +=) dy[T,O] · w[O,I]. */
  linearBackwardInput(
    dy: DeviceBuffer,
    w: DeviceBuffer,
    dx: DeviceBuffer,
    T: number,
    I: number,
    O: number,
    accumulate: boolean,
  ): void;
  /** dw[O,I] += dy[T,O]ᵀ · x[T,I]. */
  linearBackwardWeight(
    dy: DeviceBuffer,
    x: DeviceBuffer,
    dw: DeviceBuffer,
    T: number,
    I: number,
    O: number,
  ): void;
  /** db[O] += Σ_t dy[t,O]. */
  linearBackwardBias(dy: DeviceBuffer, db: DeviceBuffer, T: number, O: number): void;

  // ---- RMSNorm (Zhang & Sennrich 2019) --------------------------------------------------------
  /** rstd[t] = 1/sqrt(mean_d x² + eps);  y = x · rstd · w.  Also used per head (T·H rows of C) for q/k-norm. */
  rmsnorm(
    x: DeviceBuffer,
    w: DeviceBuffer,
    y: DeviceBuffer,
    rstd: DeviceBuffer,
    T: number,
    D: number,
    eps: number,
  ): void;
  /** dx (= or +=), dw += Σ_t dy·x·rstd.  dx = rstd·(dy·w − x·rstd²·mean_d(dy·w·x)). */
  rmsnormBackward(
    dy: DeviceBuffer,
    x: DeviceBuffer,
    w: DeviceBuffer,
    rstd: DeviceBuffer,
    dx: DeviceBuffer,
    dw: DeviceBuffer,
    T: number,
    D: number,
    accumulate: boolean,
  ): void;

  // ---- RoPE (Su et al. 2021; the half-split layout of Hugging Face Llama) ---------------------
  /**
   * In place on x[T, H·C]: for each head and i < C/2, with angle = positions[t] · theta^(−2i/C):
   * (x_i, x_{i+C/2}) ← (x_i cos − x_{i+C/2} sin, x_{i+C/2} cos + x_i sin).
   * `inverse` rotates back, which is the backward pass. `scaling` slows some frequencies (`ropeFrequencies`).
   */
  rope(
    x: DeviceBuffer,
    positions: DeviceBuffer,
    T: number,
    H: number,
    C: number,
    theta: number,
    inverse: boolean,
    scaling?: RopeScaling,
  ): void;

  // ---- SwiGLU (Shazeer 2020) ------------------------------------------------------------------
  /** y = silu(gate) · up, n elements; silu(x) = x·sigmoid(x). */
  swiglu(gate: DeviceBuffer, up: DeviceBuffer, y: DeviceBuffer, n: number): void;
  /** dgate, dup "=". */
  swigluBackward(
    dy: DeviceBuffer,
    gate: DeviceBuffer,
    up: DeviceBuffer,
    dgate: DeviceBuffer,
    dup: DeviceBuffer,
    n: number,
  ): void;

  // ---- optimiser ------------------------------------------------------------------------------
  /** out[0] += Σ x². */
  sumSquares(x: DeviceBuffer, out: DeviceBuffer, n: number): void;
  /** scale[0] = min(1, maxNorm / sqrt(sumSquares[0])); global-norm clipping without a readback. */
  clipScale(sumSquares: DeviceBuffer, scale: DeviceBuffer, maxNorm: number): void;
  /**
   * AdamW, decoupled weight decay (Loshchilov & Hutter 2019), n elements. g' = g · gradScale[0];
   * m,v moments; p ← p − lr·(m̂/(√v̂+ε) + wd·p).
   */
  adamw(
    param: DeviceBuffer,
    grad: DeviceBuffer,
    m: DeviceBuffer,
    v: DeviceBuffer,
    gradScale: DeviceBuffer,
    n: number,
    options: AdamWOptions,
  ): void;
}
