import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../../src/engine/backend.ts';
import type { Decoder } from '../../../src/engine/decoder.ts';
import { Generator } from '../../../src/engine/generation.ts';
import {
  checkFullForwardAgrees,
  checkGeneration,
  greedy,
  runAll,
  sampled,
  smallDecoder,
  type Plan,
} from './generationModel.ts';
import { openBackend } from './openBackend.ts';

const prompts = [[3], [5, 9, 2, 30, 17], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13], [40, 0, 40], [8, 8]];

let backend: Backend;
let decoder: Decoder;

beforeAll(async () => {
  backend = await openBackend();
  decoder = smallDecoder(backend);
});
afterAll(() => backend.dispose());

/** Plans of one sampling, a rollout number each; they pause at tokens divisible by 5 to take insertions. */
function plansOf(sampling: Plan['sampling'], more: Partial<Plan> = {}): Plan[] {
  return prompts.map((prompt, rollout) => ({
    prompt,
    key: { seed: 11, rollout },
    sampling,
    maxTokens: 14,
    ...more,
  }));
}

async function generate(plans: readonly Plan[], slots: number, rowsPerStep?: number, tokensPerReadback = 1) {
  const bound = rowsPerStep === undefined ? {} : { rowsPerStep };
  const generator = new Generator(decoder, { slots, capacity: 64, tokensPerReadback, ...bound });
  try {
    return await runAll(generator, plans);
  } finally {
    generator.dispose();
  }
}

describe('cached generation', () => {
  it('equals the full forward pass, greedily, alone and together, however the prompts are fed in', async () => {
    const together = await generate(plansOf(greedy), 5);
    for (const rollout of together) await checkFullForwardAgrees(decoder, rollout, greedy);
    for (const [slots, rows] of [
      [1, undefined],
      [2, 2],
      [5, 7],
    ] as const) {
      const again = await generate(plansOf(greedy), slots, rows);
      expect(again.map(({ tokens }) => tokens)).toEqual(together.map(({ tokens }) => tokens));
    }
  });

  it('gives the same rollout for the same seed whatever shares its batch', async () => {
    const plans = plansOf({ temperature: 1, topK: 12, topP: 0.9 });
    const together = await generate(plans, 5);
    for (const [index, plan] of plans.entries()) {
      const [alone] = await generate([plan], 1);
      expect(alone?.tokens).toEqual(together[index]?.tokens);
    }
    const other = await generate(
      plansOf({ temperature: 1, topK: 12, topP: 0.9 }, { key: { seed: 12, rollout: 0 } }),
      5,
    );
    expect(other.map(({ tokens }) => tokens)).not.toEqual(together.map(({ tokens }) => tokens));
  });

  it('reports logprob and entropy at the temperature, pauses at the stop and goes on after an insertion', async () => {
    const plans = plansOf(sampled, {
      maxTokens: 30,
      stop: (generated) => (generated.at(-1) ?? 1) % 5 === 0,
      insertions: [[7, 7, 21, 3], [], [19]],
    });
    for (const slots of [1, 3, 5]) {
      const rollouts = await generate(plans, slots);
      for (const rollout of rollouts) await checkFullForwardAgrees(decoder, rollout, sampled);
      const inserted = rollouts.filter(({ tokens }) => tokens.join().includes('7,7,21,3'));
      expect(inserted.length).toBeGreaterThan(0);
    }
  });

  it('draws several tokens before a readback and keeps none beyond a stop, to the bit', async () => {
    const plans = plansOf(sampled, {
      maxTokens: 30,
      stop: (generated) => (generated.at(-1) ?? 1) % 5 === 0,
      insertions: [[7, 7, 21, 3], [], [19]],
    });
    const one = await generate(plans, 5);
    expect(one.some(({ end }) => end === 'paused')).toBe(true);
    for (const [slots, rows, tokensPerReadback] of [
      [5, undefined, 2],
      [5, undefined, 4],
      [5, 7, 4],
      [3, undefined, 5],
      [1, undefined, 33],
    ] as const) {
      expect(await generate(plans, slots, rows, tokensPerReadback)).toEqual(one);
    }
    const mixed = plansOf(greedy).map((plan, i) => (i % 2 === 0 ? plan : { ...plan, sampling: sampled }));
    expect(await generate(mixed, 4, undefined, 4)).toEqual(await generate(mixed, 4));
    // Slots filled to their last place, beside one that has room.
    const long = plansOf(sampled, { maxTokens: 100 });
    const filled = await generate(long, 5);
    expect(filled.map(({ tokens }) => tokens.length)).toEqual(long.map(() => 64));
    expect(await generate(long, 5, undefined, 9)).toEqual(filled);
    expect(() => new Generator(decoder, { slots: 1, capacity: 9, tokensPerReadback: 0 })).toThrow(
      'whole number',
    );
  });

  it('reads several tokens back at once', async () => {
    let reads = 0;
    const counting = new Proxy(backend, {
      get: (target, name) => {
        if (name === 'readI32') reads++;
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      },
    });
    const counted = smallDecoder(counting);
    const readsWith = async (tokensPerReadback: number): Promise<number> => {
      const generator = new Generator(counted, { slots: 1, capacity: 32, tokensPerReadback });
      generator.open({ prompt: [1, 2], key: { seed: 1, rollout: 0 }, sampling: greedy, maxTokens: 16 });
      reads = 0;
      while (generator.busy) await generator.step();
      generator.dispose();
      return reads;
    };
    expect([await readsWith(1), await readsWith(4)]).toEqual([16, 4]);
  });

  it('mixes samplings in one batch', async () => {
    const mixed = plansOf(greedy).map((plan, i) => (i % 2 === 0 ? plan : { ...plan, sampling: sampled }));
    const together = await generate(mixed, 5);
    for (const [i, rollout] of together.entries()) {
      await checkFullForwardAgrees(decoder, rollout, i % 2 === 0 ? greedy : sampled);
    }
  });

  it('shares prompts without changing a token, also when the source closes first', async () => {
    const prompt = prompts[2] ?? [];
    const plans = [0, 1, 2, 3].map((rollout) => ({
      prompt,
      key: { seed: 3, rollout },
      sampling: sampled,
      maxTokens: 9,
    }));
    const separate = await generate(plans, 4);
    for (const rowsPerStep of [2048, 5]) {
      const generator = new Generator(decoder, { slots: 5, capacity: 32, rowsPerStep });
      const source = generator.open({
        prompt: [...prompt, 6],
        key: { seed: 0, rollout: 0 },
        sampling: greedy,
      });
      const ids = plans.map((plan) => generator.open({ ...plan, share: source }));
      if (rowsPerStep === 5) await generator.step();
      generator.close(source);
      while (generator.busy) await generator.step();
      expect(ids.map((id) => generator.tokens(id))).toEqual(separate.map(({ tokens }) => tokens));
      generator.dispose();
    }
    const generator = new Generator(decoder, { slots: 4, capacity: 32 });
    const first = plans[0];
    if (first === undefined) throw new Error('no plan');
    const source = generator.open(first);
    const ids = [source, ...plans.slice(1).map((plan) => generator.open({ ...plan, share: source }))];
    while (generator.busy) await generator.step();
    expect(ids.map((id) => generator.tokens(id))).toEqual(separate.map(({ tokens }) => tokens));
    generator.dispose();
  });

  it('reads a shared prompt rightly while its source and its copies leave and other prompts take their slots', async () => {
    const alike = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5];
    const plans = [4, 9, 6, 12, 3, 8, 11, 5].map((maxTokens, rollout) => ({
      prompt: rollout < 5 ? [...alike, rollout % 2] : [7, ...alike],
      key: { seed: 4, rollout },
      sampling: sampled,
      maxTokens,
    }));
    const separate = await generate(plans, 1);
    const generator = new Generator(decoder, { slots: 4, capacity: 32 });
    const waiting = [...plans.entries()];
    const open = new Map<number, number>(); // sequence → plan
    const found: (readonly number[])[] = [];
    while (waiting.length > 0 || open.size > 0) {
      while (generator.available > 0) {
        const [next] = waiting.splice(0, 1);
        if (next === undefined) break;
        const [plan, options] = next;
        const share = [...open.keys()].at(-1);
        open.set(generator.open({ ...options, ...(share !== undefined && { share }) }), plan);
      }
      for (const { sequence, state } of await generator.step()) {
        if (state === 'running') continue;
        found[open.get(sequence) ?? -1] = generator.tokens(sequence);
        open.delete(sequence);
        generator.close(sequence);
      }
    }
    expect(found).toEqual(separate.map(({ tokens }) => tokens));
    generator.dispose();
  });

  it('ends at the capacity with the last place used', async () => {
    const generator = new Generator(decoder, { slots: 1, capacity: 9 });
    const [rollout] = await runAll(generator, [
      { prompt: [1, 2, 3], key: { seed: 1, rollout: 1 }, sampling: greedy },
    ]);
    expect(rollout?.end).toBe('length');
    expect(rollout?.tokens).toHaveLength(9);
    generator.dispose();
  });

  it('lets sequences close while a step waits for the device', async () => {
    const generator = new Generator(decoder, { slots: 2, capacity: 16 });
    const [a, b] = [0, 1].map((rollout) =>
      generator.open({ prompt: [1, 2], key: { seed: 1, rollout }, sampling: greedy }),
    );
    const step = generator.step();
    const second = generator.step();
    generator.close(a ?? -1);
    await expect(second).rejects.toThrow('under way');
    expect((await step).map(({ sequence }) => sequence)).toEqual([b]);
    generator.dispose();
  });

  it('refuses what it cannot do, in words', async () => {
    const generator = new Generator(decoder, { slots: 1, capacity: 8 });
    const base = { key: { seed: 1, rollout: 1 }, sampling: greedy };
    expect(() => generator.open({ ...base, prompt: [] })).toThrow('at least one token');
    expect(() => generator.open({ ...base, prompt: [1, 2, 3, 4, 5, 6, 7, 8] })).toThrow('capacity of 8');
    expect(() => generator.open({ ...base, prompt: [41] })).toThrow(
      'token 41 is not in the vocabulary of 41',
    );
    const id = generator.open({ ...base, prompt: [1], stop: () => true, maxTokens: 2 });
    expect(() => generator.open({ ...base, prompt: [1] })).toThrow('slots are taken');
    expect(() => generator.resume(id, [])).toThrow('is running');
    await generator.step();
    expect(() => generator.resume(id, [1, 1, 1, 1, 1, 1])).toThrow('capacity of 8');
    generator.resume(id, [1]);
    await generator.step();
    expect(() => generator.resume(id, [])).toThrow('has generated its 2 tokens');
    generator.close(id);
    expect(() => generator.tokens(id)).toThrow('no open sequence');
    expect(() => new Generator(decoder, { slots: 1, capacity: 129 })).toThrow("model's 128 positions");
    generator.dispose();
  });

  it('passes the check that every backend passes', () => checkGeneration(backend));

  it('gives all memory back', async () => {
    const before = backend.memory().bytes;
    await generate(plansOf(sampled), 3);
    expect(backend.memory().bytes).toBe(before);
  });
});
