import { keepsLogits } from '../engine/wasm/scratch.ts';
import type { Backend, DeviceBuffer, DType } from '../engine/backend.ts';

interface Booked extends DeviceBuffer {
  readonly bytes: number;
}

/** Both backends align what they hand out. */
const ALIGNMENT = 256;

/** What of a backend decides how much it holds. */
export type MemoryFacts = Pick<
  Backend,
  'kind' | 'label' | 'viewAlignment' | 'threads' | 'sharesPrefixes' | 'keepsLogits' | 'memoryLimit'
>;

/** Those of WebAssembly in a page, known without opening it. */
export const wasmFacts: MemoryFacts = {
  kind: 'wasm',
  label: 'WebAssembly',
  viewAlignment: 64,
  threads: 4,
  sharesPrefixes: true,
  keepsLogits,
  memoryLimit: 2 ** 32,
};

/** Those of a backend, which may be disposed of afterwards. */
export const memoryFacts = (like: Backend): MemoryFacts => ({
  kind: like.kind,
  label: like.label,
  viewAlignment: like.viewAlignment,
  ...(like.threads === undefined ? {} : { threads: like.threads }),
  ...(like.memoryLimit === undefined ? {} : { memoryLimit: like.memoryLimit }),
  ...(like.sharesPrefixes === undefined ? {} : { sharesPrefixes: like.sharesPrefixes }),
  ...(like.keepsLogits === undefined
    ? {}
    : { keepsLogits: (N: number, V: number) => like.keepsLogits?.(N, V) === true }),
});

/**
 * A backend that keeps books instead of computing: the engine's own code runs over it to find what it would hold. Memory
 * is counted as the backend it stands for would count it, kernels do nothing, and all that is read back is zero.
 */
export function memoryBook(like: MemoryFacts): Backend {
  let bytes = 0;
  let peakBytes = 0;
  const alloc = (length: number, dtype: DType = 'f32'): Booked => {
    const size = Math.max(1, Math.ceil((4 * length) / ALIGNMENT)) * ALIGNMENT;
    bytes += size;
    peakBytes = Math.max(peakBytes, bytes);
    return { dtype, length, bytes: size };
  };
  const nothing = (): void => undefined;
  const book: Partial<Backend> = {
    ...like,
    quantised: {
      embedding: nothing,
      linear: nothing,
      linearBackwardInput: nothing,
      head: nothing,
      headBackward: nothing,
    },
    alloc,
    zeros: alloc,
    view: ({ dtype }, _offset, length): Booked => ({ dtype, length, bytes: 0 }),
    free: (buffer) => {
      bytes -= isBooked(buffer) ? buffer.bytes : 0;
    },
    readF32: (_buffer, _offset, length = _buffer.length) => Promise.resolve(new Float32Array(length)),
    readI32: (_buffer, _offset, length = _buffer.length) => Promise.resolve(new Int32Array(length)),
    sync: () => Promise.resolve(),
    memory: () => ({ bytes, peakBytes }),
  };
  // Every other member of a backend is a kernel or a transfer that gives nothing back.
  return new Proxy(book, {
    get: (members, name): unknown => Reflect.get(members, name) ?? (optional.has(name) ? undefined : nothing),
  }) as Backend;
}

const optional: ReadonlySet<string | symbol> = new Set([
  'sharesPrefixes',
  'keepsLogits',
  'threads',
  'memoryLimit',
]);

const isBooked = (buffer: DeviceBuffer): buffer is Booked => 'bytes' in buffer;
