import type { Backend, DeviceBuffer, DType } from '../../../src/engine/backend.ts';
import { at } from '../reference/arrays.ts';

/** One check of a backend. `run` throws an Error that says what differs. */
export interface KernelCase {
  readonly name: string;
  run(backend: Backend): Promise<void>;
}

/** A value no kernel computes by chance: fills outputs before a kernel runs and the margins around them after. */
const CANARY = -12345.5;
const CANARY_I32 = -12345;

interface Guard {
  readonly base: DeviceBuffer;
  readonly end: number;
  readonly start: number;
}

/**
 * The buffers of one case. Outputs are views with margins on both sides, filled with a canary first: an output
 * that a kernel should overwrite and did not, or a write beside it, shows. Inputs are compared with their
 * original at the end: no kernel may change them.
 */
export class Kit {
  readonly backend: Backend;
  #owned: DeviceBuffer[] = [];
  #inputs: { buffer: DeviceBuffer; values: Float32Array | Int32Array }[] = [];
  #guards: Guard[] = [];

  constructor(backend: Backend) {
    this.backend = backend;
  }

  /** An f32 input. */
  f32(values: ArrayLike<number>): DeviceBuffer {
    return this.#input(Float32Array.from(values), 'f32');
  }

  /** An i32 input. */
  i32(values: ArrayLike<number>): DeviceBuffer {
    return this.#input(Int32Array.from(values), 'i32');
  }

  /** An output of `length` elements holding canaries. */
  output(length: number, dtype: DType = 'f32'): DeviceBuffer {
    const canary = dtype === 'f32' ? CANARY : CANARY_I32;
    const margin = this.backend.viewAlignment;
    const total = margin + Math.ceil(length / margin) * margin + margin;
    const base = this.own(this.backend.alloc(total, dtype));
    const data = dtype === 'f32' ? new Float32Array(total) : new Int32Array(total);
    this.backend.write(base, data.fill(canary));
    this.#guards.push({ base, start: margin, end: margin + length });
    return this.backend.view(base, margin, length);
  }

  /** An output that starts with `values`: for kernels that add to it or work in place. */
  state(values: ArrayLike<number>): DeviceBuffer {
    const buffer = this.output(values.length);
    this.backend.write(buffer, Float32Array.from(values));
    return buffer;
  }

  /** Frees `buffer` when the case ends. */
  own(buffer: DeviceBuffer): DeviceBuffer {
    this.#owned.push(buffer);
    return buffer;
  }

  async read(buffer: DeviceBuffer): Promise<Float32Array> {
    return this.backend.readF32(buffer);
  }

  /** Reads an f32 output and compares it with its twin. */
  async expectClose(
    what: string,
    buffer: DeviceBuffer,
    want: ArrayLike<number>,
    limits: Closeness = {},
  ): Promise<void> {
    expectClose(what, await this.read(buffer), want, limits);
  }

  /** Throws if an input changed or a margin was written to. */
  async verify(): Promise<void> {
    for (const [i, { buffer, values }] of this.#inputs.entries()) {
      const now =
        buffer.dtype === 'f32' ? await this.backend.readF32(buffer) : await this.backend.readI32(buffer);
      expectSameBits(`input buffer ${i} (it must not change)`, now, values);
    }
    for (const [i, guard] of this.#guards.entries()) {
      const { base } = guard;
      const float = base.dtype === 'f32';
      const now = float ? await this.backend.readF32(base) : await this.backend.readI32(base);
      const canary = float ? CANARY : CANARY_I32;
      for (let j = 0; j < now.length; j++) {
        if (j >= guard.start && j < guard.end) continue;
        if (now[j] !== canary) {
          throw new Error(
            `output buffer ${i} (length ${guard.end - guard.start}): element ${j - guard.start}, ` +
              `outside it, was written to (${String(now[j])})`,
          );
        }
      }
    }
  }

  release(): void {
    for (const buffer of this.#owned) this.backend.free(buffer);
  }

  #input(values: Float32Array | Int32Array, dtype: DType): DeviceBuffer {
    const buffer = this.own(this.backend.alloc(values.length, dtype));
    this.backend.write(buffer, values);
    this.#inputs.push({ buffer, values: values.slice() });
    return buffer;
  }
}

/** A case that works with a Kit, verified and released at its end. */
export function kernelCase(name: string, body: (kit: Kit) => Promise<void>): KernelCase {
  return {
    name,
    async run(backend) {
      const kit = new Kit(backend);
      try {
        await body(kit);
        await kit.verify();
      } finally {
        kit.release();
      }
    },
  };
}

export interface Closeness {
  /** Allowed error as a part of the magnitude; DEFAULT_TOLERANCE if absent. */
  readonly tolerance?: number;
  /** What the error is measured against, if larger than the largest expected value. */
  readonly magnitude?: number;
}

/**
 * A float32 has a relative rounding error of 6e-8. Sums of the few hundred terms used here, exp, log, sin and
 * division as WGSL allows them (a few units in the last place each) stay below 1e-5 of the largest value of
 * their array; a wrong index, mask or missing term is far above. The error is measured against the largest
 * value because single elements are small by cancellation, not by scale.
 */
export const DEFAULT_TOLERANCE = 2e-5;

export function expectClose(
  what: string,
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  limits: Closeness = {},
): void {
  if (got.length !== want.length) {
    throw new Error(`${what}: has ${got.length} elements, its twin ${want.length}`);
  }
  let magnitude = limits.magnitude ?? 0;
  for (let i = 0; i < want.length; i++) magnitude = Math.max(magnitude, Math.abs(at(want, i)));
  const allowed = (limits.tolerance ?? DEFAULT_TOLERANCE) * magnitude;
  let worst = -1;
  let worstError = -1;
  let wrong = 0;
  for (let i = 0; i < want.length; i++) {
    const difference = Math.abs(at(got, i) - at(want, i));
    const error = Number.isNaN(difference) ? Infinity : difference;
    if (error > allowed) wrong++;
    if (error > worstError) {
      worstError = error;
      worst = i;
    }
  }
  if (wrong > 0) {
    throw new Error(
      `${what}: ${wrong} of ${want.length} elements differ from the twin; worst at ${worst}: ` +
        `got ${at(got, worst)}, want ${at(want, worst)}, error ${worstError.toExponential(2)}, ` +
        `allowed ${allowed.toExponential(2)}`,
    );
  }
}

/** Same length and same bits (so NaN equals NaN, and −0 differs from 0). */
export function expectSameBits(
  what: string,
  got: Float32Array | Int32Array,
  want: Float32Array | Int32Array,
): void {
  const gotBits = new Uint32Array(got.buffer, got.byteOffset, got.length);
  const wantBits = new Uint32Array(want.buffer, want.byteOffset, want.length);
  if (got.length !== want.length) {
    throw new Error(`${what}: has ${got.length} elements, expected ${want.length}`);
  }
  for (let i = 0; i < got.length; i++) {
    if (gotBits[i] !== wantBits[i]) {
      throw new Error(`${what}: element ${i} is ${at(got, i)}, expected exactly ${at(want, i)}`);
    }
  }
}

/** a + b, for the expected value of a kernel that adds to its output. */
export function plus(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  return Float64Array.from(a, (value, i) => value + at(b, i));
}
