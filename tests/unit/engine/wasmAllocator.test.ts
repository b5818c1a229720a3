import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Allocator, createMemory } from '../../../src/engine/wasm/allocator.ts';

const open = (): Allocator => new Allocator(createMemory(false), () => undefined);

describe('Allocator', () => {
  it('never hands out a byte twice, and keeps to 256-byte lines', () => {
    const sizes = fc.integer({ min: 0, max: 40_000 });
    const steps = fc.array(fc.record({ bytes: sizes, frees: fc.option(fc.nat(), { nil: undefined }) }), {
      maxLength: 120,
    });
    fc.assert(
      fc.property(steps, (list) => {
        const allocator = open();
        const held: { address: number; bytes: number }[] = [];
        let total = 0;
        for (const { bytes, frees } of list) {
          const address = allocator.take(bytes);
          expect(address % 256).toBe(0);
          for (const other of held) {
            const apart = address + bytes <= other.address || other.address + other.bytes <= address;
            expect(apart || bytes === 0 || other.bytes === 0).toBe(true);
          }
          expect(address + bytes).toBeLessThanOrEqual(allocator.memory.buffer.byteLength);
          held.push({ address, bytes });
          total += Math.max(256, Math.ceil(bytes / 256) * 256);
          expect(allocator.bytes).toBe(total);
          if (frees === undefined) continue;
          const [gone] = held.splice(frees % held.length, 1);
          if (gone === undefined) continue;
          allocator.release(gone.address, gone.bytes);
          total -= Math.max(256, Math.ceil(gone.bytes / 256) * 256);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('needs no more memory for batches of every size than for the largest', () => {
    const allocator = open();
    const batch = (tokens: number): void => {
      const held = [384, 128, 1376, 128, 512, 1376].map((width) => ({
        address: allocator.take(tokens * width * 4),
        bytes: tokens * width * 4,
      }));
      // Half in the order taken, half in the other, as forward and backward free them.
      for (const { address, bytes } of [...held.slice(0, 3), ...held.slice(3).reverse()]) {
        allocator.release(address, bytes);
      }
    };
    batch(4096);
    const grown = allocator.memory.buffer.byteLength;
    for (let tokens = 4096; tokens > 0; tokens -= 119) batch(tokens);
    batch(4096);
    expect(allocator.memory.buffer.byteLength).toBe(grown);
    expect(allocator.bytes).toBe(0);
  });
});
