/**
 * What the attention kernels share: tile sizes, the map from workgroup to segment, loading of head rows.
 *
 * A tile is a run of tokens of one segment, counted from the segment's start, so a token's result does not
 * depend on what else is packed with it. Slot s·1 + floor(starts[s] / rows) is the first of segment s: a
 * monotone bound that needs no scan, with at most one unused slot a segment.
 *
 * LANES invocations share a row of a tile; each holds every LANES-th vector of 4 channels, of `own` rows that lie
 * rows/own apart: what it reads of the other side serves all of them.
 */

import { EngineError } from '../../backend.ts';
import { input, output } from '../kernel.ts';
import type { Kernel } from '../kernel.ts';

export const LANES = 4;

/** Floats of workgroup memory that every adapter has (16 KiB), less room for a few numbers a row. */
const WORKGROUP_FLOATS = 4096 - 16 - 4 * 32;
const ROW_CHOICES = [32, 16, 8] as const;
const STEP_CHOICES = [32, 16, 8, 4] as const;

export const ATTENTION_PARAMS: Kernel['params'] = [
  ['S', 'u32'],
  ['slots', 'u32'],
  ['heads', 'u32'],
  ['kvHeads', 'u32'],
  ['scale', 'f32'],
  ['causal', 'u32'],
];

/** q, k, v and the segments' starts, and what else a kernel reads and writes. */
export const attentionBindings = (
  inputs: readonly string[],
  outputs: readonly string[],
): Kernel['bindings'] => [
  ...['q', 'k', 'v'].map((name) => input(name)),
  input('starts', 'i32'),
  ...inputs.map((name) => input(name)),
  ...outputs.map((name) => output(name)),
];

export interface AttentionTile {
  /** Channels of a head, and vectors of 4 that hold them. */
  readonly channels: number;
  readonly vectors: number;
  /** Tokens whose results the workgroup makes. */
  readonly rows: number;
  /** Tokens of the other side taken at a time. */
  readonly step: number;
  /** Rows of one invocation. */
  readonly own: number;
  readonly threads: number;
}

/**
 * The largest tile that fits (`ownRows` divides 8): `rowTiles` tiles of rows, `stepTiles` tiles of steps and `weights` matrices of
 * rows × step live in workgroup memory together.
 */
export function attentionTile(
  channels: number,
  rowTiles: number,
  stepTiles: number,
  weights: number,
  ownRows: number,
): AttentionTile {
  // Twice the channels fill twice the registers.
  const own = channels > 64 ? Math.max(1, ownRows / 2) : ownRows;
  const vectors = Math.ceil(channels / 4);
  for (const rows of ROW_CHOICES) {
    for (const step of STEP_CHOICES) {
      if (step > rows) continue;
      const floats = (rowTiles * rows + stepTiles * step) * vectors * 4 + weights * rows * step;
      if (floats > WORKGROUP_FLOATS) continue;
      return { channels, vectors, rows, step, own, threads: (rows / own) * LANES };
    }
  }
  throw new EngineError(
    `Attention heads of ${channels} channels are not supported on WebGPU; the most is 128.`,
  );
}

/** Workgroups that cover every tile of `rows` tokens of S segments packed in T tokens. */
export const attentionSlots = (T: number, S: number, rows: number): number => Math.floor(T / rows) + S;

/** The vectors that one lane holds, as far as the head reaches. */
export const laneVectors = (tile: AttentionTile): number[] =>
  Array.from({ length: Math.ceil(tile.vectors / LANES) }, (_, i) => i);

/** The rows of one invocation, and the steps (tokens of the other side) whose scores it makes. */
export const ownRows = ({ own }: AttentionTile): number[] => Array.from({ length: own }, (_, i) => i);
export const ownSteps = ({ step }: AttentionTile): number[] =>
  Array.from({ length: step / LANES }, (_, j) => j);

/** WGSL: declares `r<i>`, the invocation's rows in the tile, and `row<i>`, the tokens they are. */
const declareRows = (tile: AttentionTile): string =>
  ownRows(tile)
    .map(
      (i) => `let r${i} = local / ${LANES}u + ${(i * tile.rows) / tile.own}u; let row${i} = span.z + r${i};`,
    )
    .join('\n  ');

/** WGSL: `let span`, begin and end of the segment that tile `slot` of `rows` rows lies in, and the tile's first row. */
export const segmentOfSlot = (rows: number): string => `
  var low = 0u;
  var high = P.S;
  while (high - low > 1u) {
    let middle = (low + high) / 2u;
    if (u32(starts[middle]) / ${rows}u + middle <= slot) { low = middle; } else { high = middle; }
  }
  let begin = u32(starts[low]);
  let span = vec3u(begin, u32(starts[low + 1u]), begin + (slot - begin / ${rows}u - low) * ${rows}u);`;

/**
 * WGSL: `found`, the span of `segmentOfSlot`, filled by one invocation because WGSL must know that all of a workgroup
 * agree on it before a barrier.
 */
const findTile = (tile: AttentionTile): string => `
var<workgroup> found: vec3u;

fn findTile(slot: u32) {
  ${segmentOfSlot(tile.rows)}
  found = span;
}`;

/** WGSL: `load_<name>(base, vector)`, 4 channels of the head at `base`, zero beyond the last. */
const loadVector = (name: string, tile: AttentionTile): string => `
fn load_${name}(base: u32, vector: u32) -> vec4f {
  let at = base + vector * 4u;
  ${tile.channels % 4 === 0 ? '' : `if (vector == ${tile.vectors - 1}u) { return vec4f(${name}[at], ${name}[at + 1u], 0.0, 0.0); }`}
  return vec4f(${name}[at], ${name}[at + 1u], ${name}[at + 2u], ${name}[at + 3u]);
}`;

/** WGSL: `store_<name>(base, vector, value)`, the inverse of `loadVector`. */
const storeVector = (name: string, tile: AttentionTile): string => `
fn store_${name}(base: u32, vector: u32, value: vec4f) {
  if (vector >= ${tile.vectors}u) { return; }
  let at = base + vector * 4u;
  ${name}[at] = value.x;
  ${name}[at + 1u] = value.y;
  ${tile.channels % 4 === 0 ? '' : `if (vector == ${tile.vectors - 1}u) { return; }`}
  ${name}[at + 2u] = value.z;
  ${name}[at + 3u] = value.w;
}`;

/**
 * WGSL statement: fills `tileName` with `count` head rows of `name` from token `first` on, zero from token
 * `end` on. `heads` heads a token, head `head`.
 */
export function loadTile(
  tile: AttentionTile,
  tileName: string,
  name: string,
  count: number,
  first: string,
  end: string,
  heads: string,
  head: string,
  scale = '',
): string {
  return `
    for (var i = local; i < ${count * tile.vectors}u; i += ${tile.threads}u) {
      let token = ${first} + i / ${tile.vectors}u;
      var value = vec4f();
      if (token < ${end}) {
        value = load_${name}((token * ${heads} + ${head}) * ${tile.channels}u, i % ${tile.vectors}u)${scale};
      }
      ${tileName}[i] = value;
    }`;
}

/** `parameters`: further ones of the entry point. */
export const entryPoint = (threads: number, parameters = ''): string => `
@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,${parameters}
) {`;

/**
 * WGSL: the start of a kernel over tiles: reading and writing of head rows, and the entry point up to `span`, `lane` and
 * the invocation's rows.
 */
export const tileKernelStart = (
  tile: AttentionTile,
  inputs: readonly string[],
  outputs: readonly string[],
): string => `
${findTile(tile)}
${inputs.map((name) => loadVector(name, tile)).join('')}
${outputs.map((name) => storeVector(name, tile)).join('')}
${entryPoint(tile.threads)}
  let slot = linearGroup(group, groups);
  if (slot >= P.slots) { return; }
  if (local == 0u) { findTile(slot); }
  let span = workgroupUniformLoad(&found);
  if (span.z >= span.y) { return; }
  let sharing = P.heads / P.kvHeads;
  let lane = local % ${LANES}u;
  ${declareRows(tile)}`;

/** WGSL: declares accumulators `prefix0…` of one lane. */
export const zeroVectors = (tile: AttentionTile, prefix: string): string =>
  laneVectors(tile)
    .map((i) => `var ${prefix}${i} = vec4f();`)
    .join('\n  ');

/** WGSL: for each vector of the lane, `statement(i, vector)` with `vector` its index in the head. */
export const eachVector = (tile: AttentionTile, statement: (i: number, vector: string) => string): string =>
  laneVectors(tile)
    .map((i) => {
      const text = statement(i, `lane + ${i * LANES}u`);
      const mayOverrun = (i + 1) * LANES > tile.vectors;
      return mayOverrun ? `if (lane + ${i * LANES}u < ${tile.vectors}u) { ${text} }` : text;
    })
    .join('\n      ');
