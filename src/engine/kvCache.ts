import { EngineError, type Backend, type DeviceBuffer } from './backend.ts';
import type { DecoderConfig } from './config.ts';

/** Bytes of the keys and values of `slots` sequences of up to `capacity` tokens. */
export const cacheBytes = (config: DecoderConfig, slots: number, capacity: number): number =>
  4 * 2 * config.layers * slots * capacity * config.kvHeads * config.headDim;

/** Keys and values of `slots` sequences of up to `capacity` tokens: per layer two buffers [slots, capacity, Hkv·C]. */
export class KvCache {
  readonly slots: number;
  readonly capacity: number;
  private readonly backend: Backend;
  private readonly width: number;
  private readonly keyCaches: DeviceBuffer[] = [];
  private readonly valueCaches: DeviceBuffer[] = [];

  constructor(backend: Backend, config: DecoderConfig, slots: number, capacity: number) {
    if (capacity > config.maxPositions) {
      throw new EngineError(
        `a cache of ${capacity} tokens a sequence exceeds the model's ${config.maxPositions} positions: ask for fewer`,
      );
    }
    this.backend = backend;
    this.slots = slots;
    this.capacity = capacity;
    this.width = config.kvHeads * config.headDim;
    try {
      for (let layer = 0; layer < config.layers; layer++) {
        this.keyCaches.push(backend.alloc(slots * capacity * this.width));
        this.valueCaches.push(backend.alloc(slots * capacity * this.width));
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  keys(layer: number): DeviceBuffer {
    return cacheOf(this.keyCaches, layer);
  }

  values(layer: number): DeviceBuffer {
    return cacheOf(this.valueCaches, layer);
  }

  /** Copies the first `length` positions of a slot: a group's shared prompt is computed once. */
  copySlot(from: number, to: number, length: number): void {
    for (const cache of [...this.keyCaches, ...this.valueCaches]) {
      this.backend.cacheCopySlot(cache, from, to, length, this.width, this.capacity);
    }
  }

  dispose(): void {
    for (const cache of [...this.keyCaches, ...this.valueCaches]) this.backend.free(cache);
    this.keyCaches.length = 0;
    this.valueCaches.length = 0;
  }
}

function cacheOf(caches: readonly DeviceBuffer[], layer: number): DeviceBuffer {
  const cache = caches[layer];
  if (cache === undefined) throw new EngineError(`the cache has no layer ${layer} (or is disposed)`);
  return cache;
}
