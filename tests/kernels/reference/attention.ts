import type { AttentionShape } from '../../../src/engine/backend.ts';
import { at, bump, type Ints } from './arrays.ts';

/**
 * Per segment and query head h, reading kv head g = floor(h / (Hq/Hkv)), over the keys j that query i may see
 * (causal: j ≤ i within the segment; otherwise the whole segment):
 *   s_ij = q_i · k_j / √C;  lse_i = log Σ_j exp s_ij;  p_ij = exp(s_ij − lse_i);  out_i = Σ_j p_ij v_j.
 */
export function attention(
  q: Float64Array,
  k: Float64Array,
  v: Float64Array,
  starts: Ints,
  T: number,
  S: number,
  shape: AttentionShape,
  causal: boolean,
): { out: Float64Array; lse: Float64Array } {
  const out = new Float64Array(T * shape.heads * shape.headDim);
  const lse = new Float64Array(T * shape.heads);
  forEachQuery(starts, S, shape, causal, (i, h, keys) => {
    const row = i * shape.heads + h;
    const scores = keys.map((j) => score(q, k, i, h, j, shape));
    const total = logSumExp(scores);
    lse[row] = total;
    keys.forEach((j, n) => {
      const p = Math.exp(at(scores, n) - total);
      for (let c = 0; c < shape.headDim; c++) {
        bump(out, row * shape.headDim + c, p * at(v, kvIndex(j, h, shape) + c));
      }
    });
  });
  return { out, lse };
}

/**
 * With delta_i = dout_i · out_i:  dv_j = Σ_i p_ij dout_i;  ds_ij = p_ij · (dout_i · v_j − delta_i) / √C;
 * dq_i = Σ_j ds_ij k_j;  dk_j = Σ_i ds_ij q_i. The sums over i run over all query heads of j's kv head.
 */
export function attentionBackward(
  q: Float64Array,
  k: Float64Array,
  v: Float64Array,
  starts: Ints,
  out: Float64Array,
  lse: Float64Array,
  dout: Float64Array,
  S: number,
  shape: AttentionShape,
  causal: boolean,
): { dq: Float64Array; dk: Float64Array; dv: Float64Array } {
  const C = shape.headDim;
  const dq = new Float64Array(q.length);
  const dk = new Float64Array(k.length);
  const dv = new Float64Array(v.length);
  forEachQuery(starts, S, shape, causal, (i, h, keys) => {
    const row = i * shape.heads + h;
    const delta = dot(dout, row * C, out, row * C, C);
    for (const j of keys) {
      const kv = kvIndex(j, h, shape);
      const p = Math.exp(score(q, k, i, h, j, shape) - at(lse, row));
      const ds = (p * (dot(dout, row * C, v, kv, C) - delta)) / Math.sqrt(C);
      for (let c = 0; c < C; c++) {
        bump(dv, kv + c, p * at(dout, row * C + c));
        bump(dq, row * C + c, ds * at(k, kv + c));
        bump(dk, kv + c, ds * at(q, row * C + c));
      }
    }
  });
  return { dq, dk, dv };
}

function forEachQuery(
  starts: Ints,
  S: number,
  shape: AttentionShape,
  causal: boolean,
  visit: (query: number, head: number, keys: number[]) => void,
): void {
  for (let s = 0; s < S; s++) {
    const first = at(starts, s);
    const end = at(starts, s + 1);
    for (let i = first; i < end; i++) {
      const keys = Array.from({ length: (causal ? i + 1 : end) - first }, (_, n) => first + n);
      for (let h = 0; h < shape.heads; h++) visit(i, h, keys);
    }
  }
}

function kvIndex(token: number, head: number, shape: AttentionShape): number {
  const group = Math.floor(head / (shape.heads / shape.kvHeads));
  return (token * shape.kvHeads + group) * shape.headDim;
}

function score(
  q: Float64Array,
  k: Float64Array,
  query: number,
  head: number,
  key: number,
  shape: AttentionShape,
): number {
  const C = shape.headDim;
  return dot(q, (query * shape.heads + head) * C, k, kvIndex(key, head, shape), C) / Math.sqrt(C);
}

export function dot(
  a: Float64Array,
  aStart: number,
  b: Float64Array,
  bStart: number,
  length: number,
): number {
  let sum = 0;
  for (let c = 0; c < length; c++) sum += at(a, aStart + c) * at(b, bStart + c);
  return sum;
}

export function logSumExp(values: ArrayLike<number>): number {
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) most = Math.max(most, at(values, i));
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp(at(values, i) - most);
  return most + Math.log(sum);
}
