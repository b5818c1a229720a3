import { lcsPairs } from './lcs.ts';
import type { Trace } from './trace.ts';

/** Where two rollouts of a question agree and where they do not. */
export interface Comparison {
  /** Tokens that both begin with. They part at this index; it is a rollout's length where the other goes on. */
  readonly common: number;
  /** Per token of each: true where the other has it too, in the same order. */
  readonly left: readonly boolean[];
  readonly right: readonly boolean[];
}

/**
 * The common beginning token by token, then the words of the rest: a word is common where it is in a longest common
 * subsequence of both rests. Words, not tokens: a token is often half a name, and halves that happen to be equal are
 * nothing in common.
 */
export function compareTraces(a: Trace, b: Trace): Comparison {
  const common = commonPrefix(a, b);
  const left = wordsFrom(a, common);
  const right = wordsFrom(b, common);
  const marksLeft = begun(a, common);
  const marksRight = begun(b, common);
  for (const [i, j] of lcsPairs(
    left.map(({ text }) => text),
    right.map(({ text }) => text),
  )) {
    mark(marksLeft, left[i]);
    mark(marksRight, right[j]);
  }
  return { common, left: marksLeft, right: marksRight };
}

/** Length of the common beginning: equal texts, written or inserted alike. */
export function commonPrefix({ tokens: a }: Trace, { tokens: b }: Trace): number {
  const length = Math.min(a.texts.length, b.texts.length);
  for (let i = 0; i < length; i++) {
    if (a.texts[i] !== b.texts[i] || a.generated[i] !== b.generated[i]) return i;
  }
  return length;
}

interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const begun = ({ tokens }: Trace, common: number): boolean[] => tokens.texts.map((_, i) => i < common);

function mark(marks: boolean[], word: Word | undefined): void {
  if (word !== undefined) marks.fill(true, word.start, word.end);
}

/** Tokens from `from` on, put together to words: a word begins at a space, at a tag, and after one. */
function wordsFrom({ tokens }: Trace, from: number): readonly Word[] {
  const words: Word[] = [];
  let text = '';
  let start = from;
  const finish = (end: number): void => {
    if (end > start) words.push({ text: text.trim(), start, end });
    text = '';
    start = end;
  };
  for (let i = from; i < tokens.texts.length; i++) {
    const piece = tokens.texts[i] ?? '';
    if (/^[\s<]/.test(piece) || /[\s>]$/.test(text)) finish(i);
    text += piece;
  }
  finish(tokens.texts.length);
  return words;
}
