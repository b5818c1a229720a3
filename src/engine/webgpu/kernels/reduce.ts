/**
 * Sums over the invocations that share a row, in one order whatever the device does.
 *
 * Plain: every invocation leaves its value in workgroup memory and, after one barrier, adds up all of its row. With
 * `quads` (feature "subgroups") the four of a quad exchange theirs first, which leaves a fourth to add; four lanes
 * then need neither memory nor barrier. With `subgroups`, for a row of a whole workgroup, subgroups do.
 */

import { reduceWorkgroup, sumOf } from './subgroups.ts';

/** How the invocations of a row exchange. */
export type Exchange = 'memory' | 'quads' | 'subgroups';

/** Workgroup memory that `rowSum` needs, `threads` invocations in all. */
export const sumMemory = (threads: number): string => `var<workgroup> sums: array<f32, ${threads}>;`;

/**
 * WGSL statements: `let <name>` becomes the sum of `value` over the `lanes` neighbouring invocations of a row.
 * Needs `local` and `lane = local % lanes`; all invocations of the workgroup must reach it.
 */
export function rowSum(name: string, value: string, lanes: number, exchange: Exchange): string {
  if (exchange === 'subgroups') return reduceWorkgroup(name, value, 'sums', lanes, sumOf('f32'));
  if (exchange === 'memory') {
    return `
  sums[local] = ${value};
  workgroupBarrier();
  var ${name} = 0.0;
  for (var i = 0u; i < ${lanes}u; i++) { ${name} += sums[local - lane + i]; }
  workgroupBarrier();`;
  }
  // x + y is y + x: all four end with the same bits.
  const four = `
  let ${name}Pair = ${value} + quadSwapX(${value});
  let ${name}Four = ${name}Pair + quadSwapY(${name}Pair);`;
  if (lanes === 4) return `${four}\n  let ${name} = ${name}Four;`;
  return `${four}
  sums[local] = ${name}Four;
  workgroupBarrier();
  var ${name} = 0.0;
  for (var i = 0u; i < ${lanes}u; i += 4u) { ${name} += sums[local - lane + i]; }
  workgroupBarrier();`;
}
