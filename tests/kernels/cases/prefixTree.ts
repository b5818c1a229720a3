import type { AttentionShape } from '../../../src/engine/backend.ts';
import { at, bump } from '../reference/arrays.ts';
import * as reference from '../reference/attention.ts';
import { expectClose, expectSameBits, kernelCase, type KernelCase } from './kit.ts';
import { Numbers, startsOf, sum } from './numbers.ts';

interface Tree {
  readonly name: string;
  readonly lengths: readonly number[];
  readonly parents: readonly number[];
}

/** Rows on the path of a segment, first to last. */
function pathOf({ lengths, parents }: Tree, segment: number): number[] {
  const starts = startsOf(lengths);
  const rows: number[] = [];
  for (let s = segment; s >= 0; s = at(parents, s)) {
    rows.unshift(...Array.from({ length: at(lengths, s) }, (_, i) => at(starts, s) + i));
  }
  return rows;
}

const pick = (data: Float64Array, rows: readonly number[], width: number): Float64Array =>
  Float64Array.from(rows.flatMap((row) => Array.from(data.slice(row * width, (row + 1) * width))));

/**
 * A tree against every path of it laid out alone: the forward pass and dq to the bit (by the same kernel without
 * `parents`), and all gradients against the float64 twin, whose dk and dv are summed over the paths.
 */
function treeCase(shape: AttentionShape, tree: Tree): KernelCase {
  const { heads, kvHeads, headDim } = shape;
  const title = `prefix tree, attention and backward ${heads}:${kvHeads} heads of ${headDim}, ${tree.name}`;
  return kernelCase(title, async (kit) => {
    const { backend } = kit;
    if (backend.sharesPrefixes !== true) return;
    const { lengths, parents } = tree;
    const [T, S] = [sum(lengths), lengths.length];
    const [qWidth, kvWidth] = [heads * headDim, kvHeads * headDim];
    const numbers = new Numbers(T + headDim);
    const [q, k, v] = [
      numbers.normal(T * qWidth),
      numbers.normal(T * kvWidth),
      numbers.normal(T * kvWidth),
    ] as const;
    const dout = numbers.normal(T * qWidth);

    const run = async (
      rows: readonly number[],
      starts: readonly number[],
      above: readonly number[] | null,
      upstream: Float64Array,
    ): Promise<Record<'out' | 'lse' | 'dq' | 'dk' | 'dv', Float32Array>> => {
      const part = (data: Float64Array, width: number) => kit.f32(pick(data, rows, width));
      const inputs = [part(q, qWidth), part(k, kvWidth), part(v, kvWidth), kit.i32(starts)] as const;
      const N = rows.length;
      const [out, lse] = [kit.output(N * qWidth), kit.output(N * heads)];
      const grads = [kit.output(N * qWidth), kit.output(N * kvWidth), kit.output(N * kvWidth)] as const;
      const rest = [N, starts.length - 1, shape, true, ...(above ? [kit.i32(above)] : [])] as const;
      backend.attention(...inputs, out, lse, ...rest);
      backend.attentionBackward(...inputs, out, lse, kit.f32(upstream), ...grads, ...rest);
      const [dq, dk, dv] = grads;
      return {
        out: await kit.read(out),
        lse: await kit.read(lse),
        dq: await kit.read(dq),
        dk: await kit.read(dk),
        dv: await kit.read(dv),
      };
    };

    const all = Array.from({ length: T }, (_, i) => i);
    const whole = await run(all, startsOf(lengths), parents, dout);
    const want = { dk: new Float64Array(k.length), dv: new Float64Array(v.length) };
    for (let s = 0; s < S; s++) {
      const rows = pathOf(tree, s);
      const own = at(lengths, s);
      const before = rows.length - own;
      // Only the segment's own queries: those before it are counted where they belong.
      const upstream = pick(dout, rows, qWidth).fill(0, 0, before * qWidth);
      const alone = await run(rows, [0, rows.length], null, upstream);
      const widths = { out: qWidth, lse: heads, dq: qWidth } as const;
      for (const [name, width] of Object.entries(widths) as ['out' | 'lse' | 'dq', number][]) {
        const mine = rows.slice(before).map((row) => whole[name].slice(row * width, (row + 1) * width));
        expectSameBits(
          `${name} of segment ${s}`,
          Float32Array.from(mine.flatMap((row) => [...row])),
          alone[name].slice(before * width),
        );
      }
      const parts = [pick(q, rows, qWidth), pick(k, rows, kvWidth), pick(v, rows, kvWidth)] as const;
      const starts = [0, rows.length];
      const twin = reference.attention(...parts, starts, rows.length, 1, shape, true);
      const back = reference.attentionBackward(
        ...parts,
        starts,
        twin.out,
        twin.lse,
        upstream,
        1,
        shape,
        true,
      );
      rows.forEach((row, i) => {
        for (let c = 0; c < kvWidth; c++) {
          bump(want.dk, row * kvWidth + c, at(back.dk, i * kvWidth + c));
          bump(want.dv, row * kvWidth + c, at(back.dv, i * kvWidth + c));
        }
      });
    }
    expectClose('dk', whole.dk, want.dk, { magnitude: 1 });
    expectClose('dv', whole.dv, want.dv, { magnitude: 1 });
  });
}

const TREES: readonly Tree[] = [
  { name: 'a chain', lengths: [3, 1, 20], parents: [-1, 0, 1] },
  {
    name: 'two trees and a segment alone',
    lengths: [17, 4, 1, 9, 5, 7, 2, 33, 1],
    parents: [-1, 0, 1, 1, 0, -1, -1, 6, 6],
  },
];

export const prefixTreeCases: readonly KernelCase[] = TREES.flatMap((tree) => [
  treeCase({ heads: 4, kvHeads: 2, headDim: 32 }, tree),
  treeCase({ heads: 3, kvHeads: 3, headDim: 6 }, tree),
]);
