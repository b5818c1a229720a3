import { at } from './arrays.ts';

/** dst + alpha · src. */
export function axpy(dst: Float64Array, src: Float64Array, alpha: number): Float64Array {
  return dst.map((value, i) => value + alpha * at(src, i));
}

/** a + b. */
export function add(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value + at(b, i));
}
