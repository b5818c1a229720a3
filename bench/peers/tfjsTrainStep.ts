import type * as Tf from '@tensorflow/tfjs-core';
import { nextTokens, optimiser, ropeTables, type Trainer, type TrainTask } from '../work/trainTask.ts';
import { causalMask, tfjsOps } from './tfjsOps.ts';

interface Slot {
  readonly weight: Tf.Variable;
  readonly m: Tf.Variable;
  readonly v: Tf.Variable;
  readonly decay: boolean;
}

/** The model and its step in TensorFlow.js. Matrices are kept [in, out], as its own dense layers keep theirs. */
export function tfjsTrainer(tf: typeof Tf, task: TrainTask): Trainer {
  const slots = new Map<string, Slot>();
  for (const { name, shape, values, decay } of task.weights) {
    const stored = tf.tensor(values, shape);
    const value = isLinear(name) ? tf.transpose(stored) : stored;
    const weight = tf.variable(value);
    const [m, v] = [tf.variable(tf.zeros(value.shape), false), tf.variable(tf.zeros(value.shape), false)];
    slots.set(name, { weight, m, v, decay });
  }
  const loss = lossOf(tf, task, slots);
  const weights = [...slots.values()].map(({ weight }) => weight);
  let steps = 0;
  return {
    async step() {
      steps++;
      const value = tf.tidy(() => {
        const found = tf.variableGrads(loss, weights);
        adamw(tf, [...slots.values()], found.grads, steps);
        return found.value;
      });
      // Both are read, so that nothing is left in a queue.
      const [[result = NaN]] = await Promise.all([value.data(), weights.at(-1)?.data()]);
      value.dispose();
      return result;
    },
    dispose() {
      for (const { weight, m, v } of slots.values()) tf.dispose([weight, m, v]);
    },
  };
}

function isLinear(name: string): boolean {
  return name.endsWith('_proj.weight');
}

function lossOf(tf: typeof Tf, task: TrainTask, slots: ReadonlyMap<string, Slot>): () => Tf.Tensor {
  const { config, sequences: B, length: L, ids } = task;
  const { heads, kvHeads, headDim: C, hiddenSize: D, normEps, ropeTheta } = config;
  const { product, embedding, norm, attention } = tfjsOps(tf);
  const weight = (name: string): Tf.Tensor => {
    const slot = slots.get(`${name}.weight`);
    if (!slot) throw new Error(`no weight ${name}`);
    return slot.weight;
  };
  const inputs = tf.tensor(ids, [B * L], 'int32');
  const targets = tf.tensor(nextTokens(task), [B * (L - 1)], 'int32');
  const mask = causalMask(tf, L);
  const tables = ropeTables(L, C, ropeTheta);
  const [cos, sin] = [tf.tensor(tables.cos, [L, C / 2]), tf.tensor(tables.sin, [L, C / 2])];

  /** [B·L, H·C] → [B, H, L, C] */
  const byHead = (x: Tf.Tensor, count: number, w?: Tf.Tensor): Tf.Tensor => {
    const rows = tf.reshape(x, [B, L, count, C]);
    return tf.transpose(w ? norm(rows, w, normEps) : rows, [0, 2, 1, 3]);
  };
  const rope = (x: Tf.Tensor): Tf.Tensor => {
    const [low, high] = tf.split(x, 2, -1);
    if (!low || !high) throw new Error('a head has no halves');
    const first = tf.sub(tf.mul(low, cos), tf.mul(high, sin));
    return tf.concat([first, tf.add(tf.mul(high, cos), tf.mul(low, sin))], -1);
  };

  return () => {
    const table = weight('model.embed_tokens');
    let x = embedding(table, inputs); // [B·L, D]
    for (let i = 0; i < config.layers; i++) {
      const named = (name: string): Tf.Tensor => weight(`model.layers.${i}.${name}`);
      const n = norm(x, named('input_layernorm'), normEps);
      const q = rope(byHead(product(n, named('self_attn.q_proj')), heads, named('self_attn.q_norm')));
      const k = rope(byHead(product(n, named('self_attn.k_proj')), kvHeads, named('self_attn.k_norm')));
      const v = byHead(product(n, named('self_attn.v_proj')), kvHeads);
      const mixed = tf.reshape(tf.transpose(attention(q, k, v, mask), [0, 2, 1, 3]), [B * L, heads * C]);
      x = tf.add(x, product(mixed, named('self_attn.o_proj')));
      const h = norm(x, named('post_attention_layernorm'), normEps);
      const gate = product(h, named('mlp.gate_proj'));
      const gated = tf.mul(tf.mul(gate, tf.sigmoid(gate)), product(h, named('mlp.up_proj')));
      x = tf.add(x, product(gated, named('mlp.down_proj')));
    }
    const scored = tf.slice(tf.reshape(x, [B, L, D]), [0, 0, 0], [B, L - 1, D]);
    const hidden = norm(tf.reshape(scored, [B * (L - 1), D]), weight('model.norm'), normEps);
    const logits = product(hidden, tf.transpose(table));
    return tf.losses.softmaxCrossEntropy(tf.oneHot(targets, config.vocabSize), logits);
  };
}

/** Clips to the global norm and makes one AdamW step; gradients by the variables' names. */
function adamw(
  tf: typeof Tf,
  slots: readonly Slot[],
  gradients: Readonly<Record<string, Tf.Tensor>>,
  step: number,
): void {
  const {
    learningRate,
    betas: [beta1, beta2],
    epsilon,
    weightDecay,
    maxGradNorm,
  } = optimiser;
  const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));
  // Not addN: on WebGPU it binds all of them at once, more than the limit, and then sums nothing.
  const norm = tf.sqrt(squares.reduce((sum, square) => tf.add(sum, square)));
  const scale = tf.minimum(1, tf.div(maxGradNorm, norm));
  for (const { weight, m, v, decay } of slots) {
    const gradient = gradients[weight.name];
    if (!gradient) throw new Error('a weight has no gradient');
    const g = tf.mul(gradient, scale);
    m.assign(tf.add(tf.mul(m, beta1), tf.mul(g, 1 - beta1)));
    v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(g), 1 - beta2)));
    const spread = tf.add(tf.sqrt(tf.mul(v, 1 / (1 - beta2 ** step))), epsilon);
    const direction = tf.div(tf.mul(m, 1 / (1 - beta1 ** step)), spread);
    const kept = tf.mul(weight, decay ? 1 - learningRate * weightDecay : 1);
    weight.assign(tf.sub(kept, tf.mul(direction, learningRate)));
  }
}
