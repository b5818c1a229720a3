import type * as Jax from '@jax-js/jax';
import { nextTokens, optimiser, ropeTables, type Trainer, type TrainTask } from '../work/trainTask.ts';

type Weights = Record<string, Jax.Array>;

/** The model and its step in jax-js, the whole step one jitted function, as one writes it in JAX. */
export async function jaxTrainer(jax: typeof Jax, task: TrainTask): Promise<Trainer> {
  const { numpy: np } = jax;
  const { ids, sequences, length, config } = task;
  const upload = (values: Float32Array, shape: readonly number[]) => np.array(values, { shape });
  let weights: Weights = {};
  let m: Weights = {};
  let v: Weights = {};
  for (const { name, shape, values } of task.weights) {
    weights[name] = upload(values, shape);
    m[name] = upload(new Float32Array(values.length), shape);
    v[name] = upload(new Float32Array(values.length), shape);
  }
  const inputs = np.array(ids, { shape: [sequences, length] });
  const targets = np.array(nextTokens(task), { shape: [sequences, length - 1] });
  const { cos, sin } = ropeTables(length, config.headDim, config.ropeTheta);
  const tables = [cos, sin].map((table) => upload(table, [length, 1, config.headDim / 2]));
  const [cosines, sines] = tables;
  if (!cosines || !sines) throw new Error('no tables');

  const lossAndGradient = jax.valueAndGrad(lossOf(jax, task));
  const decayed = new Set(task.weights.flatMap(({ name, decay }) => (decay ? [name] : [])));
  const update = jax.jit(
    (
      w: Weights,
      m0: Weights,
      v0: Weights,
      x: Jax.Array,
      y: Jax.Array,
      c: Jax.Array,
      s: Jax.Array,
      bias: Jax.Array,
    ) => {
      const [loss, gradients] = lossAndGradient(jax.tree.ref(w), x, y, c, s);
      return { loss, ...adamw(jax, decayed, w, gradients, m0, v0, bias) };
    },
  );
  await jax.blockUntilReady([weights, m, v]);

  let steps = 0;
  return {
    async step() {
      steps++;
      const bias = np.array(Float32Array.from(optimiser.betas, (beta) => 1 / (1 - beta ** steps)));
      const next = update(weights, m, v, inputs.ref, targets.ref, cosines.ref, sines.ref, bias);
      ({ weights, m, v } = next);
      await jax.blockUntilReady([weights, m, v]);
      const [loss = NaN] = await next.loss.data();
      return loss;
    },
    dispose() {
      jax.tree.dispose([weights, m, v, inputs, targets, cosines, sines]);
      update.dispose();
    },
  };
}

/** Mean −logprob of the next tokens, as a function of the weights. */
function lossOf(jax: typeof Jax, { config, sequences: B, length: L }: TrainTask) {
  const { numpy: np, nn } = jax;
  const { heads, kvHeads, headDim: C, normEps } = config;

  return (
    weights: Weights,
    ids: Jax.Array,
    targets: Jax.Array,
    cos: Jax.Array,
    sin: Jax.Array,
  ): Jax.Array => {
    const weight = (name: string): Jax.Array => {
      const array = weights[name];
      if (!array) throw new Error(`no weight ${name}`);
      return array.ref;
    };
    const norm = (x: Jax.Array, w: Jax.Array): Jax.Array => {
      const meanSquare = np.square(x.ref).mean(-1, { keepdims: true });
      return x.mul(np.reciprocal(np.sqrt(meanSquare.add(normEps)))).mul(w);
    };
    const linear = (x: Jax.Array, w: Jax.Array): Jax.Array => np.matmul(x, w.transpose());
    const rope = (x: Jax.Array): Jax.Array => {
      const [low, high] = np.split(x, 2, -1);
      if (!low || !high) throw new Error('a head has no halves');
      const first = low.ref.mul(cos.ref).sub(high.ref.mul(sin.ref));
      const second = high.mul(cos.ref).add(low.mul(sin.ref));
      return np.concatenate([first, second], -1);
    };

    let x = np.take(weight('model.embed_tokens.weight'), ids, 0); // [B, L, D]
    for (let i = 0; i < config.layers; i++) {
      const named = (name: string): Jax.Array => weight(`model.layers.${i}.${name}.weight`);
      const n = norm(x.ref, named('input_layernorm'));
      const q = linear(n.ref, named('self_attn.q_proj')).reshape([B, L, heads, C]);
      const k = linear(n.ref, named('self_attn.k_proj')).reshape([B, L, kvHeads, C]);
      const value = linear(n, named('self_attn.v_proj')).reshape([B, L, kvHeads, C]);
      const mixed = nn.dotProductAttention(
        rope(norm(q, named('self_attn.q_norm'))),
        rope(norm(k, named('self_attn.k_norm'))),
        value,
        { isCausal: true },
      );
      x = x.add(linear(mixed.reshape([B, L, heads * C]), named('self_attn.o_proj')));
      const h = norm(x.ref, named('post_attention_layernorm'));
      const gate = nn.silu(linear(h.ref, named('mlp.gate_proj')));
      x = x.add(linear(gate.mul(linear(h, named('mlp.up_proj'))), named('mlp.down_proj')));
    }
    const hidden = norm(x, weight('model.norm.weight')).slice([], [0, L - 1]);
    const logits = linear(hidden, weight('model.embed_tokens.weight')); // [B, L−1, V]
    // takeAlongAxis would say it more directly, but jax-js 0.1.25 cannot compile its gradient.
    const chosen = nn.oneHot(targets, config.vocabSize).mul(nn.logSoftmax(logits, -1));
    jax.tree.dispose([weights, cos, sin]);
    return chosen.sum().div(-B * (L - 1));
  };
}

/** Clips to the global norm and makes one AdamW step. `bias` holds 1/(1 − βᵗ) of both moments. */
function adamw(
  { numpy: np }: typeof Jax,
  decayed: ReadonlySet<string>,
  weights: Weights,
  gradients: Weights,
  m: Weights,
  v: Weights,
  bias: Jax.Array,
): { weights: Weights; m: Weights; v: Weights } {
  const {
    learningRate,
    betas: [beta1, beta2],
    epsilon,
    weightDecay,
    maxGradNorm,
  } = optimiser;
  const squares = Object.values(gradients).map((gradient) => np.square(gradient.ref).sum());
  const norm = np.sqrt(squares.reduce((sum, square) => sum.add(square)));
  const scale = np.minimum(1, np.reciprocal(norm).mul(maxGradNorm));
  const [mBias, vBias] = [bias.ref.slice(0), bias.slice(1)];
  const next: { weights: Weights; m: Weights; v: Weights } = { weights: {}, m: {}, v: {} };
  for (const [name, weight] of Object.entries(weights)) {
    const [gradient, m0, v0] = [gradients[name], m[name], v[name]];
    if (!gradient || !m0 || !v0) throw new Error(`no gradient of ${name}`);
    const g = gradient.mul(scale.ref);
    const m1 = m0.mul(beta1).add(g.ref.mul(1 - beta1));
    const v1 = v0.mul(beta2).add(np.square(g).mul(1 - beta2));
    const direction = m1.ref.mul(mBias.ref).div(np.sqrt(v1.ref.mul(vBias.ref)).add(epsilon));
    const kept = weight.mul(decayed.has(name) ? 1 - learningRate * weightDecay : 1);
    next.weights[name] = kept.sub(direction.mul(learningRate));
    next.m[name] = m1;
    next.v[name] = v1;
  }
  for (const array of [scale, mBias, vBias]) array.dispose();
  return next;
}
