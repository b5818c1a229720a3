import { at, type Ints } from './arrays.ts';

/**
 * For each head and i < C/2, with angle = positions[t] · frequencies[i] (theta^(−2i/C)), negated when `inverse`:
 * (x_i, x_{i+C/2}) ← (x_i cos − x_{i+C/2} sin, x_{i+C/2} cos + x_i sin).
 * Returns a rotated copy. The rotation is orthogonal, so its backward is its inverse.
 */
export function rope(
  x: Float64Array,
  positions: Ints,
  T: number,
  H: number,
  C: number,
  theta: number,
  inverse: boolean,
  frequencies: ArrayLike<number> = Float64Array.from({ length: C / 2 }, (_, i) => theta ** ((-2 * i) / C)),
): Float64Array {
  const y = new Float64Array(T * H * C);
  for (let t = 0; t < T; t++) {
    for (let h = 0; h < H; h++) {
      for (let i = 0; i < C / 2; i++) {
        const angle = (inverse ? -1 : 1) * at(positions, t) * at(frequencies, i);
        const low = (t * H + h) * C + i;
        const high = low + C / 2;
        y[low] = at(x, low) * Math.cos(angle) - at(x, high) * Math.sin(angle);
        y[high] = at(x, high) * Math.cos(angle) + at(x, low) * Math.sin(angle);
      }
    }
  }
  return y;
}
