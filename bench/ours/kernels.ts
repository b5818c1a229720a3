import type { Backend, DeviceBuffer } from '../../src/engine/backend.ts';
import {
  adamwOptions,
  indices,
  normEps,
  numbers,
  type Job,
  type Kernel,
  type KernelOf,
} from '../work/kernel.ts';

/** Buffers of one job. */
class Bench {
  readonly backend: Backend;
  private readonly owned: DeviceBuffer[] = [];

  constructor(backend: Backend) {
    this.backend = backend;
  }

  upload(data: Float32Array | Int32Array): DeviceBuffer {
    const buffer = this.empty(data.length, data instanceof Int32Array ? 'i32' : 'f32');
    this.backend.write(buffer, data);
    return buffer;
  }

  empty(length: number, dtype: 'f32' | 'i32' = 'f32'): DeviceBuffer {
    const buffer = this.backend.zeros(length, dtype);
    this.owned.push(buffer);
    return buffer;
  }

  job(run: () => void, outputs: readonly DeviceBuffer[]): Job {
    const { backend, owned } = this;
    return {
      run,
      finish: () => backend.sync(),
      async outputs() {
        run();
        return Promise.all(outputs.map((buffer) => backend.readF32(buffer)));
      },
      dispose: () => owned.forEach((buffer) => backend.free(buffer)),
    };
  }
}

export function ourJob(backend: Backend, kernel: Kernel): Job {
  const bench = new Bench(backend);
  switch (kernel.op) {
    case 'matmul':
      return matmul(bench, kernel);
    case 'attention':
      return attention(bench, kernel);
    case 'rmsnorm':
      return rmsnorm(bench, kernel);
    case 'swiglu':
      return swiglu(bench, kernel);
    case 'head':
      return head(bench, kernel);
    case 'adamw':
      return adamw(bench, kernel);
  }
}

function matmul(bench: Bench, { T, I, O, gradient }: KernelOf<'matmul'>): Job {
  const { backend } = bench;
  const [x, w, y] = [bench.upload(numbers(T * I, 0)), bench.upload(numbers(O * I, 1)), bench.empty(T * O)];
  const forward = (): void => backend.linear(x, w, null, y, T, I, O);
  if (!gradient) return bench.job(forward, [y]);
  const [dy, dx, dw] = [bench.upload(numbers(T * O, 2)), bench.empty(T * I), bench.empty(O * I)];
  const both = (): void => {
    forward();
    backend.linearBackwardInput(dy, w, dx, T, I, O, false);
    backend.fill(dw, 0);
    backend.linearBackwardWeight(dy, x, dw, T, I, O);
  };
  return bench.job(both, [y, dx, dw]);
}

function attention(bench: Bench, kernel: KernelOf<'attention'>): Job {
  const { backend } = bench;
  const { sequences: S, length, heads, kvHeads, headDim, gradient } = kernel;
  const T = S * length;
  const shape = { heads, kvHeads, headDim };
  const [queries, keys] = [T * heads * headDim, T * kvHeads * headDim];
  const [q, k, v] = [queries, keys, keys].map((size, i) => bench.upload(numbers(size, i)));
  if (!q || !k || !v) throw new Error('attention has no inputs');
  const starts = bench.upload(Int32Array.from({ length: S + 1 }, (_, s) => s * length));
  const [out, lse] = [bench.empty(queries), bench.empty(T * heads)];
  const forward = (): void => backend.attention(q, k, v, starts, out, lse, T, S, shape, true);
  if (!gradient) return bench.job(forward, [out]);
  const dout = bench.upload(numbers(queries, 3));
  const [dq, dk, dv] = [bench.empty(queries), bench.empty(keys), bench.empty(keys)];
  const both = (): void => {
    forward();
    backend.attentionBackward(q, k, v, starts, out, lse, dout, dq, dk, dv, T, S, shape, true);
  };
  return bench.job(both, [dq, dk, dv]);
}

function rmsnorm(bench: Bench, { rows, width }: KernelOf<'rmsnorm'>): Job {
  const { backend } = bench;
  const [x, dy] = [bench.upload(numbers(rows * width, 0)), bench.upload(numbers(rows * width, 1))];
  const w = bench.upload(numbers(width, 2));
  const [y, rstd] = [bench.empty(rows * width), bench.empty(rows)];
  const [dx, dw] = [bench.empty(rows * width), bench.empty(width)];
  const run = (): void => {
    backend.rmsnorm(x, w, y, rstd, rows, width, normEps);
    backend.fill(dw, 0);
    backend.rmsnormBackward(dy, x, w, rstd, dx, dw, rows, width, false);
  };
  return bench.job(run, [y, dx, dw]);
}

function swiglu(bench: Bench, { n }: KernelOf<'swiglu'>): Job {
  const { backend } = bench;
  const [gate, up, dy] = [0, 1, 2].map((stream) => bench.upload(numbers(n, stream)));
  if (!gate || !up || !dy) throw new Error('swiglu has no inputs');
  const [y, dgate, dup] = [bench.empty(n), bench.empty(n), bench.empty(n)];
  const run = (): void => {
    backend.swiglu(gate, up, y, n);
    backend.swigluBackward(dy, gate, up, dgate, dup, n);
  };
  return bench.job(run, [y, dgate, dup]);
}

function head(bench: Bench, { rows: N, width: D, vocab: V }: KernelOf<'head'>): Job {
  const { backend } = bench;
  const [h, w] = [bench.upload(numbers(N * D, 0)), bench.upload(numbers(V * D, 1))];
  const targets = bench.upload(indices(N, V));
  const [logprob, entropy, lse] = [bench.empty(N), bench.empty(N), bench.empty(N)];
  const [gLogprob, gEntropy] = [bench.upload(new Float32Array(N).fill(1)), bench.empty(N)];
  const [dh, dw] = [bench.empty(N * D), bench.empty(V * D)];
  const run = (): void => {
    backend.head(h, w, targets, logprob, entropy, lse, N, D, V, 1);
    backend.fill(dw, 0);
    backend.headBackward(h, w, targets, entropy, lse, gLogprob, gEntropy, dh, dw, N, D, V, 1);
  };
  return bench.job(run, [logprob, dh, dw]);
}

function adamw(bench: Bench, { n }: KernelOf<'adamw'>): Job {
  const [param, grad, m] = [0, 1, 2].map((stream) => bench.upload(numbers(n, stream)));
  if (!param || !grad || !m) throw new Error('adamw has no inputs');
  const v = bench.upload(numbers(n, 3).map(Math.abs));
  const one = bench.upload(Float32Array.of(1));
  const run = (): void => bench.backend.adamw(param, grad, m, v, one, n, adamwOptions);
  return bench.job(run, [param, m, v]);
}
