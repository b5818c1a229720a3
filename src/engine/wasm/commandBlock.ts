/**
 * The command block: the first 4096 bytes of linear memory, through which a kernel call reaches every thread.
 * Words are 32 bits wide. `assembly/command.ts` reads the arguments; `poolLoop.mjs` is handed these numbers.
 */

/** Word indices of what the threads share. Words that different threads write lie 64 bytes apart. */
export const WORDS = {
  /** Counts commands; sleeping threads wait on it. */
  generation: 0,
  /** 1 while the command may still be joined. */
  open: 1,
  /** Threads inside the command, besides the one that posted it. */
  active: 16,
  /** 1 while the posting thread sleeps until `active` is 0. */
  waiting: 17,
  /** 1 after a kernel trapped on another thread. */
  failed: 18,
  /** First work item nobody has taken. */
  next: 32,
  /** Threads asleep on `generation`. */
  sleepers: 33,
  kernel: 48,
  items: 49,
  grain: 50,
  scratch: 51,
  scratchStride: 52,
} as const;

const FIRST_ARGUMENT = 64;
const MOST_ARGUMENTS = 64;

/** The allocator may hand out memory from here on: command block, then the module's constants. */
export const FIRST_FREE_BYTE = 65536;

/** Every exported kernel; a kernel's number is its place here. */
export const KERNELS = [
  'add',
  'axpy',
  'swiglu',
  'swigluBackward',
  'attention',
  'attentionBackward',
  'attentionCached',
  'cacheWrite',
  'copyBytes',
  'gatherRows',
  'scatterAdd',
  'segmentMean',
  'segmentMeanBackward',
  'head',
  'headGradient',
  'matmul',
  'packPanels',
  'gatherQuantised',
  'weightGradient',
  'rmsnorm',
  'rmsnormBackward',
  'rope',
  'sample',
  'adamw',
  'sumSquares',
  'columnSums',
] as const;

export type KernelName = (typeof KERNELS)[number];

/** Writes a kernel's arguments one after the other. */
export class CommandArguments {
  #ints: Int32Array;
  #floats: Float32Array;
  #count = 0;

  constructor(memory: WebAssembly.Memory) {
    this.#ints = new Int32Array(memory.buffer, FIRST_ARGUMENT * 4, MOST_ARGUMENTS);
    this.#floats = new Float32Array(memory.buffer, FIRST_ARGUMENT * 4, MOST_ARGUMENTS);
  }

  /** Points at the memory's new buffer after it grew. */
  refresh(memory: WebAssembly.Memory): void {
    this.#ints = new Int32Array(memory.buffer, FIRST_ARGUMENT * 4, MOST_ARGUMENTS);
    this.#floats = new Float32Array(memory.buffer, FIRST_ARGUMENT * 4, MOST_ARGUMENTS);
  }

  start(): this {
    this.#count = 0;
    return this;
  }

  /** An integer or a byte address below 2^32. */
  int(value: number): this {
    this.#ints[this.#count++] = value;
    return this;
  }

  float(value: number): this {
    this.#floats[this.#count++] = value;
    return this;
  }
}
