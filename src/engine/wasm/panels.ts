/**
 * Weights kept packed. A product needs its right-hand matrix in panels of 8 columns; decoding would pack the same
 * weights at every step, where a few rows do not pay for it. Panels are made at a matrix's second use and hold until
 * its memory is written to. The numbers are those of a product that packs for itself.
 */

import { EngineError } from '../backend.ts';
import type { Allocator } from './allocator.ts';

/** Most bytes of all panels together; what does not fit is packed at every use. */
const MOST_BYTES = 2 ** 29;

/** Memory that may hold weights. */
export interface Packable {
  /** Counts writes. */
  version: number;
  panels?: Map<number, Panels>;
}

interface Panels {
  readonly rows: number;
  readonly columns: number;
  /** The memory's version at the last use. */
  seen: number;
  /** Of the panels: where they are (0: nowhere yet) and which version of the memory they hold. */
  address: number;
  version: number;
}

/** Writes the panels of the matrix in question to an address. */
export type Packing = (panels: number) => void;

const bytesOf = ({ rows, columns }: Panels): number => Math.ceil(rows / 8) * columns * 32;

export class PanelStore {
  readonly #allocator: Allocator;
  #bytes = 0;

  constructor(allocator: Allocator) {
    this.#allocator = allocator;
  }

  /** The panels of the [rows, columns] matrix at `address` of a block, or 0 where it is not worth it. */
  find(block: Packable, address: number, rows: number, columns: number, pack: Packing): number {
    block.panels ??= new Map();
    let panels = block.panels.get(address);
    if (panels?.rows !== rows || panels.columns !== columns) {
      if (panels) this.#release(panels);
      panels = { rows, columns, seen: -1, address: 0, version: -1 };
      block.panels.set(address, panels);
    }
    if (panels.version === block.version) return panels.address;
    if (panels.seen !== block.version) {
      panels.seen = block.version;
      return 0;
    }
    if (panels.address === 0 && !this.#take(panels)) return 0;
    pack(panels.address);
    panels.version = block.version;
    return panels.address;
  }

  /** Frees the panels of a block. */
  forget(block: Packable): void {
    for (const panels of block.panels?.values() ?? []) this.#release(panels);
    delete block.panels;
  }

  #take(panels: Panels): boolean {
    const bytes = bytesOf(panels);
    if (this.#bytes + bytes > MOST_BYTES) return false;
    try {
      panels.address = this.#allocator.take(bytes);
    } catch (error) {
      if (error instanceof EngineError) return false;
      throw error;
    }
    this.#bytes += bytes;
    return true;
  }

  #release(panels: Panels): void {
    if (panels.address === 0) return;
    this.#allocator.release(panels.address, bytesOf(panels));
    this.#bytes -= bytesOf(panels);
    panels.address = 0;
  }
}
