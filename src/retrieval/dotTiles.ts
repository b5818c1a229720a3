/**
 * Dot products by WebAssembly SIMD: a module of a few hundred bytes, written out here because it is two loops in two
 * sizes. Addresses and strides are in bytes, numbers are 32-bit floats.
 */

/** Rows of scores that lie between those of two queries. */
export const SCORE_STRIDE = 256;
/** Numbers of a vector come in multiples of this; what is missing is filled with zeros. */
export const DIMENSION_STEP = 8;

/** Queries and rows of the two tiles; rows are scored in multiples of `rows`. */
export const MANY = { queries: 4, rows: 2 } as const;
export const LONE = { queries: 1, rows: 4 } as const;

/**
 * out[s · SCORE_STRIDE + r] = Σ query s · row r, for the tile's queries and `rows` rows. A score is four sums, of the
 * numbers 0, 4, 8…, of 1, 5, 9… and so on, each rounded to 32 bits after every product and every addition, then
 * (first + second) + (third + fourth): in both tiles, so that it does not depend on the tile.
 */
type Tile = (queries: number, vectors: number, out: number, rows: number, stride: number) => void;

export interface DotTiles {
  readonly many: Tile;
  readonly lone: Tile;
}

type Code = readonly number[];

const I32 = 0x7f;
const V128 = 0x7b;
const F32 = { bytes: 4, lanes: 4 } as const;
/** Bytes of one v128, and loads of it in one turn of the inner loop. */
const LANES = 16;
const UNROLLED = (DIMENSION_STEP * F32.bytes) / LANES;

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const last = value >= -0x40 && value < 0x40;
  return last ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

const list = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()];
const sized = (code: Code): number[] => [...unsigned(code.length), ...code];
const section = (id: number, items: readonly Code[]): number[] => [id, ...sized(list(items))];
const name = (text: string): number[] => sized([...new TextEncoder().encode(text)]);

const get = (local: number): Code => [0x20, ...unsigned(local)];
const set = (local: number): Code => [0x21, ...unsigned(local)];
const tee = (local: number): Code => [0x22, ...unsigned(local)];
const constant = (value: number): Code => [0x41, ...signed(value)];
const add: Code = [0x6a];
const subtract: Code = [0x6b];
const belowUnsigned: Code = [0x49];
const aboveSigned: Code = [0x4a];
const simd = (op: number): Code => [0xfd, ...unsigned(op)];
const load = (offset: number): Code => [...simd(0x00), 2, ...unsigned(offset)];
const zeros: Code = [...simd(0x0c), ...new Array<number>(LANES).fill(0)];
const lane = (index: number): Code => [...simd(0x1f), index];
const addLanes = simd(0xe4);
const multiplyLanes = simd(0xe6);
const addFloats: Code = [0x92];
const storeFloat = (offset: number): Code => [0x38, 2, ...unsigned(offset)];
/** Runs `body`, which leaves a condition, again and again while that holds. */
const loop = (...body: readonly Code[]): Code => [0x03, 0x40, ...body.flat(), 0x0d, 0, 0x0b];

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** A tile's function: its local variables and its code, sized. */
function tile({ queries, rows }: { readonly queries: number; readonly rows: number }): Code {
  const [queryStart, vectorStart, out, rowsLeft, stride, at] = [0, 1, 2, 3, 4, 5] as const;
  const query = (s: number): number => at + 1 + s;
  const row = (r: number): number => query(queries) + r;
  const numbers = (r: number): number => row(rows) + r;
  const factor = numbers(rows);
  const sum = (s: number, r: number): number => factor + 1 + s * rows + r;
  const integers = row(rows) - at;
  const vectors = sum(queries, 0) - numbers(0);

  const products = range(UNROLLED).flatMap((u) => [
    ...range(rows).flatMap((r) => [get(row(r)), get(at), add, load(u * LANES), set(numbers(r))]),
    ...range(queries).flatMap((s) => [
      ...[get(query(s)), get(at), add, load(u * LANES), set(factor)],
      ...range(rows).flatMap((r) => [
        ...[get(sum(s, r)), get(factor), get(numbers(r)), multiplyLanes, addLanes, set(sum(s, r))],
      ]),
    ]),
  ]);
  const laneOf = (s: number, r: number, index: number): Code => [...get(sum(s, r)), ...lane(index)];
  const store = (s: number, r: number): Code => [
    ...get(out),
    ...[...laneOf(s, r, 0), ...laneOf(s, r, 1), ...addFloats],
    ...[...laneOf(s, r, 2), ...laneOf(s, r, 3), ...addFloats],
    ...addFloats,
    ...storeFloat(F32.bytes * (s * SCORE_STRIDE + r)),
  ];
  const pairs = range(queries).flatMap((s) => range(rows).map((r) => [s, r] as const));
  const code = [
    ...[get(queryStart), set(query(0))],
    ...range(queries - 1).flatMap((s) => [get(query(s)), get(stride), add, set(query(s + 1))]),
    loop(
      ...[get(vectorStart), set(row(0))],
      ...range(rows - 1).flatMap((r) => [get(row(r)), get(stride), add, set(row(r + 1))]),
      ...pairs.flatMap(([s, r]) => [zeros, set(sum(s, r))]),
      ...[constant(0), set(at)],
      loop(...products, get(at), constant(UNROLLED * LANES), add, tee(at), get(stride), belowUnsigned),
      ...pairs.map(([s, r]) => store(s, r)),
      ...[get(row(rows - 1)), get(stride), add, set(vectorStart)],
      ...[get(out), constant(rows * F32.bytes), add, set(out)],
      ...[get(rowsLeft), constant(rows), subtract, tee(rowsLeft), constant(0), aboveSigned],
    ),
  ];
  const locals = list([
    [...unsigned(integers), I32],
    [...unsigned(vectors), V128],
  ]);
  return sized([...locals, ...code.flat(), 0x0b]);
}

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const type: Code = [0x60, ...list(range(5).map(() => [I32])), 0];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [type]),
    ...section(2, [[...name('host'), ...name('memory'), 0x02, 0x00, 1]]),
    ...section(3, [[0], [0]]),
    ...section(7, [
      [...name('many'), 0, 0],
      [...name('lone'), 0, 1],
    ]),
    ...section(10, [tile(MANY), tile(LONE)]),
  ]);
}

let compiled: WebAssembly.Module | undefined;

/** The tiles over a memory. Throws a WebAssembly.CompileError where there is no SIMD. */
export function dotTiles(memory: WebAssembly.Memory): DotTiles {
  // So small a module is compiled at once, also where a page's own thread may not compile larger ones.
  compiled ??= new WebAssembly.Module(moduleBytes());
  const { exports } = new WebAssembly.Instance(compiled, { host: { memory } });
  return { many: exports['many'] as Tile, lone: exports['lone'] as Tile };
}
