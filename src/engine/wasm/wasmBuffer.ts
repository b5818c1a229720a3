/** Buffers of the WebAssembly backend: where their numbers lie. */

import type { DType, DeviceBuffer } from '../backend.ts';
import type { Packable } from './panels.ts';

/** Memory shared by a buffer and the views on it. */
interface Block extends Packable {
  readonly address: number;
  readonly bytes: number;
  freed: boolean;
}

/** What i32 of a buffer lie between. */
export interface Range {
  readonly version: number;
  readonly length: number;
  readonly least: number;
  readonly most: number;
}

/** A handle on linear memory, or a view on part of one. */
export class WasmBuffer implements DeviceBuffer {
  readonly dtype: DType;
  readonly length: number;
  /** The backend that it belongs to. */
  readonly owner: object;
  readonly block: Block;
  readonly address: number;
  readonly isView: boolean;
  /** Of its first `length` i32, as they were at a version of the block. */
  range: Range | null = null;

  constructor(owner: object, dtype: DType, length: number, block: Block, address: number, isView: boolean) {
    this.owner = owner;
    this.dtype = dtype;
    this.length = length;
    this.block = block;
    this.address = address;
    this.isView = isView;
  }
}
