/**
 * How long a product of a class of shapes takes with a kernel on this device.
 */

import type { DeviceMemory } from './deviceMemory.ts';
import type { Launcher } from './launcher.ts';
import { MatmulChoice } from './matmulChoice.ts';
import type { AdapterTraits, SizeClass } from './matmulChoice.ts';
import { MatmulProgram } from './matmulProgram.ts';
import type { TimeVariant } from './matmulTuner.ts';

const ROUNDS = 3;
/** Products of a round: enough that the time of asking and waiting does not count. */
const REPEATS = 4;

/** M, N, K of a class: rows of a decode step, of a few sequences, of a training batch; layers of a small model. */
function shapeOf(size: SizeClass, software: boolean): readonly [M: number, N: number, K: number] {
  if (software) return [size === 'few' ? 4 : size === 'some' ? 64 : 256, 128, 128];
  return size === 'many' ? [1024, 640, 256] : [size === 'few' ? 4 : 64, 512, 512];
}

export function timeProducts(memory: DeviceMemory, launcher: Launcher, traits: AdapterTraits): TimeVariant {
  return async (layout, size, variant) => {
    const [M, N, K] = shapeOf(size, traits.software);
    const choice = new MatmulChoice(traits, { [`${layout} ${size}`]: variant });
    const program = new MatmulProgram(memory, launcher, choice);
    const buffers = [M * K, N * K, M * N].map((length) => memory.alloc(length, 'f32'));
    try {
      for (const buffer of buffers) memory.clear(buffer);
      const [a, b, c] = buffers;
      if (!a || !b || !c) return Infinity;
      const [rows, cols] = layout === 'NT' ? [N, K] : [K, N];
      const product = (): void => {
        program.run('timing', {
          layout,
          ...{ a: ['a', a, M * K], b: { name: 'b', data: b, rows, cols, stored: 'f32' }, c: ['c', c, M * N] },
          ...{ M, N, K },
        });
      };
      product();
      await memory.sync();
      let best = Infinity;
      for (let round = 0; round < ROUNDS; round++) {
        const start = performance.now();
        for (let i = 0; i < REPEATS; i++) product();
        await memory.sync();
        best = Math.min(best, performance.now() - start);
      }
      return best / REPEATS / 1000;
    } finally {
      for (const buffer of buffers) memory.free(buffer);
    }
  };
}
