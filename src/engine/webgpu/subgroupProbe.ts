/**
 * Whether quads and subgroups are what the kernels take them for: quads invocations 4i…4i+3 of a one-dimensional
 * workgroup, subgroups runs of consecutive ones. WGSL says how a subgroup is made up, not which invocations are in it,
 * so the device is asked once.
 */

import { bufferUsage, mapModeRead, shaderStageCompute } from './gpuFlags.ts';

const THREADS = 64;

const PROBE = `enable subgroups;
@group(0) @binding(0) var<storage, read_write> seen: array<vec4u>;

@compute @workgroup_size(${THREADS})
fn main(
  @builtin(local_invocation_index) local: u32,
  @builtin(subgroup_size) size: u32,
  @builtin(subgroup_invocation_id) place: u32,
) {
  seen[2u * local] = vec4u(
    quadBroadcast(local, 0u), quadBroadcast(local, 1u), quadBroadcast(local, 2u), quadBroadcast(local, 3u));
  seen[2u * local + 1u] = vec4u(size, place, subgroupShuffleXor(local, 1u), subgroupShuffleXor(local, 2u));
}`;

export interface SubgroupsFound {
  /** Four neighbours exchange as a quad. */
  readonly quads: boolean;
  /** Subgroups are consecutive invocations. */
  readonly consecutive: boolean;
}

const NONE: SubgroupsFound = { quads: false, consecutive: false };

/** Nothing is found where the probe does not compile or run. */
export async function probeSubgroups(device: GPUDevice): Promise<SubgroupsFound> {
  const size = THREADS * 32;
  const seen = device.createBuffer({ size, usage: bufferUsage.storage | bufferUsage.copySrc });
  const host = device.createBuffer({ size, usage: bufferUsage.mapRead | bufferUsage.copyDst });
  device.pushErrorScope('validation');
  const layout = device.createBindGroupLayout({
    entries: [{ binding: 0, visibility: shaderStageCompute, buffer: { type: 'storage' } }],
  });
  const pipeline = device.createComputePipeline({
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module: device.createShaderModule({ label: 'quads', code: PROBE }), entryPoint: 'main' },
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer: seen } }] }),
  );
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(seen, 0, host, 0, size);
  device.queue.submit([encoder.finish()]);
  try {
    if (await device.popErrorScope()) return NONE;
    await host.mapAsync(mapModeRead);
    return judge(new Uint32Array(host.getMappedRange()));
  } catch {
    return NONE;
  } finally {
    seen.destroy();
    host.destroy();
  }
}

/** @param words of THREADS invocations: the places of its quad, then size, place, and the invocations 1 and 2 over */
function judge(words: Uint32Array): SubgroupsFound {
  const invocations = Array.from({ length: THREADS }, (_, i) => words.subarray(8 * i, 8 * i + 8));
  return {
    quads: invocations.every((seen, i) => [0, 1, 2, 3].every((q) => seen[q] === i - (i % 4) + q)),
    consecutive: invocations.every(
      ([, , , , size = 0, place, one, two], i) =>
        size >= 4 && (size & (size - 1)) === 0 && place === i % size && one === (i ^ 1) && two === (i ^ 2),
    ),
  };
}
