/**
 * Reductions over a whole workgroup by subgroups (feature "subgroups") of any size: a tree of neighbouring pairs, first
 * within a subgroup by exchange, then over the subgroups' results in workgroup memory. The tree is the same whatever
 * the size, and so are the bits. Needs subgroups of consecutive invocations; see subgroupProbe.ts.
 */

/** The smallest size that WebGPU allows. */
const SMALLEST = 4;

/** WGSL: parameters of the entry point that `reduceWorkgroup` reads. */
export const SUBGROUP_PARAMETERS = `
  @builtin(subgroup_size) subgroupSize: u32,
  @builtin(subgroup_invocation_id) subgroupPlace: u32,`;

export interface Reduction {
  readonly type: 'f32' | 'vec2f';
  readonly combine: (a: string, b: string) => string;
  /** Of the combination. */
  readonly neutral: string;
}

export const sumOf = (type: Reduction['type']): Reduction => ({
  type,
  combine: (a, b) => `${a} + ${b}`,
  neutral: `${type}()`,
});
export const largest: Reduction = { type: 'f32', combine: (a, b) => `max(${a}, ${b})`, neutral: '-3.0e38' };

/** WGSL: workgroup memory `name` for the results of `threads` invocations' subgroups. */
export const subgroupMemory = (name: string, type: Reduction['type'], threads: number): string =>
  `var<workgroup> ${name}: array<${type}, ${threads / SMALLEST}>;`;

/**
 * WGSL statements: `let <name>` becomes the combination of `value` over the `threads` invocations of the workgroup, in
 * all of them. Needs `local`; all of the workgroup must reach it. Ends with a barrier.
 */
export function reduceWorkgroup(
  name: string,
  value: string,
  memory: string,
  threads: number,
  { type, combine, neutral }: Reduction,
): string {
  const tree = (first: number, count: number): string =>
    count === 1
      ? `select(${neutral}, ${memory}[${first}], ${first}u * subgroupSize < ${threads}u)`
      : combine(tree(first, count / 2), tree(first + count / 2, count / 2));
  return `
  var ${name}Own: ${type} = ${value};
  for (var far = 1u; far < min(subgroupSize, ${threads}u); far *= 2u) {
    ${name}Own = ${combine(`${name}Own`, `subgroupShuffleXor(${name}Own, far)`)};
  }
  if (subgroupPlace == 0u) { ${memory}[local / subgroupSize] = ${name}Own; }
  workgroupBarrier();
  let ${name} = ${tree(0, threads / SMALLEST)};
  workgroupBarrier();`;
}
