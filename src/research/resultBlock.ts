import type { Passage, RetrievedPassage } from '../retrieval/retriever.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { RolloutFormat } from './format.ts';

/** What the paper's evaluation answers to an empty query. */
export const NOTHING_TO_SEARCH = 'nothing to search';

/** Inside of a result block: the passages, best first. */
export function passagesText(
  format: RolloutFormat,
  passages: readonly Pick<Passage, 'title' | 'text'>[],
): string {
  return passages.map((passage) => format.passageText(passage).trim()).join(format.passageSeparator);
}

/** What a search brought, as the policy is shown it; undefined: the search was not made. */
export const foundText = (format: RolloutFormat, found: readonly RetrievedPassage[] | undefined): string =>
  found === undefined
    ? NOTHING_TO_SEARCH
    : passagesText(
        format,
        found.map(({ passage }) => passage),
      );

/** Text of a result block around `inner`. */
export function resultText(format: RolloutFormat, inner: string): string {
  const [before, after] = format.resultInner;
  return format.resultBefore + before + inner + after + format.resultAfter;
}

/** Tokens of a result block around `inner`. Only the tags become tag tokens: `inner` is encoded as plain letters. */
export function encodeResult(tokenizer: Tokenizer, format: RolloutFormat, inner: string): number[] {
  const [before, after] = format.resultInner;
  return [
    ...tokenizer.encode(format.resultBefore),
    ...tokenizer.encode(before + inner + after, { plain: true }),
    ...tokenizer.encode(format.resultAfter),
  ];
}
