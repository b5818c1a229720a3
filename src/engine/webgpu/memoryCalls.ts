/**
 * The memory calls of the WebGPU backend, and the parts that every call works with.
 */

import type { DType, DeviceBuffer } from '../backend.ts';
import { CommandStream } from './commandStream.ts';
import type { DeviceLoss, WebgpuDevice } from './device.ts';
import { DeviceMemory, VIEW_ALIGNMENT } from './deviceMemory.ts';
import { copyWithinKernel, fillKernel } from './kernels/elementwise.ts';
import { Launcher } from './launcher.ts';
import type { Argument } from './launcher.ts';
import { Pipelines } from './pipelines.ts';

export class MemoryCalls {
  readonly kind = 'webgpu';
  readonly label: string;
  readonly viewAlignment = VIEW_ALIGNMENT;
  /** True for a driver that runs on the CPU, such as SwiftShader: right, but slower than WebAssembly. */
  readonly software: boolean;
  /** Whether kernels may use quad operations; see subgroupProbe.ts. */
  readonly quads: boolean;
  /** Whether to take the kernels for drivers that run on the CPU and have quad operations. */
  protected readonly inQuads: boolean;
  /** Whether reductions over a workgroup go by subgroups. */
  protected readonly bySubgroups: boolean;
  /** Resolves when the device is gone; every later call throws `EngineError`. */
  readonly lost: Promise<DeviceLoss>;
  /** Holds the entry point with the device; see `WebgpuDevice`. */
  private readonly origin: WebgpuDevice;
  private readonly stream: CommandStream;
  protected readonly store: DeviceMemory;
  protected readonly launcher: Launcher;

  /** @param maxBindingBytes at most what the device allows; larger weights are bound in parts */
  constructor(origin: WebgpuDevice, maxBindingBytes: number) {
    const { device, label, lost, software, quads, subgroups } = origin;
    this.origin = origin;
    this.label = label;
    this.software = software;
    this.quads = quads;
    this.inQuads = software && quads;
    this.bySubgroups = subgroups && !software;
    this.lost = lost;
    const pipelines = new Pipelines(device);
    this.stream = new CommandStream(device, pipelines, software);
    this.store = new DeviceMemory(device, this.stream, pipelines, maxBindingBytes);
    this.launcher = new Launcher(device, this.store, this.stream);
  }

  alloc(length: number, dtype: DType = 'f32'): DeviceBuffer {
    return this.store.alloc(length, dtype);
  }

  zeros(length: number, dtype: DType = 'f32'): DeviceBuffer {
    const buffer = this.store.alloc(length, dtype);
    this.store.clear(buffer);
    return buffer;
  }

  view(buffer: DeviceBuffer, offset: number, length: number): DeviceBuffer {
    return this.store.view(buffer, offset, length);
  }

  free(buffer: DeviceBuffer): void {
    this.store.free(buffer);
  }

  write(buffer: DeviceBuffer, data: Float32Array | Int32Array, offset = 0): void {
    this.store.write(buffer, data, offset);
  }

  async readF32(buffer: DeviceBuffer, offset = 0, length?: number): Promise<Float32Array> {
    return new Float32Array(await this.store.read(buffer, 'f32', offset, length));
  }

  async readI32(buffer: DeviceBuffer, offset = 0, length?: number): Promise<Int32Array> {
    return new Int32Array(await this.store.read(buffer, 'i32', offset, length));
  }

  copy(src: DeviceBuffer, srcOffset: number, dst: DeviceBuffer, dstOffset: number, length: number): void {
    const within = this.store.copy(src, srcOffset, dst, dstOffset, length);
    if (!within) return;
    const { whole, from, to } = within;
    this.launcher.elements(
      'copy',
      copyWithinKernel,
      [['buffer', whole, Math.max(from, to) + length]],
      length,
      from,
      to,
    );
  }

  fill(buffer: DeviceBuffer, value: number): void {
    if (Object.is(value, 0)) {
      this.store.clear(buffer);
      return;
    }
    const bits = new Uint32Array(
      buffer.dtype === 'f32' ? Float32Array.of(value).buffer : Int32Array.of(value).buffer,
    )[0];
    const args: Argument[] = [['buffer', buffer, buffer.length]];
    this.launcher.elements('fill', fillKernel, args, buffer.length, bits ?? 0);
  }

  sync(): Promise<void> {
    return this.store.sync();
  }

  memory(): { readonly bytes: number; readonly peakBytes: number } {
    return this.store.usage();
  }

  /** Submits and dispatches so far. */
  counts(): { readonly submits: number; readonly dispatches: number } {
    return this.stream.counts();
  }

  dispose(): void {
    this.store.dispose();
    this.stream.dispose();
    this.origin.device.destroy();
  }
}
