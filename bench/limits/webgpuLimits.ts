/** What this WebGPU adapter can do at most: multiply-adds in registers, and bytes copied from buffer to buffer. */
import { requestWebgpuDevice } from '../../src/engine/webgpu/device.ts';
import { copySizes, fastest, type Limits } from './limits.ts';

const threads = 64;
const accumulators = 8;

const shader = (rounds: number): string => `
@group(0) @binding(0) var<storage, read_write> out: array<vec4f>;
@compute @workgroup_size(${threads})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let factor = vec4f(0.5);
  ${over((i) => `var s${i} = vec4f(f32(id.x + ${i}u));`)}
  for (var round = 0; round < ${rounds}; round++) {
    ${over((i) => `s${i} = fma(s${i}, factor, factor);`)}
  }
  out[id.x] = ${Array.from({ length: accumulators }, (_, i) => `s${i}`).join(' + ')};
}`;

function over(line: (i: number) => string): string {
  return Array.from({ length: accumulators }, (_, i) => line(i)).join('\n  ');
}

/** The best of a few tries each; small ones on an adapter that computes on the CPU. Throws WebgpuUnavailableError. */
export async function webgpuLimits(): Promise<
  Limits & { readonly label: string; readonly software: boolean }
> {
  const { device, label, software } = await requestWebgpuDevice();
  const [groups, rounds] = software ? [64, 512] : [8192, 4096];
  const bytesTimed = software ? 2 ** 26 : 2 ** 32;
  const out = device.createBuffer({ size: 16 * groups * threads, usage: GPUBufferUsage.STORAGE });
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code: shader(rounds) }) },
  });
  const bindGroup = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer: out } }],
  });
  const compute = await best((encoder) => {
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(groups);
    pass.end();
  });
  const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const copies: { bytes: number; bytesPerSecond: number }[] = [];
  for (const bytes of copySizes) {
    const [from, to] = [bytes / 2, bytes / 2].map((size) => device.createBuffer({ size, usage }));
    if (!from || !to) continue;
    const seconds = await best((encoder) => {
      for (let moved = 0; moved < bytesTimed; moved += bytes)
        encoder.copyBufferToBuffer(from, 0, to, 0, bytes / 2);
    });
    copies.push({ bytes, bytesPerSecond: bytesTimed / seconds });
  }
  device.destroy();
  return {
    label,
    software,
    flops: (groups * threads * rounds * accumulators * 4 * 2) / compute,
    copies,
  };

  async function best(record: (encoder: GPUCommandEncoder) => void): Promise<number> {
    return fastest(8, async () => {
      const encoder = device.createCommandEncoder();
      record(encoder);
      const start = performance.now();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
      return (performance.now() - start) / 1000;
    });
  }
}
