// What a pool thread does for its whole life: wait for a command, take work items until none is left.
// Plain JavaScript because Node 20 starts worker threads from it without a loader.

/** Polls before a thread goes to sleep: some tens of microseconds, about the gap between two kernels. */
const SPINS = 20000;

/**
 * @param {{ module: WebAssembly.Module, memory: WebAssembly.Memory, kernels: readonly string[],
 *   words: Record<string, number>, thread: number }} init
 *   `words`: the indices of commandBlock.ts; `thread`: which scratch memory is ours.
 */
export function poolLoop({ module, memory, kernels, words, thread }) {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const functions = kernels.map((name) => exports[name]);
  const block = new Int32Array(memory.buffer, 0, 64);
  let seen = Atomics.load(block, words.generation) - 1;
  for (;;) {
    for (let spin = 0; Atomics.load(block, words.generation) === seen; spin++) {
      if (spin < SPINS) continue;
      Atomics.add(block, words.sleepers, 1);
      Atomics.wait(block, words.generation, seen);
      Atomics.sub(block, words.sleepers, 1);
    }
    seen = Atomics.load(block, words.generation);
    Atomics.add(block, words.active, 1);
    if (Atomics.load(block, words.open) === 1) takeItems(block, words, functions, thread);
    if (Atomics.sub(block, words.active, 1) === 1 && Atomics.load(block, words.waiting) === 1) {
      Atomics.notify(block, words.active);
    }
  }
}

function takeItems(block, words, functions, thread) {
  const run = functions[block[words.kernel]];
  const items = block[words.items];
  const grain = block[words.grain];
  const scratch = (block[words.scratch] >>> 0) + thread * block[words.scratchStride];
  try {
    for (;;) {
      const begin = Atomics.add(block, words.next, grain);
      if (begin >= items) return;
      run(begin, Math.min(items, begin + grain), scratch);
    }
  } catch {
    Atomics.store(block, words.failed, 1);
  }
}
