/**
 * Compute pipelines and bind groups, made once and kept.
 */

import { shaderStageCompute } from './gpuFlags.ts';
import { PARAMS_BYTES, wgsl } from './kernel.ts';
import type { Kernel } from './kernel.ts';
import type { PooledBuffer } from './bufferPool.ts';

/** A window of a pooled buffer as a kernel sees it. */
export interface BufferWindow {
  readonly pooled: PooledBuffer;
  readonly byteOffset: number;
  readonly byteLength: number;
}

interface CachedPipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly groups: Map<string, GPUBindGroup>;
}

/** Bind groups kept before all are dropped: transient buffers of many lengths would fill memory otherwise. */
const MAX_BIND_GROUPS = 8192;

export class Pipelines {
  private readonly device: GPUDevice;
  private readonly cache = new Map<string, CachedPipeline>();
  private readonly storageLayouts = new Map<string, GPUBindGroupLayout>();
  private groupCount = 0;
  readonly paramsLayout: GPUBindGroupLayout;

  constructor(device: GPUDevice) {
    this.device = device;
    this.paramsLayout = device.createBindGroupLayout({
      entries: [
        {
          binding: 0,
          visibility: shaderStageCompute,
          buffer: { type: 'uniform', hasDynamicOffset: true, minBindingSize: PARAMS_BYTES },
        },
      ],
    });
  }

  /** `shared`: see `wgsl`. */
  get(kernel: Kernel, shared: boolean): CachedPipeline {
    const key = shared ? `${kernel.name} shared` : kernel.name;
    const cached = this.cache.get(key);
    if (cached) return cached;
    const layout = this.storageLayout(kernel, shared);
    const entry: CachedPipeline = {
      layout,
      groups: new Map(),
      pipeline: this.device.createComputePipeline({
        label: key,
        layout: this.device.createPipelineLayout({ bindGroupLayouts: [layout, this.paramsLayout] }),
        compute: {
          module: this.device.createShaderModule({ label: key, code: wgsl(kernel, shared) }),
          entryPoint: 'main',
        },
      }),
    };
    this.cache.set(key, entry);
    return entry;
  }

  bindGroup(entry: CachedPipeline, windows: readonly BufferWindow[]): GPUBindGroup {
    let key = '';
    for (const { pooled, byteOffset, byteLength } of windows)
      key += `${pooled.id}:${byteOffset}:${byteLength} `;
    const cached = entry.groups.get(key);
    if (cached) return cached;
    if (this.groupCount >= MAX_BIND_GROUPS) this.dropBindGroups();
    const group = this.device.createBindGroup({
      layout: entry.layout,
      entries: windows.map(({ pooled, byteOffset, byteLength }, binding) => ({
        binding,
        resource: { buffer: pooled.buffer, offset: byteOffset, size: byteLength },
      })),
    });
    entry.groups.set(key, group);
    this.groupCount += 1;
    return group;
  }

  /** To be called before buffers are destroyed. */
  dropBindGroups(): void {
    for (const entry of this.cache.values()) entry.groups.clear();
    this.groupCount = 0;
  }

  private storageLayout(kernel: Kernel, shared: boolean): GPUBindGroupLayout {
    const types = kernel.bindings.map(({ access }): GPUBufferBindingType =>
      shared || access === 'read_write' ? 'storage' : 'read-only-storage',
    );
    const key = types.join();
    const cached = this.storageLayouts.get(key);
    if (cached) return cached;
    const layout = this.device.createBindGroupLayout({
      entries: types.map((type, binding) => ({ binding, visibility: shaderStageCompute, buffer: { type } })),
    });
    this.storageLayouts.set(key, layout);
    return layout;
  }
}
