/** Linear memory and its allocator: size classes with free lists, 256-byte alignment. */

import { EngineError } from '../backend.ts';
import { FIRST_FREE_BYTE } from './commandBlock.ts';

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

/** Bytes of the size class that holds `bytes`: four classes an octave, multiples of 256. */
function sizeClass(bytes: number): number {
  const needed = aligned(bytes);
  if (needed <= 8 * ALIGNMENT) return needed;
  const step = 2 ** (Math.floor(Math.log2(needed - 1)) - 2);
  return Math.ceil(needed / step) * step;
}

export class Allocator {
  readonly memory: WebAssembly.Memory;
  /** The whole memory as numbers; renewed when it grows. */
  f32: Float32Array;
  i32: Int32Array;
  /** What callers hold now, and the most they ever held, without what size classes round up. */
  bytes = 0;
  peakBytes = 0;
  readonly #free = new Map<number, number[]>();
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
    const size = sizeClass(bytes);
    const address = this.#free.get(size)?.pop() ?? this.#extend(size);
    this.bytes += aligned(bytes);
    this.peakBytes = Math.max(this.peakBytes, this.bytes);
    return address;
  }

  release(address: number, bytes: number): void {
    const size = sizeClass(bytes);
    const list = this.#free.get(size);
    if (list) list.push(address);
    else this.#free.set(size, [address]);
    this.bytes -= aligned(bytes);
  }

  #extend(size: number): number {
    const end = this.#top + size;
    const missing = Math.ceil((end + READ_AHEAD - this.memory.buffer.byteLength) / PAGE);
    if (missing > 0 && !this.#grow(Math.max(missing, GROWTH_PAGES)) && !this.#grow(missing)) {
      throw new EngineError(
        `Out of WebAssembly memory: ${size} bytes more than the ${this.bytes} in use do not fit. ` +
          'Use a smaller batch, fewer tokens or a smaller model.',
      );
    }
    const address = this.#top;
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
