/**
 * Whether quads are what the kernels take them for: invocations 4i…4i+3 of a one-dimensional workgroup. WGSL says
 * how a subgroup is made up, not which invocations are in it, so the device is asked once.
 */

import { bufferUsage, mapModeRead, shaderStageCompute } from './gpuFlags.ts';

const THREADS = 64;

const PROBE = `enable subgroups;
@group(0) @binding(0) var<storage, read_write> seen: array<vec4u>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(local_invocation_index) local: u32) {
  seen[local] = vec4u(
    quadBroadcast(local, 0u), quadBroadcast(local, 1u), quadBroadcast(local, 2u), quadBroadcast(local, 3u));
}`;

/** @returns false also where the probe does not compile or run */
export async function quadsWork(device: GPUDevice): Promise<boolean> {
  const size = THREADS * 16;
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
    if (await device.popErrorScope()) return false;
    await host.mapAsync(mapModeRead);
    const words = new Uint32Array(host.getMappedRange());
    return words.every((word, i) => word === Math.floor(i / 16) * 4 + (i % 4));
  } catch {
    return false;
  } finally {
    seen.destroy();
    host.destroy();
  }
}
