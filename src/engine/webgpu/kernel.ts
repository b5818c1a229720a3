/**
 * What a kernel is: WGSL with named bindings and per-call parameters.
 *
 * Group 0 holds the storage buffers in the order of `bindings`; group 1 holds the parameters, a uniform
 * `P` at a dynamic offset, so nothing that changes from call to call is part of a cached pipeline.
 */

export type Access = 'read' | 'read_write';

export interface Binding {
  readonly name: string;
  /** `vec4f` reads an f32 buffer four elements at a time. */
  readonly type: 'f32' | 'i32' | 'u32' | 'vec4f';
  readonly access: Access;
}

export interface Kernel {
  /** Unique, template parameters included: the key of the pipeline cache. */
  readonly name: string;
  readonly bindings: readonly Binding[];
  /** Fields of the uniform `P`, 4 bytes each, in argument order; at least one, at most 64. */
  readonly params: readonly (readonly [name: string, type: 'u32' | 'f32'])[];
  /** Needs the device feature "subgroups". */
  readonly subgroups?: boolean;
  /** WGSL with the entry point `main`. */
  readonly body: string;
}

/** Bytes of one call's parameters: the alignment WebGPU asks of a dynamic uniform offset. */
export const PARAMS_BYTES = 256;

export const input = (name: string, type: Binding['type'] = 'f32'): Binding => ({
  name,
  type,
  access: 'read',
});
export const output = (name: string, type: Binding['type'] = 'f32'): Binding => ({
  name,
  type,
  access: 'read_write',
});

/**
 * The whole WGSL module. With `shared` every binding is read_write: WebGPU forbids one buffer to be bound
 * for reading and for writing in one dispatch, even when the two windows are apart.
 */
export function wgsl(kernel: Kernel, shared: boolean): string {
  const fields = kernel.params.map(([name, type]) => `  ${name}: ${type},`).join('\n');
  const buffers = kernel.bindings.map((binding, index) => {
    const access = shared ? 'read_write' : binding.access;
    return `@group(0) @binding(${index}) var<storage, ${access}> ${binding.name}: array<${binding.type}>;`;
  });
  // Control flow that follows what a buffer holds is uniform where kernels use quads, but with `shared` WGSL cannot see it.
  const quads = kernel.subgroups ? 'enable subgroups;\ndiagnostic(off, subgroup_uniformity);\n' : '';
  return `${quads}struct Params {
${fields}
}
${buffers.join('\n')}
@group(1) @binding(0) var<uniform> P: Params;

// Index of this workgroup where a long row of workgroups was folded into x and y.
fn linearGroup(group: vec3u, groups: vec3u) -> u32 {
  return group.y * groups.x + group.x;
}
${kernel.body}`;
}
