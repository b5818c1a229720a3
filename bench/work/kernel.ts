/** Single kernels as every contender does them: shapes, inputs, and what they cost at least. */
import { counterUniform } from '../../src/engine/random.ts';

interface Sizes {
  /** y[T,O] = x[T,I] · w[O,I]ᵀ; with `gradient` also dx, dw. */
  readonly matmul: {
    readonly T: number;
    readonly I: number;
    readonly O: number;
    readonly gradient: boolean;
  };
  /** Causal attention over equally long sequences; with `gradient` also dq, dk, dv. */
  readonly attention: {
    readonly sequences: number;
    readonly length: number;
    readonly heads: number;
    readonly kvHeads: number;
    readonly headDim: number;
    readonly gradient: boolean;
  };
  /** y, dx, dw. */
  readonly rmsnorm: { readonly rows: number; readonly width: number };
  /** y, dgate, dup of silu(gate)·up. */
  readonly swiglu: { readonly n: number };
  /** Log-probability of each row's target, and the gradients of their sum by hidden rows and table. */
  readonly head: { readonly rows: number; readonly width: number; readonly vocab: number };
  /** One step on n weights. */
  readonly adamw: { readonly n: number };
}

export type Kernel = { [Op in keyof Sizes]: { readonly op: Op } & Sizes[Op] }[keyof Sizes];
export type KernelOf<Op extends Kernel['op']> = Extract<Kernel, { op: Op }>;

export interface Job {
  /** Enqueues the work once. */
  run(): void;
  /** Resolves when everything enqueued is done. */
  finish(): Promise<void>;
  /** What one run from the inputs gives, in the order that `Sizes` names. To be called first, if at all. */
  outputs(): Promise<Float32Array[]>;
  dispose(): void;
}

export const normEps = 1e-6;
export const adamwOptions = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.1,
  step: 2,
};

export function square(n: number): KernelOf<'matmul'> {
  return { op: 'matmul', T: n, I: n, O: n, gradient: false };
}

/** Numbers in [−1, 1), a pure function of length and stream. */
export function numbers(length: number, stream: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => 2 * counterUniform(2, stream, i) - 1);
}

/** Indices below `end`. */
export function indices(length: number, end: number): Int32Array {
  return Int32Array.from({ length }, (_, i) => Math.floor(counterUniform(3, 0, i) * end));
}

/** Least work of one run: arithmetic of the products, and bytes that must be read or written once. */
export function leastWork(kernel: Kernel): { readonly flops: number; readonly bytes: number } {
  switch (kernel.op) {
    case 'matmul': {
      const { T, I, O, gradient } = kernel;
      const [flops, bytes] = [2 * T * I * O, 4 * (T * I + O * I + T * O)];
      return gradient ? { flops: 3 * flops, bytes: 3 * bytes } : { flops, bytes };
    }
    case 'attention': {
      const { sequences, length, heads, kvHeads, headDim, gradient } = kernel;
      const pairs = (sequences * length * (length + 1)) / 2;
      const rows = 4 * sequences * length * headDim;
      const forward = { flops: 4 * pairs * heads * headDim, bytes: rows * (2 * heads + 2 * kvHeads) };
      if (!gradient) return forward;
      return { flops: 3 * forward.flops, bytes: rows * (5 * heads + 6 * kvHeads) };
    }
    case 'rmsnorm':
      return { flops: 0, bytes: 4 * 5 * kernel.rows * kernel.width };
    case 'swiglu':
      return { flops: 0, bytes: 4 * 8 * kernel.n };
    case 'head':
      return { flops: 6 * kernel.rows * kernel.width * kernel.vocab, bytes: 0 };
    case 'adamw':
      return { flops: 0, bytes: 4 * 7 * kernel.n };
  }
}

export function describe(kernel: Kernel): string {
  switch (kernel.op) {
    case 'matmul': {
      const { T, I, O, gradient } = kernel;
      const size = T === I && I === O ? `${T}³` : `${T} × ${I} → ${O}`;
      return `matmul ${size}${gradient ? ', forward and backward' : ''}`;
    }
    case 'attention': {
      const { sequences, length, heads, kvHeads, headDim, gradient } = kernel;
      const what = gradient ? 'attention, forward and backward' : 'attention, forward';
      return `${what}, ${sequences} × ${length} tokens, ${heads}/${kvHeads} heads of ${headDim}`;
    }
    case 'rmsnorm':
      return `rmsnorm, forward and backward, ${kernel.rows} × ${kernel.width}`;
    case 'swiglu':
      return `swiglu, forward and backward, ${kernel.n} numbers`;
    case 'head':
      return `head, forward and backward, ${kernel.rows} × ${kernel.width} → ${kernel.vocab}`;
    case 'adamw':
      return `adamw, ${kernel.n} weights`;
  }
}
