/** The backend on WebAssembly SIMD: its products with quantised weights, sampling, and how to make one. */

import { EngineError, type Backend, type DeviceBuffer, type SamplingOptions } from '../backend.ts';
import type { QuantisedKernels } from '../backendQuantised.ts';
import { quantisedWords, quantKinds, type QuantisedMatrix } from '../quantised.ts';
import { createMemory } from './allocator.ts';
import { KERNELS, WORDS } from './commandBlock.ts';
import { GiveWay } from './giveWay.ts';
import type { SimdLevel, WasmHost } from './host.ts';
import { ThreadPool } from './threads.ts';
import { WasmHeadKernels } from './wasmHeadKernels.ts';
import { ELEMENT_GRAIN } from './wasmMemory.ts';
import type { Matrix } from './wasmProductKernels.ts';
import { roundUp } from './work.ts';

/** Forms of quantised w, to which the kind's number is added: B = wᵀ, and B = w. As in assembly/matmul.ts. */
const QUANTISED = 4;
const QUANTISED_STRIPS = 8;
/** Logits worth handing to another thread. */
const ELEMENTS_A_DRAW = 8192;

export class WasmBackend extends WasmHeadKernels implements Backend {
  readonly kind = 'wasm';
  readonly label: string;

  constructor(memory: WebAssembly.Memory, pool: ThreadPool, level: SimdLevel) {
    super(memory, pool);
    const simd = level === 'relaxed' ? 'relaxed SIMD' : 'SIMD';
    this.label = `WebAssembly, ${simd}, ${pool.count} ${pool.count === 1 ? 'thread' : 'threads'}`;
  }

  readonly quantised: QuantisedKernels = {
    embedding: (ids, w, y, T) => {
      this.reserveScratch(1024);
      this.command()
        .int(this.words('embedding', w))
        .int(this.indices('embedding', 'ids', ids, T, w.rows))
        .int(this.output('embedding', 'y', y, T * w.cols))
        .int(w.cols)
        .int(quantKinds.indexOf(w.kind));
      this.launch('gatherQuantised', T, Math.ceil(ELEMENT_GRAIN / w.cols));
    },
    linear: (x, w, bias, y, T) => {
      this.linearOf(x, this.quantisedTransposed('linear', w), bias, y, T, w.cols, w.rows);
    },
    linearBackwardInput: (dy, w, dx, T, accumulate) => {
      const weight = this.quantisedRows('linearBackwardInput', w, 0);
      this.linearBackwardInputOf(dy, weight, dx, T, w.cols, w.rows, accumulate);
    },
    head: (h, w, targets, logprob, entropy, lse, N, scale, kept) => {
      const weight = this.quantisedTransposed('head', w);
      this.headOf(h, weight, targets, logprob, entropy, lse, N, w.cols, w.rows, scale, kept);
    },
    headBackward: (h, w, targets, entropy, lse, gLogprob, gEntropy, dh, N, scale, kept) => {
      const weight = {
        forward: () => this.quantisedTransposed('headBackward', w),
        backward: (v0: number) => this.quantisedRows('headBackward', w, v0),
      };
      const rows = { entropy, lse, gLogprob, gEntropy };
      this.headBackwardOf(h, weight, targets, rows, dh, null, N, w.cols, w.rows, scale, kept);
    },
  };

  private words(kernel: string, { kind, rows, cols, data }: QuantisedMatrix): number {
    return this.i32(kernel, 'w', data, quantisedWords(kind, rows, cols));
  }

  private quantisedTransposed(kernel: string, w: QuantisedMatrix): Matrix {
    return { w: this.words(kernel, w), form: QUANTISED + quantKinds.indexOf(w.kind) };
  }

  /** w itself from row `row` on, a multiple of 8. */
  private quantisedRows(kernel: string, w: QuantisedMatrix, row: number): Matrix {
    const before = 4 * quantisedWords(w.kind, Math.min(row, w.rows), w.cols);
    return {
      w: this.words(kernel, w) + before,
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
      .int(this.output('sample', 'ids', ids, N, 'i32'))
      .int(this.output('sample', 'logprob', logprob, N))
      .int(this.output('sample', 'entropy', entropy, N))
      .int(V)
      .float(temperature)
      .int(topK)
      .float(topP);
    this.launch('sample', N, Math.ceil(ELEMENTS_A_DRAW / V));
  }
}

export interface WasmBackendOptions {
  readonly host: WasmHost;
  /** Threads in all, this one included; more than 1 needs SharedArrayBuffer. */
  readonly threads?: number;
  /** Leave out to use relaxed SIMD wherever the machine has it. */
  readonly simd?: SimdLevel;
  /** A page's word (giveWay.ts); leave out where nobody waits for the processor. */
  readonly giveWay?: Int32Array;
}

/** Loads the module, starts the threads and returns the backend. */
export async function createWasmBackend({
  host,
  threads,
  simd,
  giveWay,
}: WasmBackendOptions): Promise<WasmBackend> {
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
  const way = giveWay && new GiveWay(giveWay);
  return new WasmBackend(memory, new ThreadPool(instance, memory, started, way), level);
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
