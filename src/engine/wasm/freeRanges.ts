/**
 * Free ranges of memory, in order of address; neighbours are one. A training step takes some hundred buffers whose
 * sizes follow the tokens of its batch: lists by size would keep memory for every size there ever was.
 */
export class FreeRanges {
  readonly #starts: number[] = [];
  readonly #sizes: number[] = [];

  /** The start of `size` bytes cut from the smallest range that holds them, the lowest among equals. */
  take(size: number): number | undefined {
    const sizes = this.#sizes;
    let best = -1;
    let least = Infinity;
    for (let i = 0; i < sizes.length; i++) {
      const here = sizes[i] as number;
      if (here < size || here >= least) continue;
      best = i;
      least = here;
      if (here === size) break;
    }
    if (best < 0) return undefined;
    const start = this.#starts[best] as number;
    if (least === size) this.#drop(best);
    else {
      this.#starts[best] = start + size;
      sizes[best] = least - size;
    }
    return start;
  }

  /** Takes the whole range that ends at `end`, if there is one. */
  takeEnding(end: number): number | undefined {
    const last = this.#starts.length - 1;
    const start = this.#starts[last];
    if (start === undefined || start + (this.#sizes[last] as number) !== end) return undefined;
    this.#drop(last);
    return start;
  }

  give(start: number, size: number): void {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] as number) < start) low = middle + 1;
      else high = middle;
    }
    const touchesBefore =
      low > 0 && (this.#starts[low - 1] as number) + (this.#sizes[low - 1] as number) === start;
    const touchesAfter = low < this.#starts.length && this.#starts[low] === start + size;
    if (touchesBefore) {
      this.#sizes[low - 1] = (this.#sizes[low - 1] as number) + size;
      if (!touchesAfter) return;
      this.#sizes[low - 1] = (this.#sizes[low - 1] as number) + (this.#sizes[low] as number);
      this.#drop(low);
    } else if (touchesAfter) {
      this.#starts[low] = start;
      this.#sizes[low] = (this.#sizes[low] as number) + size;
    } else {
      this.#starts.splice(low, 0, start);
      this.#sizes.splice(low, 0, size);
    }
  }

  #drop(index: number): void {
    this.#starts.splice(index, 1);
    this.#sizes.splice(index, 1);
  }
}
