/**
 * The thread pool: a kernel's work items are handed out in grains to whoever comes first. Results do not depend
 * on who computes what, because an item's arithmetic is its own.
 */

import { EngineError } from '../backend.ts';
import { KERNELS, WORDS, type KernelName } from './commandBlock.ts';
import type { GiveWay } from './giveWay.ts';
import type { PoolThread } from './host.ts';

type Kernel = (begin: number, end: number, scratch: number) => void;

/** Polls for the other threads' last items before this thread sleeps. */
const SPINS = 5000;

export class ThreadPool {
  readonly count: number;
  readonly #threads: readonly PoolThread[];
  readonly #kernels: readonly Kernel[];
  readonly #giveWay: GiveWay | undefined;
  #block: Int32Array;

  /** `instance` is the posting thread's own copy of the module; `threads` run the others. */
  constructor(
    instance: WebAssembly.Instance,
    memory: WebAssembly.Memory,
    threads: readonly PoolThread[],
    giveWay?: GiveWay,
  ) {
    this.#giveWay = giveWay;
    this.count = threads.length + 1;
    this.#threads = threads;
    this.#kernels = KERNELS.map((name) => instance.exports[name] as Kernel);
    this.#block = new Int32Array(memory.buffer, 0, 64);
  }

  /** Points at the memory's new buffer after it grew. */
  refresh(memory: WebAssembly.Memory): void {
    this.#block = new Int32Array(memory.buffer, 0, 64);
  }

  /** Runs all `items` of a kernel and returns when they are done. */
  run(kernel: KernelName, items: number, grain: number, scratch: number, scratchStride: number): void {
    this.#giveWay?.wait();
    const index = KERNELS.indexOf(kernel);
    const run = this.#kernels[index] as Kernel;
    if (this.count === 1 || items <= grain) {
      if (items > 0) run(0, items, scratch);
      return;
    }
    const block = this.#block;
    block[WORDS.kernel] = index;
    block[WORDS.items] = items;
    block[WORDS.grain] = grain;
    block[WORDS.scratch] = scratch;
    block[WORDS.scratchStride] = scratchStride;
    Atomics.store(block, WORDS.next, 0);
    Atomics.store(block, WORDS.open, 1);
    Atomics.add(block, WORDS.generation, 1);
    if (Atomics.load(block, WORDS.sleepers) > 0) Atomics.notify(block, WORDS.generation);
    for (;;) {
      const begin = Atomics.add(block, WORDS.next, grain);
      if (begin >= items) break;
      run(begin, Math.min(items, begin + grain), scratch);
    }
    // Threads that have not joined by now find the command closed; only those inside are waited for.
    Atomics.store(block, WORDS.open, 0);
    this.#awaitOthers(block);
    if (Atomics.exchange(block, WORDS.failed, 0) === 1) {
      throw new EngineError(`${kernel}: a pool thread read or wrote outside the memory`);
    }
  }

  #awaitOthers(block: Int32Array): void {
    for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(block, WORDS.active) === 0) return;
    Atomics.store(block, WORDS.waiting, 1);
    for (;;) {
      const active = Atomics.load(block, WORDS.active);
      if (active === 0) break;
      Atomics.wait(block, WORDS.active, active);
    }
    Atomics.store(block, WORDS.waiting, 0);
  }

  terminate(): void {
    for (const thread of this.#threads) thread.terminate();
  }
}
