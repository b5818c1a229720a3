import { EngineError, type Backend, type DeviceBuffer } from './backend.ts';
import type { DecoderConfig } from './config.ts';

/** Bytes of the keys and values of `slots` sequences of up to `capacity` tokens. */
export const cacheBytes = (config: DecoderConfig, slots: number, capacity: number): number =>
  4 * 2 * config.layers * slots * capacity * config.kvHeads * config.headDim;

/** Keys and values of `slots` sequences of up to `capacity` tokens: per layer two buffers [slots, capacity, Hkv·C]. */
export class KvCache {
  readonly slots: number;
  readonly capacity: number;
  /** [slots, 2] i32: which slot a slot was copied from, and how many positions; where the backend reads it. */
  readonly origins: DeviceBuffer | undefined;
  private readonly originTable: Int32Array;
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
    this.originTable = new Int32Array(2 * slots);
    this.origins = backend.sharesPrefixes === true ? backend.zeros(2 * slots, 'i32') : undefined;
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
    const further = this.origin(from);
    this.setOrigin(to, further.length >= length ? further.slot : from, length);
    this.writeOrigins();
  }

  /** The slot will hold another sequence: what was copied from it is read from the first of its copies from now on. */
  release(slot: number): void {
    let heir: { readonly slot: number; readonly length: number } | null = null;
    for (let other = 0; other < this.slots; other++) {
      const { slot: from, length } = this.origin(other);
      if (from !== slot || length === 0 || other === slot) continue;
      if (heir === null) {
        heir = { slot: other, length };
        this.setOrigin(other, other, 0);
      } else this.setOrigin(other, heir.slot, Math.min(heir.length, length));
    }
    this.setOrigin(slot, slot, 0);
    this.writeOrigins();
  }

  dispose(): void {
    for (const cache of [...this.keyCaches, ...this.valueCaches]) this.backend.free(cache);
    if (this.origins) this.backend.free(this.origins);
    this.keyCaches.length = 0;
    this.valueCaches.length = 0;
  }

  private origin(slot: number): { readonly slot: number; readonly length: number } {
    return { slot: this.originTable[2 * slot] ?? slot, length: this.originTable[2 * slot + 1] ?? 0 };
  }

  private setOrigin(slot: number, from: number, length: number): void {
    this.originTable[2 * slot] = from;
    this.originTable[2 * slot + 1] = length;
  }

  private writeOrigins(): void {
    if (this.origins) this.backend.write(this.origins, this.originTable);
  }
}

function cacheOf(caches: readonly DeviceBuffer[], layer: number): DeviceBuffer {
  const cache = caches[layer];
  if (cache === undefined) throw new EngineError(`the cache has no layer ${layer} (or is disposed)`);
  return cache;
}
