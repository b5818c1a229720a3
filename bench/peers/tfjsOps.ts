/** What TensorFlow.js lacks, or does far below its own speed, of the model's ops. */
import type * as Tf from '@tensorflow/tfjs-core';

export interface TfjsOps {
  /** a[…,M,K] · b[…,K,N]. */
  readonly product: (a: Tf.Tensor, b: Tf.Tensor) => Tf.Tensor;
  /** table[V,D] at ids[N] → [N,D]. */
  readonly embedding: (table: Tf.Tensor, ids: Tf.Tensor) => Tf.Tensor;
  /** x · rsqrt(mean x²) · w over the last axis. */
  readonly norm: (x: Tf.Tensor, w: Tf.Tensor, eps: number) => Tf.Tensor;
  /** Causal attention, q[B,H,L,C], k and v[B,Hkv,L,C] → [B,H,L,C]; `mask` [L,L] is added to the scores. */
  readonly attention: (q: Tf.Tensor, k: Tf.Tensor, v: Tf.Tensor, mask: Tf.Tensor) => Tf.Tensor;
}

export function tfjsOps(tf: typeof Tf): TfjsOps {
  const flipped = (x: Tf.Tensor): Tf.Tensor => {
    const axes = x.shape.map((_, axis) => axis);
    return tf.transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
  };
  // On wasm, matMul with a transposed argument (which its own gradient uses) runs at a tenth of its speed without.
  const byTransposing = tf.customGrad((...args) => {
    const [a, b, save] = args;
    if (!isTensor(a) || !isTensor(b) || typeof save !== 'function') throw new Error('two tensors, please');
    save([a, b]);
    const gradFunc = (dy: Tf.Tensor, [x, w]: Tf.Tensor[]): Tf.Tensor[] => {
      if (!x || !w) throw new Error('nothing was saved');
      return [tf.matMul(dy, flipped(w)), tf.matMul(flipped(x), dy)];
    };
    return { value: tf.matMul(a, b), gradFunc };
  });
  const product =
    tf.getBackend() === 'wasm' ? byTransposing : (a: Tf.Tensor, b: Tf.Tensor) => tf.matMul(a, b);

  return {
    product,
    // gather's own gradient needs a kernel that the wasm backend does not have.
    embedding: (table, ids) =>
      tf.customGrad((given) => {
        if (!isTensor(given)) throw new Error('a table, please');
        const { shape } = given;
        return {
          value: tf.gather(given, ids),
          gradFunc: (dy) => tf.scatterND(tf.expandDims(ids, 1), dy, shape),
        };
      })(table),
    norm: (x, w, eps) => tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), eps))), w),
    attention(q, k, v, mask) {
      const [, heads = 0, , channels = 1] = q.shape;
      const scores = tf.mul(product(q, flipped(repeatHeads(k, heads))), 1 / Math.sqrt(channels));
      return product(tf.softmax(tf.add(scores, mask)), repeatHeads(v, heads));
    },
  };

  /** [B,Hkv,L,C] → [B,H,L,C], each head as often as its queries need it. */
  function repeatHeads(x: Tf.Tensor, heads: number): Tf.Tensor {
    const [batch = 0, kvHeads = 0, length = 0, channels = 0] = x.shape;
    const times = heads / kvHeads;
    if (times === 1) return x;
    // Of rank 4: the gradient of tile knows no more.
    const spread = tf.tile(tf.reshape(x, [batch, kvHeads, 1, length * channels]), [1, 1, times, 1]);
    return tf.reshape(spread, [batch, heads, length, channels]);
  }
}

/** [L,L]: 0 where a query may look, a large negative number where not. */
export function causalMask(tf: typeof Tf, length: number): Tf.Tensor {
  const mask = new Float32Array(length * length);
  for (let i = 0; i < length; i++) mask.fill(-1e30, i * length + i + 1, (i + 1) * length);
  return tf.tensor(mask, [length, length]);
}

function isTensor(x: unknown): x is Tf.Tensor {
  return typeof x === 'object' && x !== null && 'shape' in x;
}
