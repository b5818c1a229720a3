/**
 * The pending commands: one encoder, as few passes as possible, submitted when somebody waits or when
 * enough has gathered that a longer submit could wake the driver's watchdog.
 */

import { EngineError } from '../backend.ts';
import { bufferUsage } from './gpuFlags.ts';
import { PARAMS_BYTES } from './kernel.ts';
import type { Kernel } from './kernel.ts';
import type { PooledBuffer } from './bufferPool.ts';
import type { BufferWindow, Pipelines } from './pipelines.ts';

const MAX_DISPATCHES = 1024;
/** Estimated floating-point operations of one submit: well under a second on a weak adapter of either kind. */
const MAX_FLOPS_HARDWARE = 2e10;
const MAX_FLOPS_SOFTWARE = 2e9;

export class CommandStream {
  private readonly device: GPUDevice;
  private readonly pipelines: Pipelines;
  /** Estimated operations after which a submit ends. */
  readonly maxFlops: number;
  private readonly paramsBuffer: GPUBuffer;
  private readonly paramsGroup: GPUBindGroup;
  private readonly params = new ArrayBuffer(MAX_DISPATCHES * PARAMS_BYTES);
  private readonly paramsU32 = new Uint32Array(this.params);
  private readonly paramsF32 = new Float32Array(this.params);
  private encoder: GPUCommandEncoder | null = null;
  private pass: GPUComputePassEncoder | null = null;
  private dispatches = 0;
  private submittedDispatches = 0;
  private flops = 0;
  /** Number of the submit that the pending commands will make. */
  private submitNumber = 0;

  constructor(device: GPUDevice, pipelines: Pipelines, software: boolean) {
    this.device = device;
    this.pipelines = pipelines;
    this.maxFlops = software ? MAX_FLOPS_SOFTWARE : MAX_FLOPS_HARDWARE;
    this.paramsBuffer = device.createBuffer({
      size: MAX_DISPATCHES * PARAMS_BYTES,
      usage: bufferUsage.uniform | bufferUsage.copyDst,
    });
    this.paramsGroup = device.createBindGroup({
      layout: pipelines.paramsLayout,
      entries: [{ binding: 0, resource: { buffer: this.paramsBuffer, size: PARAMS_BYTES } }],
    });
  }

  /** True when pending commands use the buffer, so a queue write would overtake them. */
  uses(pooled: PooledBuffer): boolean {
    return pooled.lastUse === this.submitNumber;
  }

  dispatch(
    kernel: Kernel,
    shared: boolean,
    windows: readonly BufferWindow[],
    params: readonly number[],
    groups: readonly [number, number, number],
    flops: number,
  ): void {
    if (this.dispatches === MAX_DISPATCHES || (this.flops > 0 && this.flops + flops > this.maxFlops))
      this.flush();
    const entry = this.pipelines.get(kernel, shared);
    const group = this.pipelines.bindGroup(entry, windows);
    const slot = this.dispatches++;
    this.writeParams(kernel, params, slot);
    this.flops += flops;
    this.pass ??= this.openEncoder().beginComputePass();
    this.pass.setPipeline(entry.pipeline);
    this.pass.setBindGroup(0, group);
    this.pass.setBindGroup(1, this.paramsGroup, [slot * PARAMS_BYTES]);
    this.pass.dispatchWorkgroups(groups[0], groups[1], groups[2]);
    for (const { pooled } of windows) pooled.lastUse = this.submitNumber;
  }

  clear(pooled: PooledBuffer, byteOffset: number, byteLength: number): void {
    this.outsidePass().clearBuffer(pooled.buffer, byteOffset, byteLength);
    pooled.lastUse = this.submitNumber;
  }

  copy(from: PooledBuffer, fromOffset: number, to: PooledBuffer, toOffset: number, byteLength: number): void {
    this.outsidePass().copyBufferToBuffer(from.buffer, fromOffset, to.buffer, toOffset, byteLength);
    from.lastUse = this.submitNumber;
    to.lastUse = this.submitNumber;
  }

  copyOut(from: PooledBuffer, fromOffset: number, staging: GPUBuffer, byteLength: number): void {
    this.outsidePass().copyBufferToBuffer(from.buffer, fromOffset, staging, 0, byteLength);
    from.lastUse = this.submitNumber;
  }

  /** Submits what is pending. */
  flush(): void {
    if (!this.encoder) return;
    this.pass?.end();
    // Queue order makes this safe: earlier submits have their own values before these replace them.
    if (this.dispatches > 0) {
      this.device.queue.writeBuffer(this.paramsBuffer, 0, this.params, 0, this.dispatches * PARAMS_BYTES);
    }
    this.device.queue.submit([this.encoder.finish()]);
    this.encoder = null;
    this.pass = null;
    this.submittedDispatches += this.dispatches;
    this.dispatches = 0;
    this.flops = 0;
    this.submitNumber += 1;
  }

  counts(): { readonly submits: number; readonly dispatches: number } {
    return { submits: this.submitNumber, dispatches: this.submittedDispatches };
  }

  dispose(): void {
    this.paramsBuffer.destroy();
  }

  private openEncoder(): GPUCommandEncoder {
    this.encoder ??= this.device.createCommandEncoder();
    return this.encoder;
  }

  private outsidePass(): GPUCommandEncoder {
    this.pass?.end();
    this.pass = null;
    return this.openEncoder();
  }

  private writeParams(kernel: Kernel, params: readonly number[], slot: number): void {
    const base = (slot * PARAMS_BYTES) / 4;
    kernel.params.forEach(([, type], index) => {
      const value = params[index];
      if (value === undefined) throw new EngineError(`Kernel ${kernel.name}: parameter ${index} is missing.`);
      if (type === 'u32') this.paramsU32[base + index] = value;
      else this.paramsF32[base + index] = value;
    });
  }
}
