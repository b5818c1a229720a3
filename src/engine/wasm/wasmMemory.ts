/** Buffers of the WebAssembly backend: handles on linear memory, checked at every use. */

import { EngineError, type DType, type DeviceBuffer } from '../backend.ts';
import { Allocator } from './allocator.ts';
import { CommandArguments, type KernelName } from './commandBlock.ts';
import { PanelStore, type Packing } from './panels.ts';
import { scratchStride } from './scratch.ts';
import type { ThreadPool } from './threads.ts';
import { WasmBuffer, type Range } from './wasmBuffer.ts';

const VIEW_ALIGNMENT = 64;

/** Numbers a bulk copy or an elementwise kernel hands out at a time. */
export const ELEMENT_GRAIN = 16384;

/** Memory, transfers and kernel launches; `WasmBackend` adds the kernels. */
export class WasmMemory {
  readonly viewAlignment = VIEW_ALIGNMENT;
  /** Addresses of wasm32 have 32 bits. */
  readonly memoryLimit = 2 ** 32;
  protected readonly allocator: Allocator;
  readonly #pool: ThreadPool;
  readonly #arguments: CommandArguments;
  #scratch = { address: 0, stride: 0 };
  #common = { address: 0, bytes: 0 };
  readonly #panels: PanelStore;
  #disposed = false;

  constructor(memory: WebAssembly.Memory, pool: ThreadPool) {
    this.#pool = pool;
    this.#arguments = new CommandArguments(memory);
    this.allocator = new Allocator(memory, () => {
      this.#arguments.refresh(memory);
      pool.refresh(memory);
    });
    this.#panels = new PanelStore(this.allocator);
  }

  alloc(length: number, dtype: DType = 'f32'): DeviceBuffer {
    if (this.#disposed) throw new EngineError('alloc: the backend is disposed');
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new EngineError(`alloc: length must be a non-negative integer, got ${length}`);
    }
    const bytes = length * 4;
    const address = this.allocator.take(bytes);
    return new WasmBuffer(this, dtype, length, { address, bytes, freed: false, version: 0 }, address, false);
  }

  zeros(length: number, dtype: DType = 'f32'): DeviceBuffer {
    const buffer = this.alloc(length, dtype);
    this.fill(buffer, 0);
    return buffer;
  }

  view(buffer: DeviceBuffer, offset: number, length: number): DeviceBuffer {
    const own = this.#own('view', 'buffer', buffer);
    if (!Number.isSafeInteger(offset) || offset < 0 || offset % VIEW_ALIGNMENT !== 0) {
      throw new EngineError(`view: offset must be a multiple of ${VIEW_ALIGNMENT} elements, got ${offset}`);
    }
    checkRange('view', 'buffer', own, offset, length);
    return new WasmBuffer(this, own.dtype, length, own.block, own.address + offset * 4, true);
  }

  free(buffer: DeviceBuffer): void {
    const own = this.#own('free', 'buffer', buffer);
    if (own.isView) return;
    own.block.freed = true;
    this.#panels.forget(own.block);
    this.allocator.release(own.block.address, own.block.bytes);
  }

  write(buffer: DeviceBuffer, data: Float32Array | Int32Array, offset = 0): void {
    const own = this.#own('write', 'buffer', buffer);
    const dtype = data instanceof Float32Array ? 'f32' : 'i32';
    if (dtype !== own.dtype) throw new EngineError(`write: data is ${dtype} but buffer is ${own.dtype}`);
    checkRange('write', 'buffer', own, offset, data.length);
    own.block.version++;
    (data instanceof Float32Array ? this.allocator.f32 : this.allocator.i32).set(
      data,
      own.address / 4 + offset,
    );
  }

  readF32(buffer: DeviceBuffer, offset = 0, length = buffer.length - offset): Promise<Float32Array> {
    const start = this.#readable('readF32', 'f32', buffer, offset, length);
    return Promise.resolve(new Float32Array(this.allocator.f32.subarray(start, start + length)));
  }

  readI32(buffer: DeviceBuffer, offset = 0, length = buffer.length - offset): Promise<Int32Array> {
    const start = this.#readable('readI32', 'i32', buffer, offset, length);
    return Promise.resolve(new Int32Array(this.allocator.i32.subarray(start, start + length)));
  }

  copy(src: DeviceBuffer, srcOffset: number, dst: DeviceBuffer, dstOffset: number, length: number): void {
    const from = this.#own('copy', 'src', src);
    const to = this.#own('copy', 'dst', dst);
    if (from.dtype !== to.dtype) throw new EngineError(`copy: src is ${from.dtype} but dst is ${to.dtype}`);
    checkRange('copy', 'src', from, srcOffset, length);
    checkRange('copy', 'dst', to, dstOffset, length);
    const bytes = length * 4;
    to.block.version++;
    this.command()
      .int(from.address + srcOffset * 4)
      .int(to.address + dstOffset * 4);
    // In one piece: src and dst may overlap within one buffer.
    this.launch('copyBytes', bytes, bytes);
  }

  fill(buffer: DeviceBuffer, value: number): void {
    const own = this.#own('fill', 'buffer', buffer);
    own.block.version++;
    const start = own.address / 4;
    (own.dtype === 'f32' ? this.allocator.f32 : this.allocator.i32).fill(value, start, start + own.length);
  }

  sync(): Promise<void> {
    return Promise.resolve();
  }

  memory(): { readonly bytes: number; readonly peakBytes: number } {
    return { bytes: this.allocator.bytes, peakBytes: this.allocator.peakBytes };
  }

  dispose(): void {
    this.#disposed = true;
    this.#pool.terminate();
  }

  get threads(): number {
    return this.#pool.count;
  }

  /** Starts a fresh list of kernel arguments. */
  protected command(): CommandArguments {
    return this.#arguments.start();
  }

  /** Runs a kernel on the arguments last written, `grain` items at a time. */
  protected launch(kernel: KernelName, items: number, grain: number): void {
    if (this.#disposed) throw new EngineError(`${kernel}: the backend is disposed`);
    this.#pool.run(kernel, items, Math.max(1, grain), this.#scratch.address, this.#scratch.stride);
  }

  /** Makes sure every thread has `bytes` of scratch memory. Call before writing arguments: memory may grow. */
  protected reserveScratch(bytes: number): void {
    if (bytes <= this.#scratch.stride) return;
    const { address, stride } = this.#scratch;
    if (stride > 0) this.allocator.release(address, stride * this.threads);
    const next = scratchStride(bytes);
    this.#scratch = { address: 0, stride: 0 };
    this.#scratch = { address: this.allocator.take(next * this.threads), stride: next };
  }

  /** The address of `bytes` of memory for results between two launches of one kernel call. */
  protected reserveCommon(bytes: number): number {
    if (bytes > this.#common.bytes) {
      if (this.#common.bytes > 0) this.allocator.release(this.#common.address, this.#common.bytes);
      this.#common = { address: 0, bytes: 0 };
      this.#common = { address: this.allocator.take(bytes), bytes };
    }
    return this.#common.address;
  }

  /** The address of a buffer that must hold at least `length` f32. */
  protected f32(kernel: string, name: string, buffer: DeviceBuffer, length: number): number {
    return this.#checked(kernel, name, buffer, 'f32', length);
  }

  /** As `f32`, or `i32`, for a buffer that the kernel writes to. */
  protected output(
    kernel: string,
    name: string,
    buffer: DeviceBuffer,
    length: number,
    dtype: DType = 'f32',
  ): number {
    const address = this.#checked(kernel, name, buffer, dtype, length);
    this.#own(kernel, name, buffer).block.version++;
    return address;
  }

  /** Counts the writes to a buffer's memory. */
  protected versionOf(kernel: string, name: string, buffer: DeviceBuffer): number {
    return this.#own(kernel, name, buffer).block.version;
  }

  /** The panels of wᵀ for a matrix w[N,K] that is used again and again, packed by `pack`; else 0. */
  protected panels(kernel: string, w: DeviceBuffer, N: number, K: number, pack: Packing): number {
    const { block, address } = this.#own(kernel, 'w', w);
    return this.#panels.find(block, address, N, K, pack);
  }

  /** The address of a buffer that must hold at least `length` i32. */
  protected i32(kernel: string, name: string, buffer: DeviceBuffer, length: number): number {
    return this.#checked(kernel, name, buffer, 'i32', length);
  }

  /** As `i32`, and every one of the first `length` values lies in [0, limit). */
  protected indices(
    kernel: string,
    name: string,
    buffer: DeviceBuffer,
    length: number,
    limit: number,
  ): number {
    const { least, most } = this.range(kernel, name, buffer, length);
    const address = this.i32(kernel, name, buffer, length);
    if (least >= 0 && most < limit) return address;
    const values = this.allocator.i32.subarray(address / 4, address / 4 + length);
    const wrong = values.findIndex((value) => value < 0 || value >= limit);
    throw new EngineError(`${kernel}: ${name}[${wrong}] = ${values[wrong]} is outside 0…${limit - 1}`);
  }

  /** The least and the largest of the first `length` values, ∞ and −∞ of none; looked for once for each write. */
  protected range(kernel: string, name: string, buffer: DeviceBuffer, length: number): Range {
    const start = this.i32(kernel, name, buffer, length) / 4;
    const own = this.#own(kernel, name, buffer);
    const { version } = own.block;
    if (own.range?.version === version && own.range.length === length) return own.range;
    const values = this.allocator.i32;
    let [least, most] = [Infinity, -Infinity];
    for (let i = start; i < start + length; i++) {
      const value = values[i] as number;
      if (value < least) least = value;
      if (value > most) most = value;
    }
    own.range = { version, length, least, most };
    return own.range;
  }

  #checked(kernel: string, name: string, buffer: DeviceBuffer, dtype: DType, length: number): number {
    const own = this.#own(kernel, name, buffer);
    if (own.dtype !== dtype) throw new EngineError(`${kernel}: ${name} must be ${dtype}, is ${own.dtype}`);
    if (own.length < length) {
      throw new EngineError(`${kernel}: ${name} needs ${length} elements, has ${own.length}`);
    }
    return own.address;
  }

  #own(kernel: string, name: string, buffer: DeviceBuffer): WasmBuffer {
    if (!(buffer instanceof WasmBuffer) || buffer.owner !== this) {
      throw new EngineError(`${kernel}: ${name} belongs to another backend`);
    }
    if (buffer.block.freed) throw new EngineError(`${kernel}: ${name} is freed`);
    return buffer;
  }

  #readable(kernel: string, dtype: DType, buffer: DeviceBuffer, offset: number, length: number): number {
    const own = this.#own(kernel, 'buffer', buffer);
    if (own.dtype !== dtype) throw new EngineError(`${kernel}: buffer is ${own.dtype}`);
    checkRange(kernel, 'buffer', own, offset, length);
    return own.address / 4 + offset;
  }
}

function checkRange(
  kernel: string,
  name: string,
  buffer: DeviceBuffer,
  offset: number,
  length: number,
): void {
  if (offset < 0 || length < 0 || !(offset + length <= buffer.length)) {
    throw new EngineError(
      `${kernel}: elements ${offset}…${offset + length} lie outside ${name} of ${buffer.length} elements`,
    );
  }
}
