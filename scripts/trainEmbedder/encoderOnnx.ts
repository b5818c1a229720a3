import type { DecoderConfig } from '../../src/engine/config.ts';
import type { NamedTensors } from '../../src/engine/tensors.ts';
import { OnnxWriter } from './onnxWriter.ts';

/** Added to the scores of padding: far below any score, yet finite. */
const MASKED = -1e9;

/** [rows, cols] → [cols, rows]: our linear multiplies by the transpose, ONNX's MatMul by the matrix itself. */
function transpose(values: Float32Array, rows: number, cols: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) out[c * rows + r] = values[r * cols + c]!;
  return out;
}

/** Cosines and sines of the rotary angles, each [positions, C/2]. */
function ropeTables(positions: number, headDim: number, theta: number): [Float32Array, Float32Array] {
  const half = headDim / 2;
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let t = 0; t < positions; t++) {
    for (let i = 0; i < half; i++) {
      const angle = t * theta ** ((-2 * i) / headDim);
      cos[t * half + i] = Math.cos(angle);
      sin[t * half + i] = Math.sin(angle);
    }
  }
  return [cos, sin];
}

/**
 * The decoder run as an encoder (every token sees the whole text), then the projection, as an ONNX graph:
 * input_ids, attention_mask int64 [batch, sequence] → last_hidden_state float32 [batch, sequence, D], the mean of
 * which over the unmasked tokens is the text's vector before normalisation. Texts of up to config.maxPositions.
 */
export function encoderToOnnx(config: DecoderConfig, tensors: NamedTensors, projection: string): Uint8Array {
  const { hiddenSize: D, heads: H, kvHeads, headDim: C, intermediateSize: F } = config;
  if (kvHeads !== H || config.qkvBias || config.outputBias || config.qkNorm) {
    throw new Error('ONNX export knows encoders with as many key heads as heads, no biases and no q/k-norm.');
  }
  const onnx = new OnnxWriter('text_encoder');
  const valuesOf = (name: string): Float32Array => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`ONNX export: there is no tensor named ${name}.`);
    return tensor.values();
  };
  const linear = (x: string, name: string, inputs: number, outputs: number): string =>
    onnx.node('MatMul', [
      x,
      onnx.weight(name, [inputs, outputs], transpose(valuesOf(name), outputs, inputs)),
    ]);
  const two = onnx.scalar(2);
  const eps = onnx.scalar(config.normEps);
  const rmsnorm = (x: string, name: string): string => {
    const mean = onnx.node('ReduceMean', [onnx.node('Pow', [x, two])], { axes: [-1], keepdims: 1 });
    const normed = onnx.node('Div', [x, onnx.node('Sqrt', [onnx.node('Add', [mean, eps])])]);
    return onnx.node('Mul', [normed, onnx.weight(name, [D], valuesOf(name))]);
  };

  const ids = onnx.input('input_ids', 'int64', ['batch', 'sequence']);
  const mask = onnx.input('attention_mask', 'int64', ['batch', 'sequence']);

  // [batch, 1, 1, sequence]: 0 where a token is, far below zero where padding is.
  const kept = onnx.node('Cast', [mask], { to: 1 });
  const hidden = onnx.node('Mul', [onnx.node('Sub', [onnx.scalar(1), kept]), onnx.scalar(MASKED)]);
  const bias = onnx.node('Unsqueeze', [hidden, onnx.ints([1, 2])]);

  const [cosTable, sinTable] = ropeTables(config.maxPositions, C, config.ropeTheta);
  const length = onnx.node('Gather', [onnx.node('Shape', [ids]), onnx.ints([1])]);
  const upToLength = (name: string, table: Float32Array): string =>
    onnx.node('Slice', [
      onnx.weight(name, [config.maxPositions, C / 2], table),
      onnx.ints([0]),
      length,
      onnx.ints([0]),
    ]);
  const cos = upToLength('rope.cos', cosTable);
  const sin = upToLength('rope.sin', sinTable);
  /** [B, H, T, C] with halves (a, b) → (a·cos − b·sin, b·cos + a·sin). */
  const rope = (x: string): string => {
    const [a, b] = [`${x}_a`, `${x}_b`];
    onnx.nodes('Split', [x], [a, b], { axis: -1 });
    const times = (left: string, right: string): string => onnx.node('Mul', [left, right]);
    const first = onnx.node('Sub', [times(a, cos), times(b, sin)]);
    const second = onnx.node('Add', [times(b, cos), times(a, sin)]);
    return onnx.node('Concat', [first, second], { axis: -1 });
  };

  const splitHeads = onnx.ints([0, 0, H, C]);
  const joinHeads = onnx.ints([0, 0, H * C]);
  const scale = onnx.scalar(1 / Math.sqrt(C));
  const headsOf = (x: string): string =>
    onnx.node('Transpose', [onnx.node('Reshape', [x, splitHeads])], { perm: [0, 2, 1, 3] });

  const table = onnx.weight(
    'model.embed_tokens.weight',
    [config.vocabSize, D],
    valuesOf('model.embed_tokens.weight'),
  );
  let x = onnx.node('Gather', [table, ids]);
  for (let i = 0; i < config.layers; i++) {
    const at = `model.layers.${i}.`;
    const n = rmsnorm(x, `${at}input_layernorm.weight`);
    const q = rope(headsOf(linear(n, `${at}self_attn.q_proj.weight`, D, H * C)));
    const k = rope(headsOf(linear(n, `${at}self_attn.k_proj.weight`, D, H * C)));
    const v = headsOf(linear(n, `${at}self_attn.v_proj.weight`, D, H * C));
    const keys = onnx.node('Transpose', [k], { perm: [0, 1, 3, 2] });
    const scores = onnx.node('Mul', [onnx.node('MatMul', [q, keys]), scale]);
    const weights = onnx.node('Softmax', [onnx.node('Add', [scores, bias])], { axis: -1 });
    const mixed = onnx.node('Transpose', [onnx.node('MatMul', [weights, v])], { perm: [0, 2, 1, 3] });
    const attended = linear(
      onnx.node('Reshape', [mixed, joinHeads]),
      `${at}self_attn.o_proj.weight`,
      H * C,
      D,
    );
    x = onnx.node('Add', [x, attended]);
    const m = rmsnorm(x, `${at}post_attention_layernorm.weight`);
    const gate = linear(m, `${at}mlp.gate_proj.weight`, D, F);
    const silu = onnx.node('Mul', [gate, onnx.node('Sigmoid', [gate])]);
    const gated = onnx.node('Mul', [silu, linear(m, `${at}mlp.up_proj.weight`, D, F)]);
    x = onnx.node('Add', [x, linear(gated, `${at}mlp.down_proj.weight`, F, D)]);
  }
  const normed = rmsnorm(x, 'model.norm.weight');
  const projected = transpose(valuesOf(projection), D, D);
  onnx.node('MatMul', [normed, onnx.weight(projection, [D, D], projected)], {}, 'last_hidden_state');
  onnx.output('last_hidden_state', 'float32', ['batch', 'sequence', D]);
  return onnx.finish('research-playground');
}
