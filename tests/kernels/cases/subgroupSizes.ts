import {
  largest,
  reduceWorkgroup,
  subgroupMemory,
  sumOf,
} from '../../../src/engine/webgpu/kernels/subgroups.ts';
import { expectClose, expectSameBits } from './kit.ts';
import { Numbers } from './numbers.ts';

const THREADS = 64;
const SIZES = [4, 8, 16, 32, 64, 128] as const;

/**
 * The reductions by subgroups with subgroups of every size that WebGPU allows, played by workgroup memory: software
 * adapters have one size only. Sums and maxima are right, and the same bits for all sizes.
 */
export async function checkSubgroupSizes(gpu: GPU): Promise<void> {
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('there is no adapter');
  const device = await adapter.requestDevice();
  try {
    const values = Float32Array.from(new Numbers(9).normal(THREADS));
    const sum = Float64Array.from(values).reduce((a, b) => a + b);
    let first: Float32Array | null = null;
    for (const size of SIZES) {
      const got = await reduceWith(device, size, values);
      const [total = NaN, peak = NaN] = got;
      expectClose(`sum by subgroups of ${size}`, [total], [sum], { magnitude: 8 });
      expectClose(`maximum by subgroups of ${size}`, [peak], [Math.max(...values)]);
      first ??= got;
      expectSameBits(`subgroups of ${size}`, got, first);
    }
  } finally {
    device.destroy();
  }
}

/** Sum and maximum of the values, as each of the invocations has them: all must agree. */
async function reduceWith(device: GPUDevice, size: number, values: Float32Array): Promise<Float32Array> {
  const code = `
@group(0) @binding(0) var<storage, read_write> data: array<f32>;
${subgroupMemory('sums', 'f32', THREADS)}
${subgroupMemory('peaks', 'f32', THREADS)}
var<workgroup> exchanged: array<f32, ${THREADS}>;
var<private> own: u32;

fn subgroupShuffleXor(value: f32, far: u32) -> f32 {
  exchanged[own] = value;
  workgroupBarrier();
  let result = exchanged[own ^ far];
  workgroupBarrier();
  return result;
}

@compute @workgroup_size(${THREADS})
fn main(@builtin(local_invocation_index) local: u32) {
  own = local;
  let subgroupSize = ${size}u;
  let subgroupPlace = local % subgroupSize;
  let value = data[local];
  ${reduceWorkgroup('total', 'value', 'sums', THREADS, sumOf('f32'))}
  ${reduceWorkgroup('peak', 'value', 'peaks', THREADS, largest)}
  data[2u * local] = total;
  data[2u * local + 1u] = peak;
}`;
  const bytes = THREADS * 8;
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const data = device.createBuffer({ size: bytes, usage: STORAGE | COPY_SRC | COPY_DST });
  const host = device.createBuffer({ size: bytes, usage: MAP_READ | COPY_DST });
  device.queue.writeBuffer(data, 0, Float32Array.from(values));
  device.pushErrorScope('validation');
  const pipeline = device.createComputePipeline({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  const entries = [{ binding: 0, resource: { buffer: data } }];
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(data, 0, host, 0, bytes);
  device.queue.submit([encoder.finish()]);
  const error = await device.popErrorScope();
  if (error) throw new Error(`subgroups of ${size}: ${error.message}`);
  await host.mapAsync(GPUMapMode.READ);
  const results = new Float32Array(host.getMappedRange().slice(0));
  for (let i = 2; i < results.length; i++) {
    if (results[i] !== results[i % 2])
      throw new Error(`subgroups of ${size}: invocation ${i >> 1} has another result`);
  }
  return results;
}
