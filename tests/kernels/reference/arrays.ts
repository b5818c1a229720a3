/**
 * Checked element access for the float64 twins: an index outside the array is a mistake of the twin and throws,
 * so a twin can never agree with a kernel by reading `undefined`.
 */

export type Ints = ArrayLike<number>;

export function at<T>(array: ArrayLike<T>, index: number): T {
  const value = array[index];
  if (value === undefined) throw new RangeError(`index ${index} is outside an array of ${array.length}`);
  return value;
}

/** array[index] += value. */
export function bump(array: Float64Array, index: number, value: number): void {
  array[index] = at(array, index) + value;
}

/** The segment of each token: [0,0,1,…] for starts [0,2,3,…]. */
export function segmentOfToken(starts: Ints): number[] {
  const segments: number[] = [];
  for (let s = 0; s + 1 < starts.length; s++) {
    for (let t = at(starts, s); t < at(starts, s + 1); t++) segments.push(s);
  }
  return segments;
}
