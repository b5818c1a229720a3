import { at } from './arrays.ts';

/** y = silu(gate) · up, with silu(x) = x · sigmoid(x). */
export function swiglu(gate: Float64Array, up: Float64Array): Float64Array {
  return gate.map((g, i) => g * sigmoid(g) * at(up, i));
}

/** dup = dy · silu(gate);  dgate = dy · up · silu'(gate), silu'(x) = σ(x) · (1 + x · (1 − σ(x))). */
export function swigluBackward(
  dy: Float64Array,
  gate: Float64Array,
  up: Float64Array,
): { dgate: Float64Array; dup: Float64Array } {
  const dgate = new Float64Array(dy.length);
  const dup = new Float64Array(dy.length);
  for (let i = 0; i < dy.length; i++) {
    const g = at(gate, i);
    const sigma = sigmoid(g);
    dup[i] = at(dy, i) * g * sigma;
    dgate[i] = at(dy, i) * at(up, i) * sigma * (1 + g * (1 - sigma));
  }
  return { dgate, dup };
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
