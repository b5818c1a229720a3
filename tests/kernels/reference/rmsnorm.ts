import { at, bump } from './arrays.ts';

/** rstd[t] = 1 / √(mean_d x[t,d]² + eps);  y[t,d] = x[t,d] · rstd[t] · w[d]. */
export function rmsnorm(
  x: Float64Array,
  w: Float64Array,
  T: number,
  D: number,
  eps: number,
): { y: Float64Array; rstd: Float64Array } {
  const y = new Float64Array(T * D);
  const rstd = new Float64Array(T);
  for (let t = 0; t < T; t++) {
    let sum = 0;
    for (let d = 0; d < D; d++) sum += at(x, t * D + d) ** 2;
    const r = 1 / Math.sqrt(sum / D + eps);
    rstd[t] = r;
    for (let d = 0; d < D; d++) y[t * D + d] = at(x, t * D + d) * r * at(w, d);
  }
  return { y, rstd };
}

/**
 * dw[d] = Σ_t dy[t,d] · x[t,d] · rstd[t];
 * dx[t,d] = rstd[t] · (dy[t,d] · w[d] − x[t,d] · rstd[t]² · mean_e(dy[t,e] · w[e] · x[t,e])).
 */
export function rmsnormBackward(
  dy: Float64Array,
  x: Float64Array,
  w: Float64Array,
  rstd: Float64Array,
  T: number,
  D: number,
): { dx: Float64Array; dw: Float64Array } {
  const dx = new Float64Array(T * D);
  const dw = new Float64Array(D);
  for (let t = 0; t < T; t++) {
    const r = at(rstd, t);
    let dot = 0;
    for (let d = 0; d < D; d++) dot += at(dy, t * D + d) * at(w, d) * at(x, t * D + d);
    for (let d = 0; d < D; d++) {
      const i = t * D + d;
      dx[i] = r * (at(dy, i) * at(w, d) - (at(x, i) * r * r * dot) / D);
      bump(dw, d, at(dy, i) * at(x, i) * r);
    }
  }
  return { dx, dw };
}
