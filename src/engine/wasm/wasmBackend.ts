/** The backend on WebAssembly SIMD: matrix products, the head and sampling, and how to make one. */

import {
  EngineError,
  type Backend,
  type DeviceBuffer,
  type QuantisedKernels,
  type SamplingOptions,
} from '../backend.ts';
import { quantisedWords, quantKinds, type QuantisedMatrix } from '../quantised.ts';
import { createMemory } from './allocator.ts';
import { KERNELS, WORDS } from './commandBlock.ts';
import type { SimdLevel, WasmHost } from './host.ts';
import { ThreadPool } from './threads.ts';
import { ELEMENT_GRAIN } from './wasmMemory.ts';
import { WasmAttentionKernels } from './wasmAttentionKernels.ts';
import { PARALLEL_FLOPS, roundUp } from './work.ts';

/** Rows and columns of the largest block of a matrix product; its packed panels fit the second-level cache. */
const ROW_BLOCK = 256;
const COLUMN_BLOCK = 128;
/** K range packed at once, tokens summed at once, vocabulary chunk: the same numbers as in assembly/. */
const K_BLOCK = 512;
const T_BLOCK = 256;
const HEAD_CHUNK = 512;
/** Vocabulary entries, and floats, of the logit gradients held at once in `headBackward`. */
const GRADIENT_CHUNK = 4096;
const GRADIENT_FLOATS = 2 ** 21;
/** Logits kept from the forward pass to the backward at most: 32 MiB, 4096 rows of our policy's vocabulary. */
const MOST_KEPT = 2 ** 23;

/** NT: B = wᵀ with w[N,K]. NN: B = w[K,N]. PANELS: B = wᵀ, packed. The same numbers as in assembly/matmul.ts. */
const NT = 0;
const NN = 1;
const PANELS = 2;
/** In place of the form of `headGradient`: the logits are there already, scaled. As in assembly/head.ts. */
const KEPT = 3;
/** Forms of quantised w, to which the kind's number is added: B = wᵀ, and B = w. */
const QUANTISED = 4;
const QUANTISED_STRIPS = 8;
type Form = number;

/** A right-hand matrix: its address, and how it lies there. */
interface Matrix {
  readonly w: number;
  readonly form: Form;
}

/** A matrix product c[M,N] = init + a[M,K] · B; addresses in bytes, init 0 means zeros. */
interface Product extends Matrix {
  readonly a: number;
  readonly init: number;
  readonly initStride: number;
  readonly c: number;
}

/** Bytes of scratch a block product needs. */
function productScratch(rows: number, columns: number, K: number): number {
  // Quantised weights are unpacked in groups of 32, and beside the panels; the others have room to spare.
  return 4 * (roundUp(columns, 8) * Math.min(roundUp(K, 32), K_BLOCK) + rows * 8) + 1024;
}

export class WasmBackend extends WasmAttentionKernels implements Backend {
  readonly kind = 'wasm';
  readonly label: string;

  constructor(memory: WebAssembly.Memory, pool: ThreadPool, level: SimdLevel) {
    super(memory, pool);
    const simd = level === 'relaxed' ? 'relaxed SIMD' : 'SIMD';
    this.label = `WebAssembly, ${simd}, ${pool.count} ${pool.count === 1 ? 'thread' : 'threads'}`;
  }

  linear(
    x: DeviceBuffer,
    w: DeviceBuffer,
    bias: DeviceBuffer | null,
    y: DeviceBuffer,
    T: number,
    I: number,
    O: number,
  ): void {
    this.#linear(x, this.#transposed('linear', w, O, I), bias, y, T, I, O);
  }

  #linear(
    x: DeviceBuffer,
    weight: Matrix,
    bias: DeviceBuffer | null,
    y: DeviceBuffer,
    T: number,
    I: number,
    O: number,
  ): void {
    const product: Product = {
      a: this.f32('linear', 'x', x, T * I),
      ...weight,
      init: bias ? this.f32('linear', 'bias', bias, O) : 0,
      initStride: 0,
      c: this.output('linear', 'y', y, T * O),
    };
    this.#product(product, T, O, I);
  }

  linearBackwardInput(
    dy: DeviceBuffer,
    w: DeviceBuffer,
    dx: DeviceBuffer,
    T: number,
    I: number,
    O: number,
    accumulate: boolean,
  ): void {
    const weight = { w: this.f32('linearBackwardInput', 'w', w, O * I), form: NN };
    this.#linearBackwardInput(dy, weight, dx, T, I, O, accumulate);
  }

  #linearBackwardInput(
    dy: DeviceBuffer,
    weight: Matrix,
    dx: DeviceBuffer,
    T: number,
    I: number,
    O: number,
    accumulate: boolean,
  ): void {
    const c = this.output('linearBackwardInput', 'dx', dx, T * I);
    const product: Product = {
      a: this.f32('linearBackwardInput', 'dy', dy, T * O),
      ...weight,
      init: accumulate ? c : 0,
      initStride: accumulate ? I * 4 : 0,
      c,
    };
    this.#product(product, T, I, O);
  }

  linearBackwardWeight(
    dy: DeviceBuffer,
    x: DeviceBuffer,
    dw: DeviceBuffer,
    T: number,
    I: number,
    O: number,
  ): void {
    const gradient = this.f32('linearBackwardWeight', 'dy', dy, T * O);
    const input = this.f32('linearBackwardWeight', 'x', x, T * I);
    this.#weightGradient(gradient, input, this.output('linearBackwardWeight', 'dw', dw, O * I), T, I, O);
  }

  /** wᵀ for w[N,K], as panels if they are kept. */
  #transposed(kernel: string, w: DeviceBuffer, N: number, K: number): Matrix {
    const plain = this.f32(kernel, 'w', w, N * K);
    const packed = this.panels(kernel, w, N, K, (to) => {
      this.command().int(plain).int(to).int(N).int(K);
      this.launch('packPanels', Math.ceil(N / 8), Math.ceil(ELEMENT_GRAIN / (8 * K)));
    });
    return packed === 0 ? { w: plain, form: NT } : { w: packed, form: PANELS };
  }

  #product({ a, w, form, init, initStride, c }: Product, M: number, N: number, K: number): void {
    if (M === 0 || N === 0) return;
    let rowBlock = Math.min(M, ROW_BLOCK);
    let columnBlock = Math.min(roundUp(N, 8), COLUMN_BLOCK);
    const tasks = () => Math.ceil(M / rowBlock) * Math.ceil(N / columnBlock);
    const parallel = this.threads > 1 && 2 * M * N * K > PARALLEL_FLOPS;
    if (parallel) {
      const wanted = 4 * this.threads;
      if (tasks() < wanted && rowBlock > 128) rowBlock = 128;
      while (tasks() < wanted && columnBlock > 16) columnBlock = roundUp(columnBlock / 2, 8);
    }
    this.reserveScratch(productScratch(rowBlock, columnBlock, K));
    this.command()
      .int(a)
      .int(w)
      .int(form)
      .int(init)
      .int(initStride)
      .int(c)
      .int(M)
      .int(N)
      .int(K)
      .int(rowBlock)
      .int(columnBlock);
    this.launch('matmul', tasks(), parallel ? 1 : tasks());
  }

  #weightGradient(dy: number, x: number, dw: number, T: number, I: number, O: number): void {
    const tiles = Math.ceil(O / 4);
    const parallel = this.threads > 1 && 2 * T * I * O > PARALLEL_FLOPS;
    this.reserveScratch(4 * (T_BLOCK * (roundUp(I, 8) + 6) + 48));
    this.command().int(dy).int(x).int(dw).int(T).int(I).int(O);
    const grain = Math.max(8, Math.ceil(tiles / (4 * this.threads)));
    this.launch('weightGradient', tiles, parallel ? grain : tiles);
  }

  head(
    h: DeviceBuffer,
    w: DeviceBuffer,
    targets: DeviceBuffer,
    logprob: DeviceBuffer,
    entropy: DeviceBuffer,
    lse: DeviceBuffer,
    N: number,
    D: number,
    V: number,
    scale: number,
    kept?: DeviceBuffer,
  ): void {
    const weight = this.#transposed('head', w, V, D);
    this.#head(h, weight, targets, logprob, entropy, lse, N, D, V, scale, kept);
  }

  #head(
    h: DeviceBuffer,
    weight: Matrix,
    targets: DeviceBuffer,
    logprob: DeviceBuffer,
    entropy: DeviceBuffer,
    lse: DeviceBuffer,
    N: number,
    D: number,
    V: number,
    scale: number,
    kept?: DeviceBuffer,
  ): void {
    const rowBlock = headRows(N);
    if (kept && V % 4 !== 0) throw new EngineError(`head: logits are kept of multiples of 4, V is ${V}`);
    this.reserveScratch(rowBlock * 4 * (HEAD_CHUNK + 4) + productScratch(rowBlock, HEAD_CHUNK, D));
    this.command()
      .int(this.f32('head', 'h', h, N * D))
      .int(weight.w)
      .int(this.indices('head', 'targets', targets, N, V))
      .int(this.output('head', 'logprob', logprob, N))
      .int(this.output('head', 'entropy', entropy, N))
      .int(this.output('head', 'lse', lse, N))
      .int(N)
      .int(D)
      .int(V)
      .float(scale)
      .int(rowBlock)
      .int(weight.form)
      .int(kept ? this.output('head', 'kept', kept, N * V) : 0);
    this.launch('head', Math.ceil(N / rowBlock), 1);
  }

  keepsLogits(N: number, V: number): boolean {
    return V % 4 === 0 && N * V <= MOST_KEPT;
  }

  headBackward(
    h: DeviceBuffer,
    w: DeviceBuffer,
    targets: DeviceBuffer,
    entropy: DeviceBuffer,
    lse: DeviceBuffer,
    gLogprob: DeviceBuffer,
    gEntropy: DeviceBuffer,
    dh: DeviceBuffer,
    dw: DeviceBuffer | null,
    N: number,
    D: number,
    V: number,
    scale: number,
    kept?: DeviceBuffer,
  ): void {
    const weight = { w: this.f32('headBackward', 'w', w, V * D), form: NN };
    const forward = (): Matrix => this.#transposed('headBackward', w, V, D);
    const rows = { entropy, lse, gLogprob, gEntropy };
    const backward = (v0: number): Matrix => ({ ...weight, w: weight.w + v0 * D * 4 });
    this.#headBackward(h, { forward, backward }, targets, rows, dh, dw, N, D, V, scale, kept);
  }

  /** `weight.backward`: from vocabulary entry v0 on, for the product with dz. */
  #headBackward(
    h: DeviceBuffer,
    weight: { readonly forward: () => Matrix; readonly backward: (v0: number) => Matrix },
    targets: DeviceBuffer,
    rowNumbers: Readonly<Record<'entropy' | 'lse' | 'gLogprob' | 'gEntropy', DeviceBuffer>>,
    dh: DeviceBuffer,
    dw: DeviceBuffer | null,
    N: number,
    D: number,
    V: number,
    scale: number,
    kept?: DeviceBuffer,
  ): void {
    const hidden = this.f32('headBackward', 'h', h, N * D);
    const target = this.indices('headBackward', 'targets', targets, N, V);
    const rows = Object.entries(rowNumbers).map(([name, buffer]) =>
      this.f32('headBackward', name, buffer, N),
    );
    const dHidden = this.output('headBackward', 'dh', dh, N * D);
    const dWeight = dw === null ? 0 : this.output('headBackward', 'dw', dw, V * D);
    const logits = kept && { w: this.output('headBackward', 'kept', kept, N * V), form: KEPT };
    const source = logits ?? weight.forward();
    const chunk = logits ? V : Math.min(V, GRADIENT_CHUNK);
    const most = Math.min(N, Math.max(128, Math.floor(GRADIENT_FLOATS / chunk / 128) * 128));
    const rowBlock = headRows(most);
    const common = logits ? 0 : this.reserveCommon(most * chunk * 4);
    for (let v0 = 0; v0 < V; v0 += chunk) {
      const entries = Math.min(chunk, V - v0);
      for (let n0 = 0; n0 < N; n0 += most) {
        const count = Math.min(most, N - n0);
        const dz = logits ? logits.w + n0 * V * 4 : common;
        this.reserveScratch(productScratch(rowBlock, HEAD_CHUNK, D));
        const command = this.command()
          .int(hidden + n0 * D * 4)
          .int(source.w)
          .int(target + n0 * 4);
        for (const address of rows) command.int(address + n0 * 4);
        command.int(dz).int(count).int(D).int(v0).int(entries).float(scale).int(rowBlock).int(source.form);
        this.launch('headGradient', Math.ceil(count / rowBlock), 1);
        const c = dHidden + n0 * D * 4;
        const init = v0 === 0 ? 0 : c;
        const product = { a: dz, ...weight.backward(v0), init, initStride: init && D * 4, c };
        this.#product(product, count, D, entries);
        if (dWeight === 0) continue;
        this.#weightGradient(dz, hidden + n0 * D * 4, dWeight + v0 * D * 4, count, D, entries);
      }
    }
  }

  readonly quantised: QuantisedKernels = {
    embedding: (ids, w, y, T) => {
      this.reserveScratch(1024);
      this.command()
        .int(this.#words('embedding', w))
        .int(this.indices('embedding', 'ids', ids, T, w.rows))
        .int(this.output('embedding', 'y', y, T * w.cols))
        .int(w.cols)
        .int(quantKinds.indexOf(w.kind));
      this.launch('gatherQuantised', T, Math.ceil(ELEMENT_GRAIN / w.cols));
    },
    linear: (x, w, bias, y, T) => {
      this.#linear(x, this.#quantisedTransposed('linear', w), bias, y, T, w.cols, w.rows);
    },
    linearBackwardInput: (dy, w, dx, T, accumulate) => {
      const weight = this.#quantisedRows('linearBackwardInput', w, 0);
      this.#linearBackwardInput(dy, weight, dx, T, w.cols, w.rows, accumulate);
    },
    head: (h, w, targets, logprob, entropy, lse, N, scale, kept) => {
      const weight = this.#quantisedTransposed('head', w);
      this.#head(h, weight, targets, logprob, entropy, lse, N, w.cols, w.rows, scale, kept);
    },
    headBackward: (h, w, targets, entropy, lse, gLogprob, gEntropy, dh, N, scale, kept) => {
      const weight = {
        forward: () => this.#quantisedTransposed('headBackward', w),
        backward: (v0: number) => this.#quantisedRows('headBackward', w, v0),
      };
      const rows = { entropy, lse, gLogprob, gEntropy };
      this.#headBackward(h, weight, targets, rows, dh, null, N, w.cols, w.rows, scale, kept);
    },
  };

  #words(kernel: string, { kind, rows, cols, data }: QuantisedMatrix): number {
    return this.i32(kernel, 'w', data, quantisedWords(kind, rows, cols));
  }

  #quantisedTransposed(kernel: string, w: QuantisedMatrix): Matrix {
    return { w: this.#words(kernel, w), form: QUANTISED + quantKinds.indexOf(w.kind) };
  }

  /** w itself from row `row` on, a multiple of 8. */
  #quantisedRows(kernel: string, w: QuantisedMatrix, row: number): Matrix {
    const before = 4 * quantisedWords(w.kind, Math.min(row, w.rows), w.cols);
    return {
      w: this.#words(kernel, w) + before,
      form: QUANTISED_STRIPS + quantKinds.indexOf(w.kind),
    };
  }

  sample(
    logits: DeviceBuffer,
    keys: DeviceBuffer,
    ids: DeviceBuffer,
    logprob: DeviceBuffer,
    entropy: DeviceBuffer,
    N: number,
    V: number,
    options: SamplingOptions,
  ): void {
    const { temperature, topK, topP } = options;
    if (!(temperature >= 0))
      throw new EngineError(`sample: temperature must be 0 or more, got ${temperature}`);
    if (!(topK >= 0)) throw new EngineError(`sample: topK must be 0 or more, got ${topK}`);
    if (!(topP > 0 && topP <= 1)) throw new EngineError(`sample: topP must be in (0, 1], got ${topP}`);
    this.reserveScratch(4 * roundUp(V, 4));
    this.command()
      .int(this.f32('sample', 'logits', logits, N * V))
      .int(this.i32('sample', 'keys', keys, N * 3))
      .int(this.i32('sample', 'ids', ids, N))
      .int(this.output('sample', 'logprob', logprob, N))
      .int(this.output('sample', 'entropy', entropy, N))
      .int(V)
      .float(temperature)
      .int(topK)
      .float(topP);
    this.launch('sample', N, Math.ceil(ELEMENTS_A_DRAW / V));
  }
}

/** Logits worth handing to another thread. */
const ELEMENTS_A_DRAW = 8192;

/** Rows of one block at the head: large blocks pack the weights less often, small ones share the work better. */
function headRows(N: number): number {
  if (N >= 1024) return 128;
  return N >= 256 ? 64 : 32;
}

export interface WasmBackendOptions {
  readonly host: WasmHost;
  /** Threads in all, this one included; more than 1 needs SharedArrayBuffer. */
  readonly threads?: number;
  /** Leave out to use relaxed SIMD wherever the machine has it. */
  readonly simd?: SimdLevel;
}

/** Loads the module, starts the threads and returns the backend. */
export async function createWasmBackend({ host, threads, simd }: WasmBackendOptions): Promise<WasmBackend> {
  const count = threads ?? host.defaultThreads;
  if (!Number.isInteger(count) || count < 1)
    throw new EngineError(`threads must be at least 1, got ${count}`);
  if (count > 1 && typeof SharedArrayBuffer === 'undefined') {
    throw new EngineError(
      'WebAssembly threads need SharedArrayBuffer: serve the page with Cross-Origin-Opener-Policy: same-origin ' +
        'and Cross-Origin-Embedder-Policy: require-corp, or ask for one thread',
    );
  }
  const mode = count > 1 ? 'shared' : 'private';
  let level = simd ?? 'relaxed';
  let bytes = await host.loadModule(level, mode);
  if (!WebAssembly.validate(bytes)) {
    if (simd === 'relaxed') throw new EngineError('This machine does not run relaxed SIMD');
    level = 'simd';
    bytes = await host.loadModule(level, mode);
    if (!WebAssembly.validate(bytes)) throw new EngineError('This machine does not run WebAssembly SIMD');
  }
  const module = await WebAssembly.compile(bytes);
  await checkSource(module, host);
  const memory = createMemory(mode === 'shared');
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  const started = await Promise.all(
    Array.from({ length: count - 1 }, (_, i) =>
      host.startThread({ module, memory, kernels: KERNELS, words: WORDS, thread: i + 1 }),
    ),
  );
  return new WasmBackend(memory, new ThreadPool(instance, memory, started), level);
}

/** @throws EngineError where the module was compiled from other sources than the engine's */
async function checkSource(module: WebAssembly.Module, host: WasmHost): Promise<void> {
  const [section] = WebAssembly.Module.customSections(module, 'source');
  const source = section === undefined ? 'none' : new TextDecoder().decode(section);
  if (source === (await host.kernelSource())) return;
  throw new EngineError(
    'The WebAssembly kernels are of another version than the engine: their sources have changed since they were ' +
      'compiled. Build both with `npm run build`, or the kernels alone with `node src/engine/wasm/build.mjs`, and ' +
      'load the page again.',
  );
}
