import type * as Tf from '@tensorflow/tfjs-core';
import {
  adamwOptions,
  indices,
  normEps,
  numbers,
  type Job,
  type Kernel,
  type KernelOf,
} from '../work/kernel.ts';
import { causalMask, tfjsOps } from './tfjsOps.ts';

type Compute = () => Tf.Tensor[];

/** Each kernel as one writes it in TensorFlow.js. */
export function tfjsJob(tf: typeof Tf, kernel: Kernel): Job {
  const compute = computeOf(tf, kernel);
  let last: Tf.Tensor[] = [];
  const run = (): void => {
    tf.dispose(last);
    last = tf.tidy(compute);
  };
  return {
    run,
    async finish() {
      // One number read back: everything before it is done then, and little is copied.
      const flat = last.map((x) => tf.reshape(x, [-1]));
      const small = flat.map((x) => tf.slice(x, [0], [1]));
      await Promise.all(small.map((x) => x.data()));
      tf.dispose([...flat, ...small]);
    },
    async outputs() {
      run();
      return Promise.all(last.map(async (x) => Float32Array.from(await x.data())));
    },
    dispose: () => tf.dispose(last),
  };
}

function computeOf(tf: typeof Tf, kernel: Kernel): Compute {
  switch (kernel.op) {
    case 'matmul': {
      const { T, I, O, gradient } = kernel;
      const x = tf.tensor(numbers(T * I, 0), [T, I]);
      // [I,O], as its own dense layers keep weights: the form in which tfjs is fastest.
      const w = tf.transpose(tf.tensor(numbers(O * I, 1), [O, I]));
      if (!gradient) return () => [tf.matMul(x, w)];
      const both = differentiated(tf, tfjsOps(tf).product, [x, w], tf.tensor(numbers(T * O, 2), [T, O]));
      return () => both().map((y, i) => (i === 2 ? tf.transpose(y) : y));
    }
    case 'attention':
      return attention(tf, kernel);
    case 'rmsnorm': {
      const { rows, width } = kernel;
      const [x, dy] = [0, 1].map((stream) => tf.tensor(numbers(rows * width, stream), [rows, width]));
      return differentiated(
        tf,
        (a, w) => tfjsOps(tf).norm(a, w, normEps),
        [x, tf.tensor(numbers(width, 2))],
        dy,
      );
    }
    case 'swiglu': {
      const [gate, up, dy] = [0, 1, 2].map((stream) => tf.tensor(numbers(kernel.n, stream)));
      return differentiated(tf, (g, u) => tf.mul(tf.mul(g, tf.sigmoid(g)), u), [gate, up], dy);
    }
    case 'head':
      return head(tf, kernel);
    case 'adamw':
      return adamw(tf, kernel);
  }
}

/** Value and gradients of a function of two tensors. */
function differentiated(
  tf: typeof Tf,
  f: (a: Tf.Tensor, b: Tf.Tensor) => Tf.Tensor,
  inputs: readonly (Tf.Tensor | undefined)[],
  dy: Tf.Tensor | undefined,
): Compute {
  const [a, b] = inputs;
  if (!a || !b || !dy) throw new Error('a tensor is missing');
  const both = tf.valueAndGrads((x, y) => (x && y ? f(x, y) : dy));
  return () => {
    const { value, grads } = both([a, b], dy);
    return [value, ...grads];
  };
}

function attention(tf: typeof Tf, kernel: KernelOf<'attention'>): Compute {
  const { sequences: B, length: L, heads, kvHeads, headDim: C, gradient } = kernel;
  const mask = causalMask(tf, L);
  const { attention: attend } = tfjsOps(tf);
  const input = (count: number, stream: number): Tf.Tensor =>
    tf.tensor(numbers(B * L * count * C, stream), [B, L, count, C]);
  const byHead = (x: Tf.Tensor): Tf.Tensor => tf.transpose(x, [0, 2, 1, 3]);
  const [q, k, v, dout] = [input(heads, 0), input(kvHeads, 1), input(kvHeads, 2), input(heads, 3)];
  const forward = (...[a, b, c]: Tf.Tensor[]): Tf.Tensor => {
    if (!a || !b || !c) throw new Error('attention needs three tensors');
    return byHead(attend(byHead(a), byHead(b), byHead(c), mask));
  };
  if (!gradient) return () => [forward(q, k, v)];
  const backward = tf.grads(forward);
  return () => backward([q, k, v], dout);
}

function head(tf: typeof Tf, { rows, width, vocab }: KernelOf<'head'>): Compute {
  const h = tf.tensor(numbers(rows * width, 0), [rows, width]);
  const w = tf.tensor(numbers(vocab * width, 1), [vocab, width]);
  const targets = tf.tensor(indices(rows, vocab), [rows], 'int32');
  const { product } = tfjsOps(tf);
  // Its cross entropy is a mean; the sum of log-probabilities is −rows times that.
  const dy = tf.scalar(-rows);
  const both = tf.valueAndGrads((a, table) => {
    if (!a || !table) throw new Error('the head needs two tensors');
    const logits = product(a, tf.transpose(table));
    return tf.losses.softmaxCrossEntropy(tf.oneHot(targets, vocab), logits);
  });
  return () => {
    const { value, grads } = both([h, w], dy);
    return [tf.mul(value, -rows), ...grads];
  };
}

function adamw(tf: typeof Tf, { n }: KernelOf<'adamw'>): Compute {
  const { learningRate, beta1, beta2, epsilon, weightDecay, step } = adamwOptions;
  const [weight, g, m0] = [0, 1, 2].map((stream) => tf.tensor(numbers(n, stream)));
  const v0 = tf.tensor(numbers(n, 3).map(Math.abs));
  if (!weight || !g || !m0) throw new Error('adamw has no inputs');
  return () => {
    const m = tf.add(tf.mul(m0, beta1), tf.mul(g, 1 - beta1));
    const v = tf.add(tf.mul(v0, beta2), tf.mul(tf.square(g), 1 - beta2));
    const spread = tf.add(tf.sqrt(tf.mul(v, 1 / (1 - beta2 ** step))), epsilon);
    const direction = tf.div(tf.mul(m, 1 / (1 - beta1 ** step)), spread);
    const kept = tf.mul(weight, 1 - learningRate * weightDecay);
    return [tf.sub(kept, tf.mul(direction, learningRate)), m, v];
  };
}
