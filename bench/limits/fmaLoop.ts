/** A WebAssembly module that only multiplies and adds, in registers: the rate that no SIMD product can exceed. */

const accumulators = 12;
/** Multiplications and additions of one round of the loop. */
export const flopsPerRound = accumulators * 4 * 2;

const relaxedMadd = [0xfd, 0x85, 0x02];
const multiply = [0xfd, 0xe6, 0x01];
const addition = [0xfd, 0xe4, 0x01];
const v128 = 0x7b;
const i32 = 0x7f;
const f32 = 0x7d;

/** `run(rounds: i32): f32`. With relaxed SIMD where the machine has it, as the engine does. */
export function fmaLoop(): Uint8Array<ArrayBuffer> {
  const relaxed = assemble(true);
  return WebAssembly.validate(relaxed) ? relaxed : assemble(false);
}

function assemble(relaxed: boolean): Uint8Array<ArrayBuffer> {
  const get = (local: number): number[] => [0x20, local];
  const set = (local: number): number[] => [0x21, local];
  const factor = accumulators + 1; // local 0 is the count, 1…accumulators the sums
  const splat = (value: number): number[] => [
    0x43,
    ...new Uint8Array(Float32Array.of(value).buffer),
    0xfd,
    0x13,
  ];
  const round = Array.from({ length: accumulators }, (_, i) => {
    const sum = i + 1;
    // sum ← sum · ½ + ½ stays near 1: nothing to move out of the loop, and no slow denormal numbers.
    return relaxed
      ? [...get(sum), ...get(factor), ...get(factor), ...relaxedMadd, ...set(sum)]
      : [...get(sum), ...get(factor), ...multiply, ...get(factor), ...addition, ...set(sum)];
  }).flat();
  const total = Array.from({ length: accumulators - 1 }, (_, i) => [...get(i + 2), ...addition]).flat();
  const body = [
    ...[1, accumulators + 1, v128], // one run of locals
    ...splat(0.5),
    ...set(factor),
    ...[0x03, 0x40], // loop
    ...round,
    ...get(0),
    ...[0x41, 0x01, 0x6b, 0x22, 0x00], // count − 1, kept
    ...[0x0d, 0x00, 0x0b], // again unless 0; end
    ...get(1),
    ...total,
    ...[0xfd, 0x1f, 0x00, 0x0b], // first lane; end
  ];
  const section = (id: number, content: readonly number[]): number[] => [
    id,
    ...leb(content.length),
    ...content,
  ];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, 1, i32, 1, f32]),
    ...section(3, [1, 0]),
    ...section(7, [1, 3, ...[...'run'].map((c) => c.charCodeAt(0)), 0x00, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}
