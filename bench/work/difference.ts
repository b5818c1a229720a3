/**
 * How far outputs lie from the expected ones: largest difference over largest value, of the worst output. One number
 * where many are expected stands for their sum (a peer may give the total alone).
 */
export function difference(expected: readonly Float32Array[], outputs: readonly Float32Array[]): number {
  return Math.max(...expected.map((values, i) => differenceOf(values, outputs[i] ?? new Float32Array())));
}

function differenceOf(expected: Float32Array, values: Float32Array): number {
  const total = values.length === 1 && expected.length > 1;
  const wanted = total ? Float32Array.of(expected.reduce((sum, value) => sum + value, 0)) : expected;
  if (wanted.length !== values.length) return Infinity;
  let [most, largest] = [0, 0];
  wanted.forEach((value, i) => {
    // Math.max hands a NaN on.
    most = Math.max(most, Math.abs(value - (values[i] ?? NaN)));
    largest = Math.max(largest, Math.abs(value));
  });
  return most / largest;
}
