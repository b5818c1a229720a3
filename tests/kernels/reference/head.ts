import { at, bump, type Ints } from './arrays.ts';
import { dot, logSumExp } from './attention.ts';

/**
 * z[n,v] = scale · h[n] · w[v];  lse[n] = log Σ_v exp z[n,v];  log p = z − lse;
 * logprob[n] = log p[n, targets[n]];  entropy[n] = −Σ_v p · log p.
 */
export function head(
  h: Float64Array,
  w: Float64Array,
  targets: Ints,
  N: number,
  D: number,
  V: number,
  scale: number,
): { logprob: Float64Array; entropy: Float64Array; lse: Float64Array } {
  const logprob = new Float64Array(N);
  const entropy = new Float64Array(N);
  const lse = new Float64Array(N);
  for (let n = 0; n < N; n++) {
    const z = logits(h, w, n, D, V, scale);
    const total = logSumExp(z);
    lse[n] = total;
    logprob[n] = at(z, at(targets, n)) - total;
    for (let v = 0; v < V; v++) {
      const logP = at(z, v) - total;
      bump(entropy, n, -Math.exp(logP) * logP);
    }
  }
  return { logprob, entropy, lse };
}

/**
 * dz[n,v] = gLogprob[n] · (1[v = target] − p) − gEntropy[n] · p · (log p + entropy[n]);
 * dh[n] = scale · Σ_v dz[n,v] · w[v];  dw[v] = scale · Σ_n dz[n,v] · h[n].
 */
export function headBackward(
  h: Float64Array,
  w: Float64Array,
  targets: Ints,
  entropy: Float64Array,
  lse: Float64Array,
  gLogprob: Float64Array,
  gEntropy: Float64Array,
  N: number,
  D: number,
  V: number,
  scale: number,
): { dh: Float64Array; dw: Float64Array } {
  const dh = new Float64Array(N * D);
  const dw = new Float64Array(V * D);
  for (let n = 0; n < N; n++) {
    const z = logits(h, w, n, D, V, scale);
    for (let v = 0; v < V; v++) {
      const logP = at(z, v) - at(lse, n);
      const p = Math.exp(logP);
      const hit = at(targets, n) === v ? 1 : 0;
      const dz = at(gLogprob, n) * (hit - p) - at(gEntropy, n) * p * (logP + at(entropy, n));
      for (let d = 0; d < D; d++) {
        bump(dh, n * D + d, scale * dz * at(w, v * D + d));
        bump(dw, v * D + d, scale * dz * at(h, n * D + d));
      }
    }
  }
  return { dh, dw };
}

function logits(
  h: Float64Array,
  w: Float64Array,
  n: number,
  D: number,
  V: number,
  scale: number,
): Float64Array {
  const z = new Float64Array(V);
  for (let v = 0; v < V; v++) z[v] = scale * dot(h, n * D, w, v * D, D);
  return z;
}
