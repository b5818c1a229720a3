/**
 * What the matrix product kernels share.
 *
 *   C[M,N] (= or +=) alpha · A · B (+ bias[N]), any M, N, K
 *
 *   NT  A[M,K], B[N,K]   y = x · wᵀ            (linear, head)
 *   NN  A[M,K], B[K,N]   dx = dy · w
 *   TN  A[K,M], B[K,N]   dw = dyᵀ · x
 *
 * Every kernel adds in one order: products in order of k within a chunk of SUM_CHUNK, then chunk after chunk. So
 * a row's bits do not depend on which kernel made it, nor on how many rows it is computed with.
 *
 * With `split`, workgroups of z = 0, 1, … each take a run of k that is a whole number of chunks and write raw sums to
 * partials[z,M,N], which `matmulSumKernel` adds up: for products with few outputs and a long sum (weight gradients).
 *
 * B may hold fewer bits (layouts NT and NN): weights.ts unpacks it where it is read.
 *
 * A may be a window of a wider matrix (rows `aStride` apart, from element `aShift` on), and so may C: a call that one
 * binding or one dispatch cannot hold is run in pieces.
 */

import { input, output } from '../kernel.ts';
import type { Binding, Kernel } from '../kernel.ts';
import { forEachElement } from './elementwise.ts';
import { weightReader } from './weights.ts';
import type { StoredAs, WeightReader } from './weights.ts';

export type MatmulLayout = 'NT' | 'NN' | 'TN';

/** k that are added up before they join the running sum. */
export const SUM_CHUNK = 128;

/** How C is made; see matmulShared.ts, matmulDirect.ts, matmulVector.ts and matmulPanel.ts. */
export type MatmulVariant =
  | { readonly family: 'shared'; readonly rows: 32 | 64; readonly columns: 32 | 64 }
  | { readonly family: 'direct' | 'quad'; readonly rows: 1 | 4 | 8; readonly columns: 4 | 8 }
  | { readonly family: 'vector'; readonly rows: 1 | 4 }
  | { readonly family: 'panel' };

/** What of a call is baked into the kernel. */
export interface MatmulForm {
  readonly layout: MatmulLayout;
  readonly bias: boolean;
  readonly split: boolean;
  /** What B holds. */
  readonly stored: StoredAs;
  /** A and B are read four numbers at a time: the dimension that is contiguous in each is a multiple of 4. */
  readonly vectors: boolean;
}

export interface MatmulKernel {
  readonly kernel: Kernel;
  /** Rows of C that one workgroup makes; `host`: as many as the parameter `tileRows` says. */
  readonly rows: number | 'host';
  /** Columns of C that one workgroup makes. */
  readonly columns: number;
}

export const formName = ({ layout, bias, split, stored, vectors }: MatmulForm): string =>
  `${layout} ${stored}${vectors ? ' vec4' : ''}${bias ? ' bias' : ''}${split ? ' split' : ''}`;

/** Whether k is the contiguous dimension of A, of B. */
export const alongK = (layout: MatmulLayout): { readonly a: boolean; readonly b: boolean } => ({
  a: layout !== 'TN',
  b: layout === 'NT',
});

/** How a kernel reads B, by its rows and columns as they are stored; `fours`: f32 four at a time. */
export const readerOfB = ({ layout, stored }: MatmulForm, fours: boolean): WeightReader =>
  weightReader('b', stored, layout === 'NT' ? 'P.K' : 'P.N', fours);

export const matmulParams: Kernel['params'] = [
  ['M', 'u32'],
  ['N', 'u32'],
  ['K', 'u32'],
  // k of one split, a multiple of SUM_CHUNK; at least K without.
  ['run', 'u32'],
  ['aStride', 'u32'],
  ['aShift', 'u32'],
  ['cStride', 'u32'],
  ['cShift', 'u32'],
  ['alpha', 'f32'],
  ['accumulate', 'u32'],
];

export function matmulBindings({ bias, split }: MatmulForm, a: Binding, b: Binding): Kernel['bindings'] {
  return [a, b, ...(bias && !split ? [input('bias')] : []), output('c')];
}

/** WGSL: `store(row, column, split, value)`, which ignores places outside C. */
export const storeFunction = ({ bias, split }: MatmulForm): string =>
  split
    ? `
fn store(row: u32, column: u32, split: u32, value: f32) {
  if (row < P.M && column < P.N) { c[(split * P.M + row) * P.N + column] = value; }
}`
    : `
fn store(row: u32, column: u32, split: u32, value: f32) {
  if (row >= P.M || column >= P.N) { return; }
  let at = row * P.cStride + P.cShift + column;
  var result = value * P.alpha${bias ? ' + bias[P.cShift + column]' : ''};
  if (P.accumulate == 1u) { result += c[at]; }
  c[at] = result;
}`;

/** WGSL: the first row and column of this workgroup's tile, and the run of k it sums. */
export const tileOrigin = (rows: string, columns: string): string => `
  let tilesAcross = (P.N + ${columns} - 1u) / ${columns};
  let tile = linearGroup(group, groups);
  let firstRow = (tile / tilesAcross) * ${rows};
  let firstColumn = (tile % tilesAcross) * ${columns};
  if (firstRow >= P.M) { return; }
  let begin = group.z * P.run;
  let end = min(begin + P.run, P.K);`;

/** c (= or +=) alpha · Σ over splits of partials[split,·] (+ bias), in order of the splits. */
export const matmulSumKernel = (bias: boolean): Kernel => ({
  name: `matmulSum${bias ? ' bias' : ''}`,
  bindings: [input('partials'), ...(bias ? [input('bias')] : []), output('c')],
  params: [
    ['n', 'u32'],
    ['N', 'u32'],
    ['splits', 'u32'],
    ['alpha', 'f32'],
    ['accumulate', 'u32'],
  ],
  body: forEachElement(`
  var sum = 0.0;
  for (var split = 0u; split < P.splits; split++) { sum += partials[split * P.n + i]; }
  var result = sum * P.alpha${bias ? ' + bias[i % P.N]' : ''};
  if (P.accumulate == 1u) { result += c[i]; }
  c[i] = result;`),
});
