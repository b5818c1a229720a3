import type { Backend, SamplingOptions } from '../../../src/engine/backend.ts';
import type { DecoderConfig } from '../../../src/engine/config.ts';
import { Decoder } from '../../../src/engine/decoder.ts';
import { decoderTensors } from '../../../src/engine/decoderTensors.ts';
import { Generator, type Drawn } from '../../../src/engine/generation.ts';
import type { OpenOptions, SequenceState } from '../../../src/engine/generationPlan.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { scoreSequences, topLogprobs } from '../../../src/engine/scoring.ts';

export const smallConfig: DecoderConfig = {
  modelType: 'qwen3',
  vocabSize: 41,
  hiddenSize: 24,
  intermediateSize: 36,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 8,
  normEps: 1e-6,
  ropeTheta: 10000,
  tieWordEmbeddings: true,
  qkvBias: false,
  outputBias: false,
  qkNorm: true,
  maxPositions: 128,
};

export const greedy: SamplingOptions = { temperature: 0, topK: 0, topP: 1 };
export const sampled: SamplingOptions = { temperature: 0.9, topK: 0, topP: 1 };

/** Random weights large enough for probabilities far from uniform. */
export function smallDecoder(backend: Backend): Decoder {
  const specs = decoderTensors(smallConfig).map((spec) =>
    'normal' in spec.init ? { ...spec, init: { normal: 0.25 } } : spec,
  );
  const parameters = new Parameters(backend, specs);
  parameters.initialise(7);
  return new Decoder(smallConfig, parameters);
}

/** What to insert whenever the sequence pauses; the sequence ends once these are used up. */
export interface Plan extends OpenOptions {
  readonly insertions?: readonly (readonly number[])[];
}

export interface Rollout {
  readonly tokens: readonly number[];
  readonly drawn: readonly Drawn[];
  /** Index in `tokens` of each drawn token. */
  readonly at: readonly number[];
  readonly end: SequenceState;
}

interface Open {
  readonly plan: Plan;
  readonly index: number;
  readonly drawn: Drawn[];
  readonly at: number[];
  resumed: number;
}

/** Runs all plans to their end, opening each as soon as a slot is free. */
export async function runAll(generator: Generator, plans: readonly Plan[]): Promise<Rollout[]> {
  const rollouts: Rollout[] = [];
  const open = new Map<number, Open>();
  let next = 0;
  while (next < plans.length || open.size > 0) {
    while (generator.available > 0 && next < plans.length) {
      const plan = plans[next];
      if (plan === undefined) break;
      open.set(generator.open(plan), { plan, index: next, drawn: [], at: [], resumed: 0 });
      next++;
    }
    for (const drawn of await generator.step()) {
      const sequence = open.get(drawn.sequence);
      if (sequence === undefined) throw new Error(`drew for unknown sequence ${drawn.sequence}`);
      const tokens = generator.tokens(drawn.sequence);
      sequence.drawn.push(drawn);
      sequence.at.push(drawn.at);
      const insertion = sequence.plan.insertions?.[sequence.resumed];
      if (drawn.state === 'paused' && insertion !== undefined) {
        sequence.resumed++;
        generator.resume(drawn.sequence, insertion);
      } else if (drawn.state !== 'running') {
        const { index, drawn: all, at } = sequence;
        rollouts[index] = { tokens: [...tokens], drawn: all, at, end: drawn.state };
        generator.close(drawn.sequence);
        open.delete(drawn.sequence);
      }
    }
  }
  return rollouts;
}

/**
 * Checks every drawn token of a rollout against a full forward pass over the whole of it, without any cache:
 * log-probability and entropy within 1e-4, and greedily the very token. Throws an Error naming the first that is off.
 */
export async function checkFullForwardAgrees(
  decoder: Decoder,
  rollout: Rollout,
  sampling: SamplingOptions,
): Promise<void> {
  const [scores] = await scoreSequences(decoder, [{ ids: rollout.tokens, from: 1 }], sampling.temperature);
  for (const [n, drawn] of rollout.drawn.entries()) {
    const at = rollout.at[n] ?? 0;
    const full = { logprob: scores?.logprob[at - 1] ?? NaN, entropy: scores?.entropy[at - 1] ?? NaN };
    const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-4;
    if (!near(full.logprob, drawn.logprob) || !near(full.entropy, drawn.entropy)) {
      throw new Error(
        `token ${at}: drawn with ${JSON.stringify(drawn)}, full forward has ${JSON.stringify(full)}`,
      );
    }
    if (rollout.tokens[at] !== drawn.token)
      throw new Error(`token ${at} is ${rollout.tokens[at]}, not as drawn`);
    if (sampling.temperature > 0) continue;
    const [best] = await topLogprobs(decoder, rollout.tokens.slice(0, at), 1, 1);
    if (best?.id !== drawn.token)
      throw new Error(`token ${at}: drew ${drawn.token}, full forward ${best?.id}`);
  }
}

/**
 * The check of generation for any backend: greedy and sampled rollouts in one batch, pauses and insertions, slots
 * used again, a shared prompt, prompts fed in over several steps, one token a readback or several.
 */
export async function checkGeneration(backend: Backend): Promise<void> {
  const decoder = smallDecoder(backend);
  const plans = [
    [3],
    [5, 9, 2, 30, 17],
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
    [40, 0, 40],
    [8, 8],
  ].map((prompt, rollout): Plan => ({
    prompt,
    key: { seed: 11, rollout },
    sampling: rollout % 2 === 0 ? greedy : sampled,
    maxTokens: 12,
    stop: (generated) => generated.length === 4,
    insertions: [[7, 7, 21, 3], []],
  }));
  const rollouts: Rollout[] = [];
  for (const [slots, rowsPerStep, tokensPerReadback] of [
    [5, 64, 3],
    [2, 4, 1],
  ] as const) {
    const generator = new Generator(decoder, { slots, capacity: 40, rowsPerStep, tokensPerReadback });
    for (const [i, rollout] of (await runAll(generator, plans)).entries()) {
      await checkFullForwardAgrees(decoder, rollout, plans[i]?.sampling ?? greedy);
      rollouts.push(rollout);
    }
    generator.dispose();
  }
  plans.forEach((_plan, i) => {
    const [wide, narrow] = [rollouts[i], rollouts[i + plans.length]];
    if (wide?.tokens.join() !== narrow?.tokens.join()) throw new Error(`rollout ${i} depends on its batch`);
  });

  const generator = new Generator(decoder, { slots: 2, capacity: 40 });
  const [plan] = plans.slice(2);
  if (plan === undefined) throw new Error('no plan');
  const source = generator.open({ ...plan, maxTokens: 3 });
  const sharing = generator.open({ ...plan, maxTokens: 3, share: source });
  while (generator.busy) await generator.step();
  if (generator.tokens(source).join() !== generator.tokens(sharing).join()) {
    throw new Error('a shared prompt changes the rollout');
  }
  generator.dispose();
  decoder.parameters.dispose();
}
