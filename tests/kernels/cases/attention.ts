import type { AttentionShape } from '../../../src/engine/backend.ts';
import * as reference from '../reference/attention.ts';
import { kernelCase, type KernelCase } from './kit.ts';
import { Numbers, startsOf, sum } from './numbers.ts';

const SHAPES: readonly AttentionShape[] = [
  { heads: 4, kvHeads: 1, headDim: 2 },
  { heads: 3, kvHeads: 3, headDim: 6 },
  { heads: 8, kvHeads: 2, headDim: 32 },
  { heads: 4, kvHeads: 1, headDim: 40 },
  { heads: 7, kvHeads: 1, headDim: 8 },
  { heads: 2, kvHeads: 2, headDim: 64 },
];

const PACKS: readonly { readonly name: string; readonly lengths: readonly number[] }[] = [
  { name: 'one token', lengths: [1] },
  { name: 'mixed lengths', lengths: [1, 1, 5, 1, 33, 2, 17, 1] },
];

function attentionCase(
  shape: AttentionShape,
  name: string,
  lengths: readonly number[],
  causal: boolean,
  queryScale = 1,
): KernelCase {
  const { heads, kvHeads, headDim } = shape;
  const title = `attention and backward ${heads}:${kvHeads} heads of ${headDim}, ${name}`;
  return kernelCase(`${title}, ${causal ? 'causal' : 'two-way'}`, async (kit) => {
    const numbers = new Numbers(headDim + lengths.length);
    const starts = startsOf(lengths);
    const [S, T] = [lengths.length, sum(lengths)];
    const q = numbers.normal(T * heads * headDim, queryScale);
    const k = numbers.normal(T * kvHeads * headDim);
    const v = numbers.normal(T * kvHeads * headDim);
    const dout = numbers.normal(q.length);
    const want = reference.attention(q, k, v, starts, T, S, shape, causal);
    const wantBack = reference.attentionBackward(q, k, v, starts, want.out, want.lse, dout, S, shape, causal);

    const [qBuffer, kBuffer, vBuffer] = [kit.f32(q), kit.f32(k), kit.f32(v)];
    const startBuffer = kit.i32(starts);
    const out = kit.output(q.length);
    const lse = kit.output(T * heads);
    const [dq, dk, dv] = [kit.output(q.length), kit.output(k.length), kit.output(v.length)];
    kit.backend.attention(qBuffer, kBuffer, vBuffer, startBuffer, out, lse, T, S, shape, causal);
    kit.backend.attentionBackward(
      qBuffer,
      kBuffer,
      vBuffer,
      startBuffer,
      out,
      lse,
      kit.f32(dout),
      dq,
      dk,
      dv,
      T,
      S,
      shape,
      causal,
    );
    // An error in a score s is one of |s|·2^-24 at least, and shows in p, dq and dk in that proportion. The
    // scores grow with the queries; with one key per query dq and dk are 0 by cancellation, not by scale.
    const limits = { tolerance: 2e-5 * Math.max(1, queryScale), magnitude: 1 };
    await kit.expectClose('out', out, want.out, limits);
    await kit.expectClose('lse', lse, want.lse, limits);
    await kit.expectClose('dq', dq, wantBack.dq, limits);
    await kit.expectClose('dk', dk, wantBack.dk, limits);
    await kit.expectClose('dv', dv, wantBack.dv, limits);
  });
}

const GQA: AttentionShape = { heads: 4, kvHeads: 1, headDim: 32 };
const MANY_SHORT = Array.from({ length: 70 }, (_, i) => 1 + (i % 3));

export const attentionCases: readonly KernelCase[] = [
  ...SHAPES.flatMap((shape) =>
    PACKS.flatMap(({ name, lengths }) =>
      [true, false].map((causal) => attentionCase(shape, name, lengths, causal)),
    ),
  ),
  attentionCase(GQA, '70 short segments', MANY_SHORT, true),
  attentionCase(GQA, '70 short segments', MANY_SHORT, false),
  attentionCase(GQA, '129 and 65 tokens', [129, 65], true),
  attentionCase({ heads: 2, kvHeads: 2, headDim: 40 }, '65 tokens', [65], false),
  attentionCase(GQA, 'scores up to a hundred', [33, 7], true, 20),
];
