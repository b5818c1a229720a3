import { at } from '../reference/arrays.ts';

/**
 * A seeded source of test inputs (mulberry32). Every real it returns is exactly a float32, so a kernel and its
 * float64 twin see the same input.
 */
export class Numbers {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let h = this.#state;
    h = Math.imul(h ^ (h >>> 15), h | 1);
    h ^= h + Math.imul(h ^ (h >>> 7), h | 61);
    return ((h ^ (h >>> 14)) >>> 0) / 4294967296;
  }

  /** `length` standard normal numbers times `scale`. */
  normal(length: number, scale = 1): Float64Array {
    return new Float64Array(length).map(() => {
      const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
      return Math.fround(scale * radius * Math.cos(2 * Math.PI * this.uniform()));
    });
  }

  /** `length` integers in [0, below). */
  integers(length: number, below: number): number[] {
    return Array.from({ length }, () => Math.floor(this.uniform() * below));
  }

  /** `length` different integers in [0, below), in random order. */
  distinct(length: number, below: number): number[] {
    const all = Array.from({ length: below }, (_, i) => i);
    for (let i = 0; i < length; i++) {
      const j = i + Math.floor(this.uniform() * (below - i));
      const swapped = at(all, j);
      all[j] = at(all, i);
      all[i] = swapped;
    }
    return all.slice(0, length);
  }
}

/** Segment offsets [0, l₀, l₀+l₁, …] for segment lengths. */
export function startsOf(lengths: readonly number[]): number[] {
  const starts = [0];
  for (const length of lengths) starts.push(at(starts, starts.length - 1) + length);
  return starts;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
