import {
  fitsGroups,
  packGroups,
  packValues,
  quantKinds,
  unpackWords,
  type QuantKind,
  type QuantisedMatrix,
} from '../../../src/engine/quantised.ts';
import * as head from '../reference/head.ts';
import * as reference from '../reference/linear.ts';
import { expectSameBits, kernelCase, plus, type Kit, type KernelCase } from './kit.ts';
import { Numbers } from './numbers.ts';

/** A random matrix in words, and the dequantised twin that every product is held to. */
function matrix(
  kit: Kit,
  kind: QuantKind,
  rows: number,
  cols: number,
): { readonly w: QuantisedMatrix; readonly twin: Float64Array } {
  const values = Float32Array.from(new Numbers(rows + 7 * cols).normal(rows * cols, 0.5));
  const words = packValues(kind, values, rows, cols);
  return {
    w: { kind, rows, cols, data: kit.i32(words) },
    twin: Float64Array.from(unpackWords(kind, words, rows, cols)),
  };
}

type Size = readonly [T: number, I: number, O: number];

/** One row (unpacked while it is multiplied) and several; whole groups and blocks, and not; K beyond one block. */
const SIZES: readonly Size[] = [
  [1, 32, 8],
  [1, 45, 19],
  [1, 544, 24],
  [2, 64, 16],
  [7, 33, 5],
  [9, 576, 40],
  [33, 70, 83],
];

function linearCase(kind: QuantKind, [T, I, O]: Size, withBias: boolean): KernelCase {
  return kernelCase(`${kind} linear and backward T=${T} I=${I} O=${O}`, async (kit) => {
    const kernels = kit.backend.quantised;
    if (kernels === undefined) return;
    const { w, twin } = matrix(kit, kind, O, I);
    const numbers = new Numbers(T + I + O);
    const x = numbers.normal(T * I);
    const bias = withBias ? numbers.normal(O) : null;
    const y = kit.output(T * O);
    kernels.linear(kit.f32(x), w, bias && kit.f32(bias), y, T);
    await kit.expectClose('y', y, reference.linear(x, twin, bias, T, I, O));
    const dy = numbers.normal(T * O);
    const initial = numbers.normal(T * I);
    const dx = withBias ? kit.state(initial) : kit.output(T * I);
    kernels.linearBackwardInput(kit.f32(dy), w, dx, T, withBias);
    const want = reference.linearBackwardInput(dy, twin, T, I, O);
    await kit.expectClose('dx', dx, withBias ? plus(initial, want) : want);
  });
}

function tableCase(kind: QuantKind, N: number, D: number, V: number): KernelCase {
  return kernelCase(`${kind} embedding, head and backward N=${N} D=${D} V=${V}`, async (kit) => {
    const kernels = kit.backend.quantised;
    if (kernels === undefined) return;
    const { w, twin } = matrix(kit, kind, V, D);
    const numbers = new Numbers(N + D + V);
    const ids = numbers.integers(N, V);
    const rows = kit.output(N * D);
    kernels.embedding(kit.i32(ids), w, rows, N);
    await kit.expectClose(
      'embedding',
      rows,
      ids.flatMap((id) => [...twin.subarray(id * D, (id + 1) * D)]),
    );
    const h = numbers.normal(N * D, 1 / Math.sqrt(D));
    const scale = 1.25;
    const [logprob, entropy, lse, dh] = [kit.output(N), kit.output(N), kit.output(N), kit.output(N * D)];
    const [hBuffer, targets] = [kit.f32(h), kit.i32(ids)];
    kernels.head(hBuffer, w, targets, logprob, entropy, lse, N, scale);
    const want = head.head(h, twin, ids, N, D, V, scale);
    await kit.expectClose('logprob', logprob, want.logprob);
    await kit.expectClose('entropy', entropy, want.entropy);
    const [gLogprob, gEntropy] = [numbers.normal(N), numbers.normal(N)];
    const seeds = [kit.f32(gLogprob), kit.f32(gEntropy)] as const;
    kernels.headBackward(hBuffer, w, targets, entropy, lse, ...seeds, dh, N, scale);
    const back = head.headBackward(h, twin, ids, want.entropy, want.lse, gLogprob, gEntropy, N, D, V, scale);
    await kit.expectClose('dh', dh, back.dh, { magnitude: scale });
  });
}

/** Decoding alone or in company must give one and the same token. */
function rowsCase(kind: QuantKind): KernelCase {
  return kernelCase(`${kind} linear: a row has the same bits alone and among others`, async (kit) => {
    const kernels = kit.backend.quantised;
    if (kernels === undefined) return;
    const [I, O, T] = [600, 20, 5];
    const { w } = matrix(kit, kind, O, I);
    const x = new Numbers(3).normal(T * I);
    const together = kit.output(T * O);
    kernels.linear(kit.f32(x), w, null, together, T);
    const all = await kit.read(together);
    for (let t = 0; t < T; t++) {
      const alone = kit.output(O);
      kernels.linear(kit.f32(x.subarray(t * I, (t + 1) * I)), w, null, alone, 1);
      expectSameBits(`row ${t}`, await kit.read(alone), all.slice(t * O, (t + 1) * O));
    }
  });
}

/** Words made from a file's groups stand for exactly the file's numbers. */
function groupsCase(): KernelCase {
  return kernelCase('int4 words of given groups', (kit) => {
    void kit;
    const [rows, cols] = [9, 64];
    const numbers = new Numbers(4);
    const groups = {
      group: 32,
      bits: 4,
      q: Int8Array.from(numbers.integers(rows * cols, 16)),
      scale: Float32Array.from(numbers.normal(rows * 2, 0.1)),
      min: Float32Array.from(numbers.normal(rows * 2, 0.1)),
    } as const;
    if (!fitsGroups('int4', groups, cols) || fitsGroups('int8', groups, cols)) {
      throw new Error('int4 groups fit int4, and no other kind');
    }
    const values = unpackWords('int4', packGroups('int4', groups, rows, cols), rows, cols);
    const want = Float32Array.from(groups.q, (q, i) => {
      const g = Math.floor(i / 32);
      return q * (groups.scale[g] ?? 0) + (groups.min[g] ?? 0);
    });
    expectSameBits('values', values, want);
    return Promise.resolve();
  });
}

export const quantisedCases: readonly KernelCase[] = [
  ...quantKinds.flatMap((kind) => [
    ...SIZES.map((size, i) => linearCase(kind, size, i % 2 === 1)),
    tableCase(kind, 6, 40, 1030),
    tableCase(kind, 33, 64, 88),
    rowsCase(kind),
  ]),
  groupsCase(),
];
