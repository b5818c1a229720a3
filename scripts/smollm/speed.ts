/** Tokens a second when one sequence is decoded, with the weights in few bits and as f32. */
import type { Backend } from '../../src/engine/backend.ts';
import { Generator } from '../../src/engine/generation.ts';
import { frozenDecoder, type OpenedFile } from './model.ts';

const ROUNDS = 5;
const TOKENS = 24;
const KINDS = ['f32', 'int4'] as const;

/** Both take turns, so that what else the machine does meets both alike; the best round counts. */
export async function decodeSpeed(backend: Backend, model: OpenedFile): Promise<void> {
  const opened = KINDS.map((kind) => {
    const before = backend.memory().bytes;
    const { decoder } = frozenDecoder(backend, model, kind);
    const bytes = backend.memory().bytes - before;
    const generator = new Generator(decoder, { slots: 1, capacity: 1024 });
    generator.open({
      prompt: model.tokenizer.encode('Once upon a time there was a river that'),
      key: { seed: 0, rollout: 0 },
      sampling: { temperature: 0, topK: 0, topP: 1 },
    });
    return { kind, bytes, generator, best: 0 };
  });
  // The first steps feed the prompt in and pack the panels that f32 decoding keeps.
  for (const { generator } of opened) for (let i = 0; i < 4; i++) await generator.step();
  for (let round = 0; round < ROUNDS; round++) {
    for (const one of opened) {
      const began = performance.now();
      for (let i = 0; i < TOKENS; i++) await one.generator.step();
      one.best = Math.max(one.best, (1000 * TOKENS) / (performance.now() - began));
    }
  }
  for (const { kind, bytes, best } of opened) {
    console.log(`${kind}: ${best.toFixed(1)} tokens/s, weights ${(bytes / 2 ** 20).toFixed(0)} MiB`);
  }
  const [f32, int4] = opened;
  console.log(`int4 decodes ${((int4?.best ?? NaN) / (f32?.best ?? NaN)).toFixed(2)} times as fast as f32`);
}
