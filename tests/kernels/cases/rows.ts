import * as reference from '../reference/rows.ts';
import { kernelCase, plus, type KernelCase } from './kit.ts';
import { Numbers, startsOf, sum } from './numbers.ts';

function gatherCase(N: number, D: number, rowCount: number): KernelCase {
  return kernelCase(`gatherRows and scatterRowsAdd N=${N} D=${D} of ${rowCount} rows`, async (kit) => {
    const numbers = new Numbers(N + D);
    const rows = numbers.distinct(N, rowCount);
    const x = numbers.normal(rowCount * D);
    const dy = numbers.normal(N * D);
    const initial = numbers.normal(rowCount * D);
    const rowBuffer = kit.i32(rows);
    const y = kit.output(N * D);
    const dx = kit.state(initial);
    kit.backend.gatherRows(kit.f32(x), rowBuffer, y, N, D);
    kit.backend.scatterRowsAdd(kit.f32(dy), rowBuffer, dx, N, D);
    await kit.expectClose('y', y, reference.gatherRows(x, rows, N, D), { tolerance: 0 });
    await kit.expectClose('dx', dx, plus(initial, reference.scatterRowsAdd(dy, rows, N, D, rowCount)));
  });
}

function segmentMeanCase(name: string, lengths: readonly number[], D: number): KernelCase {
  return kernelCase(`segmentMean and backward, ${name}, D=${D}`, async (kit) => {
    const numbers = new Numbers(D);
    const starts = startsOf(lengths);
    const [S, T] = [lengths.length, sum(lengths)];
    const x = numbers.normal(T * D);
    const dy = numbers.normal(S * D);
    const startBuffer = kit.i32(starts);
    const y = kit.output(S * D);
    const dx = kit.output(T * D);
    kit.backend.segmentMean(kit.f32(x), startBuffer, y, S, D);
    kit.backend.segmentMeanBackward(kit.f32(dy), startBuffer, dx, S, T, D);
    await kit.expectClose('y', y, reference.segmentMean(x, starts, S, D));
    await kit.expectClose('dx', dx, reference.segmentMeanBackward(dy, starts, T, D));
  });
}

const MANY_SHORT = Array.from({ length: 70 }, (_, i) => 1 + (i % 3));

export const rowsCases: readonly KernelCase[] = [
  gatherCase(1, 1, 1),
  gatherCase(3, 5, 7),
  gatherCase(33, 65, 129),
  gatherCase(17, 64, 17),
  segmentMeanCase('one token', [1], 3),
  segmentMeanCase('one long segment', [129], 33),
  segmentMeanCase('mixed lengths', [1, 5, 1, 33, 2], 65),
  segmentMeanCase('70 short segments', MANY_SHORT, 7),
];
