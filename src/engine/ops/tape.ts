/**
 * Reverse-mode differentiation over kernels. A tape owns every buffer of one step; each op runs its forward
 * kernels at once and, while recording, pushes a node that runs its backward kernels.
 *
 *   const tape = new Tape(backend, 'record');
 *   try { …ops…; tape.backward([{ value, gradient }]); } finally { tape.release(); }
 *
 * Gradients of activations are allocated when first written, handed on without copying where an op only passes
 * them through, and freed (like the activations) as soon as backward is past the op that made the value.
 * Gradients of parameters live outside the tape, in the flat buffer of `TrainState`, and are always added to.
 */
import { EngineError, type Backend, type DeviceBuffer, type DType } from '../backend.ts';
import type { QuantKind } from '../quantised.ts';

interface Gradient {
  buffer: DeviceBuffer;
  /** Values that share the buffer: while more than one does, writing needs a copy first. */
  holders: number;
}

/** A matrix made during a step, data[rows, cols]. */
export class Value {
  readonly data: DeviceBuffer;
  readonly rows: number;
  readonly cols: number;
  /** Gradient of the loss by `data`; null until backward writes it. Managed by the tape. */
  gradient: Gradient | null = null;

  constructor(data: DeviceBuffer, rows: number, cols: number) {
    this.data = data;
    this.rows = rows;
    this.cols = cols;
  }

  get size(): number {
    return this.rows * this.cols;
  }
}

/** A weight as the ops see it. `grad` is null where the weight is frozen (or there is no training). */
export interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: DeviceBuffer;
  readonly grad: DeviceBuffer | null;
  /** `data` holds words of this kind (engine/quantised.ts), not f32. Such weights are frozen. */
  readonly quantised?: QuantKind;
  /** What is added to a frozen matrix. */
  readonly adapter?: LowRank;
}

/** scale · bᵀ·a beside a matrix [O,I]: a[r,I], b[r,O]. */
export interface LowRank {
  readonly a: Weight;
  readonly b: Weight;
  readonly scale: number;
}

/** Where a decoder's weights come from. */
export interface WeightSource {
  readonly backend: Backend;
  /** The weight of that name as on Hugging Face; stays valid when gradients are attached or detached. */
  weight(name: string): Weight;
}

interface Node {
  readonly outputs: readonly Value[];
  /** Buffers kept for backward beside the values (row statistics). */
  readonly saved: readonly DeviceBuffer[];
  readonly backward: () => void;
}

/**
 * Where backward begins: the gradient of the loss by `value`, row-major, as many numbers as the value has. A buffer is
 * only read, and stays its owner's.
 */
export interface Seed {
  readonly value: Value;
  readonly gradient: Float32Array | DeviceBuffer;
}

/** `record` keeps what backward needs; `infer` keeps nothing and lets ops free and overwrite early. */
export type TapeMode = 'record' | 'infer';

export class Tape {
  readonly backend: Backend;
  readonly recording: boolean;
  private readonly owned = new Set<DeviceBuffer>();
  private nodes: Node[] = [];

  constructor(backend: Backend, mode: TapeMode) {
    this.backend = backend;
    this.recording = mode === 'record';
  }

  /** Uninitialised memory that lives until `release` at the latest. */
  alloc(length: number, dtype: DType = 'f32'): DeviceBuffer {
    const buffer = this.backend.alloc(length, dtype);
    this.owned.add(buffer);
    return buffer;
  }

  /** An uninitialised value. */
  value(rows: number, cols: number): Value {
    return new Value(this.alloc(rows * cols), rows, cols);
  }

  /** Host numbers on the device. Upload everything a step needs before its first op: writes split submissions. */
  upload(data: Float32Array | Int32Array): DeviceBuffer {
    const buffer = this.alloc(data.length, data instanceof Int32Array ? 'i32' : 'f32');
    this.backend.write(buffer, data);
    return buffer;
  }

  /** Called by ops while recording: `backward` reads the outputs' gradients and writes the inputs'. */
  push(outputs: readonly Value[], saved: readonly DeviceBuffer[], backward: () => void): void {
    this.nodes.push({ outputs, saved, backward });
  }

  /** Says that no later op reads these values: frees them when nothing is recorded, else does nothing. */
  drop(...values: readonly Value[]): void {
    if (this.recording) return;
    for (const value of values) this.free(value.data);
  }

  /** Frees a buffer of this tape; a second time does nothing. */
  free(buffer: DeviceBuffer): void {
    if (this.owned.delete(buffer)) this.backend.free(buffer);
  }

  /**
   * Runs the recorded ops backwards from the seeds. Adds to the gradients of the weights, and frees activations on
   * the way: values made on this tape must not be read afterwards. Runs once.
   */
  backward(seeds: readonly Seed[]): void {
    if (!this.recording) throw new EngineError('backward() needs a tape made with mode "record"');
    for (const { value, gradient } of seeds) {
      if (gradient.length !== value.size) {
        throw new EngineError(`seed has ${gradient.length} numbers, its value ${value.rows}×${value.cols}`);
      }
      if (value.gradient !== null)
        throw new EngineError('a value can be seeded once only: add the gradients first');
      value.gradient =
        gradient instanceof Float32Array
          ? { buffer: this.upload(gradient), holders: 1 }
          : { buffer: gradient, holders: 2 }; // its owner is the second: nobody writes to it
    }
    const nodes = this.nodes;
    this.nodes = [];
    for (let i = nodes.length - 1; i >= 0; i--) {
      const node = nodes[i];
      if (node === undefined) continue;
      if (node.outputs.some((value) => value.gradient !== null)) node.backward();
      for (const value of node.outputs) {
        this.dropGradient(value);
        this.free(value.data);
      }
      for (const buffer of node.saved) this.free(buffer);
    }
  }

  /** Makes a buffer of another tape this one's. @returns whether it was that tape's */
  takeOver(from: Tape, buffer: DeviceBuffer): boolean {
    if (!from.owned.delete(buffer)) return false;
    this.owned.add(buffer);
    return true;
  }

  /** Frees everything the tape still owns. Safe to call twice; belongs in a `finally`. */
  release(): void {
    this.nodes = [];
    for (const buffer of this.owned) this.backend.free(buffer);
    this.owned.clear();
  }

  // ---- gradients, for the ops' backward closures ---------------------------------------------

  /** The gradient of an op's output; zeros where the loss did not depend on it. Read only. */
  gradientOf(value: Value): DeviceBuffer {
    return value.gradient?.buffer ?? this.gradientToAdd(value);
  }

  /**
   * The gradient of an input, to be written. Uninitialised if `value.gradient` was null before the call (write
   * with "="), else holding what to add to (write with "+=").
   */
  gradientToWrite(value: Value): DeviceBuffer {
    const gradient = value.gradient;
    if (gradient === null) {
      const buffer = this.alloc(value.size);
      value.gradient = { buffer, holders: 1 };
      return buffer;
    }
    if (gradient.holders > 1) {
      const buffer = this.alloc(value.size);
      this.backend.copy(gradient.buffer, 0, buffer, 0, value.size);
      gradient.holders--;
      value.gradient = { buffer, holders: 1 };
      return buffer;
    }
    return gradient.buffer;
  }

  /** The gradient of an input for kernels that can only add: zeroed when new. */
  gradientToAdd(value: Value): DeviceBuffer {
    if (value.gradient !== null) return this.gradientToWrite(value);
    const buffer = this.backend.zeros(value.size);
    this.owned.add(buffer);
    value.gradient = { buffer, holders: 1 };
    return buffer;
  }

  /** Lets a kernel that can only overwrite produce gradients of `values`, adding where there already is one. */
  overwriteGradients(values: readonly Value[], kernel: (buffers: readonly DeviceBuffer[]) => void): void {
    const held = values.map((value) => value.gradient !== null);
    const buffers = values.map((value, i) =>
      held[i] ? this.alloc(value.size) : this.gradientToWrite(value),
    );
    kernel(buffers);
    values.forEach((value, i) => {
      const extra = buffers[i];
      if (!held[i] || extra === undefined) return;
      this.backend.axpy(this.gradientToWrite(value), extra, 1, value.size);
      this.free(extra);
    });
  }

  /** Adds the gradient of `from` to that of `to`, sharing the buffer instead of copying where `to` has none. */
  passGradient(from: Value, to: Value): void {
    const gradient = from.gradient;
    if (gradient === null) return;
    if (to.gradient === null) {
      gradient.holders++;
      to.gradient = gradient;
    } else {
      this.backend.axpy(this.gradientToWrite(to), gradient.buffer, 1, to.size);
    }
  }

  private dropGradient(value: Value): void {
    const gradient = value.gradient;
    if (gradient === null) return;
    value.gradient = null;
    gradient.holders--;
    if (gradient.holders === 0) this.free(gradient.buffer);
  }
}
