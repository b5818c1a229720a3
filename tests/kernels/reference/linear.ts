import { at, bump } from './arrays.ts';

/** y[t,o] = Σ_i x[t,i] · w[o,i] + bias[o]. */
export function linear(
  x: Float64Array,
  w: Float64Array,
  bias: Float64Array | null,
  T: number,
  I: number,
  O: number,
): Float64Array {
  const y = new Float64Array(T * O);
  for (let t = 0; t < T; t++) {
    for (let o = 0; o < O; o++) {
      let sum = bias ? at(bias, o) : 0;
      for (let i = 0; i < I; i++) sum += at(x, t * I + i) * at(w, o * I + i);
      y[t * O + o] = sum;
    }
  }
  return y;
}

/** dx[t,i] = Σ_o dy[t,o] · w[o,i]. */
export function linearBackwardInput(
  dy: Float64Array,
  w: Float64Array,
  T: number,
  I: number,
  O: number,
): Float64Array {
  const dx = new Float64Array(T * I);
  for (let t = 0; t < T; t++) {
    for (let o = 0; o < O; o++) {
      for (let i = 0; i < I; i++) bump(dx, t * I + i, at(dy, t * O + o) * at(w, o * I + i));
    }
  }
  return dx;
}

/** dw[o,i] = Σ_t dy[t,o] · x[t,i]. */
export function linearBackwardWeight(
  dy: Float64Array,
  x: Float64Array,
  T: number,
  I: number,
  O: number,
): Float64Array {
  const dw = new Float64Array(O * I);
  for (let t = 0; t < T; t++) {
    for (let o = 0; o < O; o++) {
      for (let i = 0; i < I; i++) bump(dw, o * I + i, at(dy, t * O + o) * at(x, t * I + i));
    }
  }
  return dw;
}

/** db[o] = Σ_t dy[t,o]. */
export function linearBackwardBias(dy: Float64Array, T: number, O: number): Float64Array {
  const db = new Float64Array(O);
  for (let t = 0; t < T; t++) {
    for (let o = 0; o < O; o++) bump(db, o, at(dy, t * O + o));
  }
  return db;
}
