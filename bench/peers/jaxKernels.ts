import type * as Jax from '@jax-js/jax';
import {
  adamwOptions,
  indices,
  normEps,
  numbers,
  type Job,
  type Kernel,
  type KernelOf,
} from '../work/kernel.ts';

interface Program {
  readonly inputs: readonly Jax.Array[];
  /** Jitted by `jaxJob`; owns its arguments. */
  readonly compute: (...inputs: Jax.Array[]) => readonly Jax.Array[];
}

/** Each kernel as one writes it in JAX, jitted. */
export function jaxJob(jax: typeof Jax, kernel: Kernel): Job {
  const { inputs, compute } = programOf(jax, kernel);
  const jitted = jax.jit<Jax.Array[], readonly Jax.Array[]>(compute);
  let pending: Promise<void>[] = [];
  return {
    // jax-js computes only what somebody waits for, so each run is waited for; the wait itself is not.
    run() {
      const outputs = jitted(...inputs.map((input) => input.ref));
      pending.push(jax.blockUntilReady(outputs).then(() => jax.tree.dispose(outputs)));
    },
    async finish() {
      await Promise.all(pending);
      pending = [];
    },
    async outputs() {
      const outputs = jitted(...inputs.map((input) => input.ref));
      return Promise.all(outputs.map(async (array) => Float32Array.from(await array.data())));
    },
    dispose() {
      jax.tree.dispose(inputs);
      jitted.dispose();
    },
  };
}

function programOf(jax: typeof Jax, kernel: Kernel): Program {
  const { numpy: np, nn } = jax;
  const input = (stream: number, ...shape: readonly number[]): Jax.Array =>
    np.array(
      numbers(
        shape.reduce((a, b) => a * b, 1),
        stream,
      ),
      { shape },
    );
  switch (kernel.op) {
    case 'matmul': {
      const { T, I, O, gradient } = kernel;
      // Both rows along the sum: the form in which jax-js is fastest on wasm.
      const product = (x: Jax.Array, w: Jax.Array): Jax.Array => np.matmul(x, w.transpose());
      if (gradient) return differentiated(jax, product, [input(0, T, I), input(1, O, I), input(2, T, O)]);
      const compute: Program['compute'] = (x, w) => (x && w ? [product(x, w)] : []);
      return { inputs: [input(0, T, I), input(1, O, I)], compute };
    }
    case 'attention':
      return attention(jax, kernel);
    case 'rmsnorm': {
      const { rows, width } = kernel;
      const norm = (x: Jax.Array, w: Jax.Array): Jax.Array => {
        const meanSquare = np.square(x.ref).mean(-1, { keepdims: true });
        return x.mul(np.reciprocal(np.sqrt(meanSquare.add(normEps)))).mul(w);
      };
      return differentiated(jax, norm, [input(0, rows, width), input(2, width), input(1, rows, width)]);
    }
    case 'swiglu': {
      const inputs = [input(0, kernel.n), input(1, kernel.n), input(2, kernel.n)];
      return differentiated(jax, (gate, up) => nn.silu(gate).mul(up), inputs);
    }
    case 'head':
      return head(jax, kernel);
    case 'adamw':
      return adamw(jax, kernel);
  }
}

/** Value of f(a, b) and the gradients of Σ dy·f; inputs a, b, dy. */
function differentiated(
  jax: typeof Jax,
  f: (a: Jax.Array, b: Jax.Array) => Jax.Array,
  inputs: readonly Jax.Array[],
): Program {
  const gradients = jax.valueAndGrad(([a, b]: readonly [Jax.Array, Jax.Array], dy: Jax.Array) =>
    f(a, b).mul(dy).sum(),
  );
  return {
    inputs,
    compute: (a, b, dy) => {
      if (!a || !b || !dy) throw new Error('three arrays, please');
      const [sum, [da, db]] = gradients([a.ref, b.ref], dy);
      sum.dispose();
      return [f(a, b), da, db];
    },
  };
}

function attention({ numpy: np, nn, valueAndGrad }: typeof Jax, kernel: KernelOf<'attention'>): Program {
  const { sequences: B, length: L, heads, kvHeads, headDim: C, gradient } = kernel;
  const input = (count: number, stream: number): Jax.Array =>
    np.array(numbers(B * L * count * C, stream), { shape: [B, L, count, C] });
  const attend = (q: Jax.Array, k: Jax.Array, v: Jax.Array): Jax.Array =>
    nn.dotProductAttention(q, k, v, { isCausal: true });
  const backward = valueAndGrad(([q, k, v]: readonly [Jax.Array, Jax.Array, Jax.Array], dout: Jax.Array) =>
    attend(q, k, v).mul(dout).sum(),
  );
  return {
    inputs: [input(heads, 0), input(kvHeads, 1), input(kvHeads, 2), ...(gradient ? [input(heads, 3)] : [])],
    compute: (q, k, v, dout) => {
      if (!q || !k || !v) throw new Error('attention needs three arrays');
      if (!dout) return [attend(q, k, v)];
      const [sum, gradients] = backward([q, k, v], dout);
      sum.dispose();
      return gradients;
    },
  };
}

function head(
  { numpy: np, nn, valueAndGrad }: typeof Jax,
  { rows, width, vocab }: KernelOf<'head'>,
): Program {
  const targets = np.array(indices(rows, vocab));
  const logprobs = valueAndGrad(([h, w]: readonly [Jax.Array, Jax.Array], ids: Jax.Array) =>
    nn
      .oneHot(ids, vocab)
      .mul(nn.logSoftmax(np.matmul(h, w.transpose()), -1))
      .sum(),
  );
  return {
    inputs: [
      np.array(numbers(rows * width, 0), { shape: [rows, width] }),
      np.array(numbers(vocab * width, 1), { shape: [vocab, width] }),
      targets,
    ],
    compute: (h, w, ids) => {
      if (!h || !w || !ids) throw new Error('the head needs three arrays');
      const [sum, gradients] = logprobs([h, w], ids);
      return [sum, ...gradients];
    },
  };
}

function adamw({ numpy: np }: typeof Jax, { n }: KernelOf<'adamw'>): Program {
  const { learningRate, beta1, beta2, epsilon, weightDecay, step } = adamwOptions;
  return {
    inputs: [
      ...[0, 1, 2].map((stream) => np.array(numbers(n, stream))),
      np.array(numbers(n, 3).map(Math.abs)),
    ],
    compute: (weight, g, m0, v0) => {
      if (!weight || !g || !m0 || !v0) throw new Error('adamw needs four arrays');
      const m = m0.mul(beta1).add(g.ref.mul(1 - beta1));
      const v = v0.mul(beta2).add(np.square(g).mul(1 - beta2));
      const spread = np.sqrt(v.ref.mul(1 / (1 - beta2 ** step))).add(epsilon);
      const direction = m.ref.mul(1 / (1 - beta1 ** step)).div(spread);
      return [weight.mul(1 - learningRate * weightDecay).sub(direction.mul(learningRate)), m, v];
    },
  };
}
