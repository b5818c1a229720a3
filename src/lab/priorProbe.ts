import type { Decoder } from '../engine/decoder.ts';
import { scoreSequences } from '../engine/scoring.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { PriorSequence } from './pretrain.ts';

/** What the prior can do token by token on good chains of worlds it has not seen; mean probabilities, 0…1. */
export interface PriorProbe {
  /** Pieces of a query that go on with a word: is a begun name copied to its end? */
  readonly copy: number;
  /** Tokens of the boxed answer: is the answer read out of the page? */
  readonly read: number;
  /** First tokens of a query: does it turn to the right name at all? */
  readonly turn: number;
}

export async function probePrior(
  decoder: Decoder,
  tokenizer: Tokenizer,
  sequences: readonly PriorSequence[],
): Promise<PriorProbe> {
  const id = (token: string): number => tokenizer.idOf(token) ?? -1;
  const opensQuery = id('<search>');
  const closesQuery = id('</search>');
  const opensBox = id('\\boxed{');
  const brace = tokenizer.encode('x}', { plain: true }).pop() ?? -1;
  const goesOn = (token: number): boolean => !(tokenizer.tokenTexts([token])[0] ?? '').startsWith(' ');
  const scores = await scoreSequences(
    decoder,
    sequences.map((s) => ({ ids: s.ids, from: 1 })),
    1,
  );
  const sums = { copy: [0, 0], read: [0, 0], turn: [0, 0] };
  const add = (sum: number[], p: number): void => {
    sum[0] = (sum[0] ?? 0) + p;
    sum[1] = (sum[1] ?? 0) + 1;
  };
  sequences.forEach(({ ids }, s) => {
    let inside: 'query' | 'box' | undefined;
    let at = 0;
    for (let i = 1; i < ids.length; i++) {
      const token = ids[i] ?? -1;
      const p = Math.exp(scores[s]?.logprob[i - 1] ?? 0);
      if (token === closesQuery || token === brace) inside = undefined;
      if (inside === 'query' && at === 0) add(sums.turn, p);
      if (inside === 'query' && at > 0 && goesOn(token)) add(sums.copy, p);
      if (inside === 'box') add(sums.read, p);
      at++;
      if (token === opensQuery || token === opensBox) {
        inside = token === opensQuery ? 'query' : 'box';
        at = 0;
      }
    }
  });
  const mean = (sum: number[]): number => (sum[0] ?? 0) / Math.max(1, sum[1] ?? 0);
  return { copy: mean(sums.copy), read: mean(sums.read), turn: mean(sums.turn) };
}
