/** The kernels that work row by row or number by number. */

import { EngineError, type DeviceBuffer } from '../backend.ts';
import { ropeFrequencies, ropeKey, type RopeScaling } from '../ropeScaling.ts';
import { ELEMENT_GRAIN } from './wasmMemory.ts';
import { WasmOptimiserKernels } from './wasmOptimiserKernels.ts';

/** Rows of one partial weight gradient in `rmsnormBackward`; the same number as in assembly/norm.ts. */
const NORM_PARTIAL_ROWS = 128;

interface RopeTable {
  readonly buffer: DeviceBuffer;
  readonly positions: number;
}

/** Rows a thread takes at a time when a row has `width` numbers. */
function rowGrain(width: number): number {
  return Math.max(1, Math.ceil(ELEMENT_GRAIN / Math.max(1, width)));
}

export class WasmRowKernels extends WasmOptimiserKernels {
  readonly #ropeTables = new Map<string, RopeTable>();

  axpy(dst: DeviceBuffer, src: DeviceBuffer, alpha: number, n: number): void {
    this.command()
      .int(this.output('axpy', 'dst', dst, n))
      .int(this.f32('axpy', 'src', src, n))
      .float(alpha);
    this.launch('axpy', n, ELEMENT_GRAIN);
  }

  add(a: DeviceBuffer, b: DeviceBuffer, y: DeviceBuffer, n: number): void {
    this.command()
      .int(this.f32('add', 'a', a, n))
      .int(this.f32('add', 'b', b, n))
      .int(this.output('add', 'y', y, n));
    this.launch('add', n, ELEMENT_GRAIN);
  }

  embedding(ids: DeviceBuffer, table: DeviceBuffer, y: DeviceBuffer, T: number, D: number): void {
    this.#gather('embedding', { table, ids, y }, T, D);
  }

  embeddingBackward(
    ids: DeviceBuffer,
    dy: DeviceBuffer,
    dTable: DeviceBuffer,
    T: number,
    D: number,
    V: number,
  ): void {
    this.f32('embeddingBackward', 'dTable', dTable, V * D);
    this.#scatter('embeddingBackward', { dy, ids, dTable }, T, D, V);
  }

  gatherRows(x: DeviceBuffer, rows: DeviceBuffer, y: DeviceBuffer, N: number, D: number): void {
    this.#gather('gatherRows', { x, rows, y }, N, D);
  }

  scatterRowsAdd(dy: DeviceBuffer, rows: DeviceBuffer, dx: DeviceBuffer, N: number, D: number): void {
    this.#scatter('scatterRowsAdd', { dy, rows, dx }, N, D, Math.floor(dx.length / D));
  }

  /** `buffers`: source, indices and target, named as the caller knows them. */
  #gather(kernel: string, buffers: Record<string, DeviceBuffer>, N: number, D: number): void {
    const [source, index, target] = namedTriple(buffers);
    const limit = Math.floor(source.buffer.length / D);
    this.command()
      .int(this.f32(kernel, source.name, source.buffer, 0))
      .int(this.indices(kernel, index.name, index.buffer, N, limit))
      .int(this.output(kernel, target.name, target.buffer, N * D))
      .int(D);
    this.launch('gatherRows', N, rowGrain(D));
  }

  #scatter(kernel: string, buffers: Record<string, DeviceBuffer>, N: number, D: number, limit: number): void {
    const [source, index, target] = namedTriple(buffers);
    this.command()
      .int(this.f32(kernel, source.name, source.buffer, N * D))
      .int(this.indices(kernel, index.name, index.buffer, N, limit))
      .int(this.output(kernel, target.name, target.buffer, 0))
      .int(N)
      .int(D);
    this.launch('scatterAdd', D, this.#columnGrain(N, D));
  }

  /** Columns a thread takes at a time: whole cache lines, or everything when there is little to do. */
  #columnGrain(rows: number, columns: number): number {
    if (rows * columns <= ELEMENT_GRAIN) return columns;
    return Math.max(16, Math.ceil(columns / this.threads / 16) * 16);
  }

  segmentMean(x: DeviceBuffer, starts: DeviceBuffer, y: DeviceBuffer, S: number, D: number): void {
    const T = this.segments('segmentMean', starts, S);
    this.command()
      .int(this.f32('segmentMean', 'x', x, T * D))
      .int(this.i32('segmentMean', 'starts', starts, S + 1))
      .int(this.output('segmentMean', 'y', y, S * D))
      .int(D);
    this.launch('segmentMean', S, rowGrain((T * D) / Math.max(1, S)));
  }

  segmentMeanBackward(
    dy: DeviceBuffer,
    starts: DeviceBuffer,
    dx: DeviceBuffer,
    S: number,
    T: number,
    D: number,
  ): void {
    this.segments('segmentMeanBackward', starts, S, T);
    this.command()
      .int(this.f32('segmentMeanBackward', 'dy', dy, S * D))
      .int(this.i32('segmentMeanBackward', 'starts', starts, S + 1))
      .int(this.output('segmentMeanBackward', 'dx', dx, T * D))
      .int(D);
    this.launch('segmentMeanBackward', S, rowGrain((T * D) / Math.max(1, S)));
  }

  linearBackwardBias(dy: DeviceBuffer, db: DeviceBuffer, T: number, O: number): void {
    const from = this.f32('linearBackwardBias', 'dy', dy, T * O);
    this.#columnSums(from, this.output('linearBackwardBias', 'db', db, O), T, O);
  }

  #columnSums(from: number, to: number, rows: number, columns: number): void {
    this.command().int(from).int(to).int(rows).int(columns);
    this.launch('columnSums', columns, this.#columnGrain(rows, columns));
  }

  rmsnorm(
    x: DeviceBuffer,
    w: DeviceBuffer,
    y: DeviceBuffer,
    rstd: DeviceBuffer,
    T: number,
    D: number,
    eps: number,
  ): void {
    this.command()
      .int(this.f32('rmsnorm', 'x', x, T * D))
      .int(this.f32('rmsnorm', 'w', w, D))
      .int(this.output('rmsnorm', 'y', y, T * D))
      .int(this.output('rmsnorm', 'rstd', rstd, T))
      .int(D)
      .float(eps);
    this.launch('rmsnorm', T, rowGrain(D));
  }

  rmsnormBackward(
    dy: DeviceBuffer,
    x: DeviceBuffer,
    w: DeviceBuffer,
    rstd: DeviceBuffer,
    dx: DeviceBuffer,
    dw: DeviceBuffer,
    T: number,
    D: number,
    accumulate: boolean,
  ): void {
    const groups = Math.ceil(T / NORM_PARTIAL_ROWS);
    const partial = this.reserveCommon(groups * D * 4);
    const weight = this.output('rmsnormBackward', 'dw', dw, D);
    this.command()
      .int(this.f32('rmsnormBackward', 'dy', dy, T * D))
      .int(this.f32('rmsnormBackward', 'x', x, T * D))
      .int(this.f32('rmsnormBackward', 'w', w, D))
      .int(this.f32('rmsnormBackward', 'rstd', rstd, T))
      .int(this.output('rmsnormBackward', 'dx', dx, T * D))
      .int(partial)
      .int(T)
      .int(D)
      .int(accumulate ? 1 : 0);
    this.launch('rmsnormBackward', groups, rowGrain(D * NORM_PARTIAL_ROWS));
    this.#columnSums(partial, weight, groups, D);
  }

  rope(
    x: DeviceBuffer,
    positions: DeviceBuffer,
    T: number,
    H: number,
    C: number,
    theta: number,
    inverse: boolean,
    scaling?: RopeScaling,
  ): void {
    if (C % 2 !== 0) throw new EngineError(`rope: C must be even, got ${C}`);
    const index = this.i32('rope', 'positions', positions, T);
    const { least, most } = this.range('rope', 'positions', positions, T);
    if (least < 0) throw new EngineError(`rope: positions must not be negative, got ${least}`);
    const table = this.#ropeTable(Math.max(0, most + 1), C, theta, scaling);
    this.command()
      .int(this.output('rope', 'x', x, T * H * C))
      .int(index)
      .int(this.f32('rope', 'table', table, 0))
      .int(H)
      .int(C)
      .int(inverse ? 1 : 0);
    this.launch('rope', T, rowGrain(H * C));
  }

  /** Cosines and sines for positions 0…count−1, computed in double precision once and kept. */
  #ropeTable(count: number, C: number, theta: number, scaling?: RopeScaling): DeviceBuffer {
    const key = ropeKey(C, theta, scaling);
    const known = this.#ropeTables.get(key);
    if (known && known.positions >= count) return known.buffer;
    const positions = Math.max(512, 2 ** Math.ceil(Math.log2(Math.max(1, count))));
    const half = C / 2;
    const data = new Float32Array(positions * C);
    for (const [i, frequency] of ropeFrequencies(C, theta, scaling).entries()) {
      for (let p = 0; p < positions; p++) {
        data[p * C + i] = Math.cos(p * frequency);
        data[p * C + half + i] = Math.sin(p * frequency);
      }
    }
    if (known) this.free(known.buffer);
    const buffer = this.alloc(data.length);
    this.write(buffer, data);
    this.#ropeTables.set(key, { buffer, positions });
    return buffer;
  }

  swiglu(gate: DeviceBuffer, up: DeviceBuffer, y: DeviceBuffer, n: number): void {
    this.command()
      .int(this.f32('swiglu', 'gate', gate, n))
      .int(this.f32('swiglu', 'up', up, n))
      .int(this.output('swiglu', 'y', y, n));
    this.launch('swiglu', n, ELEMENT_GRAIN / 4);
  }

  swigluBackward(
    dy: DeviceBuffer,
    gate: DeviceBuffer,
    up: DeviceBuffer,
    dgate: DeviceBuffer,
    dup: DeviceBuffer,
    n: number,
  ): void {
    this.command()
      .int(this.f32('swigluBackward', 'dy', dy, n))
      .int(this.f32('swigluBackward', 'gate', gate, n))
      .int(this.f32('swigluBackward', 'up', up, n))
      .int(this.output('swigluBackward', 'dgate', dgate, n))
      .int(this.output('swigluBackward', 'dup', dup, n));
    this.launch('swigluBackward', n, ELEMENT_GRAIN / 4);
  }

  /** Checks `starts` and returns its last entry: S+1 values from 0, never falling, ending at T. */
  protected segments(kernel: string, starts: DeviceBuffer, S: number, T?: number): number {
    const first = this.i32(kernel, 'starts', starts, S + 1) / 4;
    const values = this.allocator.i32;
    if (values[first] !== 0) throw new EngineError(`${kernel}: starts[0] must be 0, is ${values[first]}`);
    for (let s = 1; s <= S; s++) {
      const [before, here] = [values[first + s - 1] as number, values[first + s] as number];
      if (here < before) throw new EngineError(`${kernel}: starts[${s}] = ${here} is below starts[${s - 1}]`);
    }
    const last = values[first + S] as number;
    if (T !== undefined && last !== T)
      throw new EngineError(`${kernel}: starts[${S}] = ${last}, expected ${T}`);
    return last;
  }
}

interface Named {
  readonly name: string;
  readonly buffer: DeviceBuffer;
}

function namedTriple(buffers: Record<string, DeviceBuffer>): [Named, Named, Named] {
  const [a, b, c] = Object.entries(buffers).map(([name, buffer]) => ({ name, buffer }));
  if (!a || !b || !c) throw new EngineError('a row kernel takes three buffers');
  return [a, b, c];
}
