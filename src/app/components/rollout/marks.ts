import { isYesOrNo } from '../../../traces/behaviours/reading.ts';
import { lastBoxed } from '../../../traces/boxed.ts';
import type { Trace, TraceSearch } from '../../../traces/trace.ts';

/** A piece of a passage: plain, told as the answer, or carried into a later search. */
export interface Piece {
  readonly text: string;
  readonly as: 'plain' | 'answer' | 'carried';
}

/**
 * Cuts a passage where the rollout took words from it, so that they can be marked as text, never as markup. The answer
 * is marked where it stands whole; words of later searches where they stand and neither the question nor an earlier
 * search had them.
 */
export function takenFrom(text: string, taken: Taken): readonly Piece[] {
  const as = new Array<Piece['as']>(text.length).fill('plain');
  for (const word of taken.carried) markAll(text, word, as, 'carried');
  if (taken.answer !== undefined) markAll(text, taken.answer, as, 'answer');
  const pieces: Piece[] = [];
  for (let from = 0; from < text.length;) {
    let to = from + 1;
    while (to < text.length && as[to] === as[from]) to++;
    pieces.push({ text: text.slice(from, to), as: as[from] ?? 'plain' });
    from = to;
  }
  return pieces;
}

/** What a rollout took from one of its results. */
export interface Taken {
  readonly answer?: string;
  /** Runs of words of later searches. */
  readonly carried: readonly string[];
}

export function takenBy(trace: Trace, search: TraceSearch): Taken {
  const answer = answerOf(trace);
  const at = trace.searches.indexOf(search);
  const known = new Set(
    [trace.question.text, ...trace.searches.slice(0, at + 1).map(({ query }) => query)].flatMap(wordsOf),
  );
  const carried = trace.searches.slice(at + 1).flatMap(({ query }) => runsOf(query, known));
  return { carried, ...(answer === undefined ? {} : { answer }) };
}

function answerOf(trace: Trace): string | undefined {
  const told = trace.segments.findLast(({ kind }) => kind === 'answer')?.text;
  const answer = (trace.reward?.answer ?? (told === undefined ? undefined : lastBoxed(told)) ?? told)?.trim();
  return answer === undefined || answer.length < 2 || isYesOrNo(answer) ? undefined : answer;
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** Words that are not known, together where they stand together; words of one letter are none. */
function runsOf(query: string, known: ReadonlySet<string>): string[] {
  const runs: string[] = [];
  let run = '';
  for (const [piece] of query.matchAll(/[\p{L}\p{N}]+|[^\p{L}\p{N}]+/gu)) {
    const isWord = /^[\p{L}\p{N}]/u.test(piece);
    if (isWord && !known.has(piece.toLowerCase())) run += piece;
    else if (!isWord && run !== '') run += piece;
    else if (isWord) {
      runs.push(run);
      run = '';
    }
  }
  return [...runs, run].map((text) => text.trim()).filter((text) => text.length > 1);
}

/** Marks every place where `words` stand as whole words, whatever their case. */
function markAll(text: string, words: string, as: Piece['as'][], how: Piece['as']): void {
  const low = text.toLowerCase();
  const wanted = words.toLowerCase();
  // Lower-casing can change lengths (İ); positions would then be off, and nothing is marked rather than wrongly.
  if (low.length !== text.length || wanted === '') return;
  for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, at + 1)) {
    if (inWord(low, at - 1, at) || inWord(low, at + wanted.length - 1, at + wanted.length)) continue;
    as.fill(how, at, at + wanted.length);
  }
}

/** Whether the letters at two neighbouring places belong to one word. */
const inWord = (text: string, left: number, right: number): boolean =>
  /[\p{L}\p{N}]/u.test(text.charAt(left)) && /[\p{L}\p{N}]/u.test(text.charAt(right));
