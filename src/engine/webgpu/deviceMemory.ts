/**
 * Handles, views, transfers: the memory half of the WebGPU backend.
 */

import { EngineError } from '../backend.ts';
import type { DType, DeviceBuffer } from '../backend.ts';
import { BufferPool, sizeClass } from './bufferPool.ts';
import type { PooledBuffer } from './bufferPool.ts';
import type { CommandStream } from './commandStream.ts';
import { bufferUsage, mapModeRead } from './gpuFlags.ts';
import type { BufferWindow, Pipelines } from './pipelines.ts';

/** Elements; 256 bytes is the offset alignment that every adapter grants. */
export const VIEW_ALIGNMENT = 64;

/** A loan from the pool, shared by a buffer and its views, so that all of them know when it ended. */
interface Loan {
  readonly pooled: PooledBuffer;
  readonly owner: DeviceMemory;
  freed: boolean;
}

class WebgpuBuffer implements DeviceBuffer {
  readonly dtype: DType;
  readonly length: number;
  readonly loan: Loan;
  /** In elements, from the start of the loan. */
  readonly offset: number;
  readonly isView: boolean;

  constructor(dtype: DType, length: number, loan: Loan, offset: number, isView: boolean) {
    this.dtype = dtype;
    this.length = length;
    this.loan = loan;
    this.offset = offset;
    this.isView = isView;
  }
}

export class DeviceMemory {
  private readonly device: GPUDevice;
  private readonly stream: CommandStream;
  private readonly pipelines: Pipelines;
  private readonly pool: BufferPool;
  private readonly staging = new Map<number, GPUBuffer[]>();
  /** Elements that one binding may hold; a multiple of 4. */
  readonly maxBindingElements: number;
  private failure: EngineError | null = null;
  private flushing: Promise<void> | null = null;

  constructor(device: GPUDevice, stream: CommandStream, pipelines: Pipelines, maxBindingBytes: number) {
    this.device = device;
    this.maxBindingElements = Math.floor(maxBindingBytes / 16) * 4;
    this.stream = stream;
    this.pipelines = pipelines;
    this.pool = new BufferPool(device);
    device.addEventListener('uncapturederror', (event) => {
      this.failure ??= new EngineError(`WebGPU reported an error: ${event.error.message}`);
    });
    void device.lost.then((info) => {
      this.failure = new EngineError(`The WebGPU device was lost (${info.reason}): ${info.message}`);
    });
  }

  alloc(length: number, dtype: DType): DeviceBuffer {
    this.check();
    if (!Number.isInteger(length) || length < 0) {
      throw new EngineError(`alloc: length must be a whole number of elements, not ${length}.`);
    }
    const pooled = this.pool.take(Math.max(length, 1) * 4);
    return new WebgpuBuffer(dtype, length, { pooled, owner: this, freed: false }, 0, false);
  }

  view(buffer: DeviceBuffer, offset: number, length: number): DeviceBuffer {
    const base = this.handle('view', 'buffer', buffer);
    if (!Number.isInteger(offset) || offset % VIEW_ALIGNMENT !== 0) {
      throw new EngineError(`view: offset ${offset} is not a multiple of ${VIEW_ALIGNMENT} elements.`);
    }
    checkRange('view', base, offset, length);
    return new WebgpuBuffer(base.dtype, length, base.loan, base.offset + offset, true);
  }

  free(buffer: DeviceBuffer): void {
    const handle = this.handle('free', 'buffer', buffer);
    if (handle.isView) return;
    handle.loan.freed = true;
    this.pool.give(handle.loan.pooled);
    if (this.pool.overfull) {
      this.stream.flush();
      this.pipelines.dropBindGroups();
      this.pool.trim();
    }
  }

  /** Runs `body` with an f32 buffer that goes back to the pool when the calls are enqueued, or refused. */
  withScratch(length: number, body: (scratch: DeviceBuffer) => void): void {
    const scratch = this.alloc(length, 'f32');
    try {
      body(scratch);
    } finally {
      this.free(scratch);
    }
  }

  write(buffer: DeviceBuffer, data: Float32Array | Int32Array, offset: number): void {
    this.check();
    const handle = this.handle('write', 'buffer', buffer);
    const dtype: DType = data instanceof Float32Array ? 'f32' : 'i32';
    if (dtype !== handle.dtype)
      throw new EngineError(`write: the buffer holds ${handle.dtype}, the data is ${dtype}.`);
    checkRange('write', handle, offset, data.length);
    if (data.length === 0) return;
    const { pooled } = handle.loan;
    if (this.stream.uses(pooled)) this.stream.flush();
    const at = (handle.offset + offset) * 4;
    this.device.queue.writeBuffer(pooled.buffer, at, data.buffer, data.byteOffset, data.byteLength);
  }

  /** The bytes of `length` elements from `offset` on, in memory of the caller's own. */
  async read(buffer: DeviceBuffer, dtype: DType, offset: number, length?: number): Promise<ArrayBuffer> {
    this.check();
    const handle = this.handle('read', 'buffer', buffer);
    if (handle.dtype !== dtype)
      throw new EngineError(`read: the buffer holds ${handle.dtype}, not ${dtype}.`);
    const count = length ?? handle.length - offset;
    checkRange('read', handle, offset, count);
    if (count === 0) return new ArrayBuffer(0);
    const size = sizeClass(count * 4);
    const staging =
      this.staging.get(size)?.pop() ??
      this.device.createBuffer({ size, usage: bufferUsage.mapRead | bufferUsage.copyDst });
    this.stream.copyOut(handle.loan.pooled, (handle.offset + offset) * 4, staging, count * 4);
    await this.flushSoon();
    try {
      await staging.mapAsync(mapModeRead, 0, count * 4);
    } catch (error) {
      throw (
        this.failure ?? new EngineError(`read: ${error instanceof Error ? error.message : String(error)}`)
      );
    }
    const bytes = staging.getMappedRange(0, count * 4).slice(0);
    staging.unmap();
    const list = this.staging.get(size);
    if (list) list.push(staging);
    else this.staging.set(size, [staging]);
    this.check();
    return bytes;
  }

  /** Submits once for all the reads that are asked for in one go. */
  private flushSoon(): Promise<void> {
    this.flushing ??= Promise.resolve().then(() => {
      this.flushing = null;
      this.stream.flush();
    });
    return this.flushing;
  }

  async sync(): Promise<void> {
    this.check();
    this.stream.flush();
    await this.device.queue.onSubmittedWorkDone();
    this.check();
  }

  /** Zeroes the buffer. */
  clear(buffer: DeviceBuffer): void {
    const handle = this.handle('fill', 'buffer', buffer);
    if (handle.length > 0) this.stream.clear(handle.loan.pooled, handle.offset * 4, handle.length * 4);
  }

  /**
   * Copies between two buffers, or returns the element offsets in the whole buffer when both windows are of one:
   * WebGPU copies between different buffers only, so a kernel must do it.
   */
  copy(
    src: DeviceBuffer,
    srcOffset: number,
    dst: DeviceBuffer,
    dstOffset: number,
    length: number,
  ): { readonly whole: DeviceBuffer; readonly from: number; readonly to: number } | null {
    this.check();
    const source = this.handle('copy', 'src', src);
    const target = this.handle('copy', 'dst', dst);
    if (source.dtype !== target.dtype) {
      throw new EngineError(`copy: src holds ${source.dtype}, dst holds ${target.dtype}.`);
    }
    checkRange('copy, src', source, srcOffset, length);
    checkRange('copy, dst', target, dstOffset, length);
    if (length === 0) return null;
    const from = source.offset + srcOffset;
    const to = target.offset + dstOffset;
    if (source.loan !== target.loan) {
      this.stream.copy(source.loan.pooled, from * 4, target.loan.pooled, to * 4, length * 4);
      return null;
    }
    if (Math.abs(from - to) < length) throw new EngineError('copy: the two ranges overlap in one buffer.');
    const elements = Math.floor(source.loan.pooled.bytes / 4);
    return { whole: new WebgpuBuffer(source.dtype, elements, source.loan, 0, false), from, to };
  }

  /** The window a kernel binds for `buffer`, after checking owner, freedom, dtype and length. */
  window(op: string, name: string, buffer: DeviceBuffer, dtype: DType | 'u32', needed: number): BufferWindow {
    const handle = this.handle(op, name, buffer);
    if (dtype !== 'u32' && handle.dtype !== dtype) {
      throw new EngineError(`${op}: ${name} must hold ${dtype}, it holds ${handle.dtype}.`);
    }
    if (handle.length < needed) {
      throw new EngineError(`${op}: ${name} has ${handle.length} elements, ${needed} are needed.`);
    }
    const { pooled } = handle.loan;
    const limit = this.maxBindingElements * 4;
    // A whole buffer is bound to the end of its size class, so that one bind group serves every length in it.
    const byteLength = handle.isView ? Math.max(handle.length, 1) * 4 : pooled.bytes;
    if (byteLength <= limit) return { pooled, byteOffset: handle.offset * 4, byteLength };
    if (needed * 4 > limit) {
      throw new EngineError(
        `${op}: ${name} needs ${needed * 4} bytes in one binding, this adapter allows ` +
          `maxStorageBufferBindingSize ${limit}. Use a smaller batch or model, or the WebAssembly backend.`,
      );
    }
    return { pooled, byteOffset: handle.offset * 4, byteLength: limit };
  }

  usage(): { readonly bytes: number; readonly peakBytes: number } {
    return { bytes: this.pool.bytes, peakBytes: this.pool.peakBytes };
  }

  /** Throws what went wrong on the device, if anything did. */
  check(): void {
    if (this.failure) throw this.failure;
  }

  dispose(): void {
    this.failure ??= new EngineError('This WebGPU backend was disposed.');
    for (const list of this.staging.values()) for (const buffer of list) buffer.destroy();
    this.staging.clear();
    this.pool.dispose();
  }

  private handle(op: string, name: string, buffer: DeviceBuffer): WebgpuBuffer {
    if (!(buffer instanceof WebgpuBuffer) || buffer.loan.owner !== this) {
      throw new EngineError(`${op}: ${name} belongs to another backend.`);
    }
    if (buffer.loan.freed) throw new EngineError(`${op}: ${name} was freed.`);
    return buffer;
  }
}

function checkRange(op: string, buffer: DeviceBuffer, offset: number, length: number): void {
  const valid = Number.isInteger(offset) && Number.isInteger(length) && offset >= 0 && length >= 0;
  if (!valid || offset + length > buffer.length) {
    throw new EngineError(
      `${op}: elements ${offset} to ${offset + length} are not within the buffer of ${buffer.length}.`,
    );
  }
}
