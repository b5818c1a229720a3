/**
 * GPU buffers by size class. Freed buffers wait for the next request of their class, because making and
 * destroying buffers every step costs more than the memory kept.
 */

import { EngineError } from '../backend.ts';
import { bufferUsage } from './gpuFlags.ts';

/** One GPU buffer of the pool. */
export interface PooledBuffer {
  readonly id: number;
  readonly buffer: GPUBuffer;
  readonly bytes: number;
  /** Submit number of the commands that used it last; compared with the pending one before a write. */
  lastUse: number;
}

const MIN_BYTES = 256;
/** Most bytes kept idle before `trim` gives memory back. */
const IDLE_BYTES = 1 << 30;

/** Smallest class that holds `bytes`: powers of two with three steps between, so at most a fifth is unused. */
export function sizeClass(bytes: number): number {
  if (bytes <= MIN_BYTES) return MIN_BYTES;
  const power = 2 ** Math.floor(Math.log2(bytes));
  const step = Math.max(power / 4, MIN_BYTES);
  return Math.ceil(bytes / step) * step;
}

export class BufferPool {
  private readonly device: GPUDevice;
  private readonly idle = new Map<number, PooledBuffer[]>();
  private readonly all = new Set<PooledBuffer>();
  private nextId = 0;
  private idleBytes = 0;
  private liveBytes = 0;
  private peak = 0;

  constructor(device: GPUDevice) {
    this.device = device;
  }

  get bytes(): number {
    return this.liveBytes;
  }

  get peakBytes(): number {
    return this.peak;
  }

  /** True when so much lies idle that `trim` should run. */
  get overfull(): boolean {
    return this.idleBytes > IDLE_BYTES;
  }

  take(bytes: number): PooledBuffer {
    const limit = this.device.limits.maxBufferSize;
    if (bytes > limit) {
      throw new EngineError(
        `A buffer of ${bytes} bytes is larger than this adapter allows (maxBufferSize ${limit}). ` +
          'Use a smaller batch or model.',
      );
    }
    const size = Math.min(sizeClass(bytes), Math.floor(limit / 4) * 4);
    this.liveBytes += size;
    this.peak = Math.max(this.peak, this.liveBytes);
    const reused = this.idle.get(size)?.pop();
    if (reused) {
      this.idleBytes -= size;
      return reused;
    }
    const buffer = this.device.createBuffer({
      size,
      usage: bufferUsage.storage | bufferUsage.copySrc | bufferUsage.copyDst,
    });
    const pooled: PooledBuffer = { id: this.nextId++, buffer, bytes: size, lastUse: -1 };
    this.all.add(pooled);
    return pooled;
  }

  give(pooled: PooledBuffer): void {
    this.liveBytes -= pooled.bytes;
    this.idleBytes += pooled.bytes;
    const list = this.idle.get(pooled.bytes);
    if (list) list.push(pooled);
    else this.idle.set(pooled.bytes, [pooled]);
  }

  /** Destroys every idle buffer. Commands that use them must have been submitted, cached bind groups dropped. */
  trim(): void {
    for (const list of this.idle.values()) {
      for (const pooled of list) {
        pooled.buffer.destroy();
        this.all.delete(pooled);
      }
    }
    this.idle.clear();
    this.idleBytes = 0;
  }

  dispose(): void {
    for (const pooled of this.all) pooled.buffer.destroy();
    this.all.clear();
    this.idle.clear();
    this.idleBytes = 0;
    this.liveBytes = 0;
  }
}
