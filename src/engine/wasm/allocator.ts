/** Linear memory and its allocator: small blocks by size, larger ones cut from free ranges; 256-byte alignment. */

import { EngineError } from '../backend.ts';
import { FIRST_FREE_BYTE } from './commandBlock.ts';
import { FreeRanges } from './freeRanges.ts';

const PAGE = 65536;
const ALIGNMENT = 256;
const MOST_PAGES = 65536;
const FIRST_PAGES = 64;
/** Memory grows by at least this much, so that views are renewed rarely. */
const GROWTH_PAGES = 256;
/** Vector kernels may read this far past the end of a buffer. */
const READ_AHEAD = 256;

/** Makes the memory, asking for a smaller ceiling where the platform refuses 4 GiB. */
export function createMemory(shared: boolean): WebAssembly.Memory {
  for (let maximum = MOST_PAGES; ; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: FIRST_PAGES, maximum, shared });
    } catch (cause) {
      if (maximum <= 4096) throw new EngineError('The platform refuses WebAssembly memory', { cause });
    }
  }
}

function aligned(bytes: number): number {
  return Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
}

/** Blocks up to this size keep it for good, in a list a size: they come and go most often. */
const SMALL_BYTES = 4096;

export class Allocator {
  readonly memory: WebAssembly.Memory;
  /** The whole memory as numbers; renewed when it grows. */
  f32: Float32Array;
  i32: Int32Array;
  /** What callers hold now, and the most they ever held. */
  bytes = 0;
  peakBytes = 0;
  readonly #small = new Map<number, number[]>();
  readonly #large = new FreeRanges();
  readonly #onGrow: () => void;
  #top = FIRST_FREE_BYTE;

  constructor(memory: WebAssembly.Memory, onGrow: () => void) {
    this.memory = memory;
    this.#onGrow = onGrow;
    this.f32 = new Float32Array(memory.buffer);
    this.i32 = new Int32Array(memory.buffer);
  }

  /** The address of at least `bytes` bytes; give it back with `release` and the same number. */
  take(bytes: number): number {
    const size = aligned(bytes);
    const known = size <= SMALL_BYTES ? this.#small.get(size)?.pop() : undefined;
    const address = known ?? this.#large.take(size) ?? this.#extend(size);
    this.bytes += size;
    this.peakBytes = Math.max(this.peakBytes, this.bytes);
    return address;
  }

  release(address: number, bytes: number): void {
    const size = aligned(bytes);
    this.bytes -= size;
    if (size > SMALL_BYTES) {
      this.#large.give(address, size);
      return;
    }
    const list = this.#small.get(size);
    if (list) list.push(address);
    else this.#small.set(size, [address]);
  }

  #extend(size: number): number {
    // What is free at the end grows instead of lying idle below the new block.
    const address = this.#large.takeEnding(this.#top) ?? this.#top;
    const end = address + size;
    const missing = Math.ceil((end + READ_AHEAD - this.memory.buffer.byteLength) / PAGE);
    if (missing > 0 && !this.#grow(Math.max(missing, GROWTH_PAGES)) && !this.#grow(missing)) {
      if (address < this.#top) this.#large.give(address, this.#top - address);
      throw new EngineError(
        `Out of WebAssembly memory: ${size} bytes more than the ${this.bytes} in use do not fit. ` +
          'Use a smaller batch, fewer tokens or a smaller model.',
      );
    }
    this.#top = end;
    return address;
  }

  #grow(pages: number): boolean {
    try {
      this.memory.grow(pages);
    } catch {
      return false;
    }
    this.f32 = new Float32Array(this.memory.buffer);
    this.i32 = new Int32Array(this.memory.buffer);
    this.#onGrow();
    return true;
  }
}
