import type { Decoder } from '../src/engine/decoder.ts';
import { Generator } from '../src/engine/generation.ts';

/** The most likely continuation of a prompt, `tokens` long, whatever it says. */
export async function greedy(
  decoder: Decoder,
  prompt: readonly number[],
  tokens: number,
): Promise<readonly number[]> {
  const generator = new Generator(decoder, { slots: 1, capacity: prompt.length + tokens });
  try {
    const sequence = generator.open({
      prompt,
      key: { seed: 1, rollout: 0 },
      sampling: { temperature: 0, topK: 0, topP: 1 },
      maxTokens: tokens,
    });
    while (generator.busy) await generator.step();
    return generator.tokens(sequence).slice(prompt.length);
  } finally {
    generator.dispose();
  }
}

/** "greedy ids equal", or where two continuations part. */
export function agreement(ours: readonly number[], peers: readonly number[]): string {
  const at = ours.findIndex((id, i) => id !== peers[i]);
  if (at < 0 && ours.length === peers.length) return `${ours.length} greedy ids equal`;
  return `greedy ids part at token ${at < 0 ? ours.length : at} of ${ours.length}`;
}
