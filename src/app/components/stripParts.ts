import type { Segment, Trace } from '../../traces/trace.ts';
import { verdict, type Verdict } from '../../traces/verdict.ts';

/** What a part of a strip says was done. */
export type PartKind = 'think' | 'search' | 'result' | 'answer' | 'partly' | 'wrong' | 'broken' | 'open';

export interface StripPart {
  readonly kind: PartKind;
  readonly tokens: number;
}

const answerPart: Readonly<Record<Verdict, PartKind>> = {
  right: 'answer',
  partly: 'partly',
  wrong: 'wrong',
  broken: 'broken',
  unscored: 'open',
};

/** Nothing said: spaces between tags, or the token that ends a response, such as `<|end|>`. */
export const isBare = ({ kind, text }: Segment): boolean =>
  kind === 'text' && /^(\s|<\|[^|]*\|>)*$/.test(text);

/** The parts of a rollout's strip, in order; a part's length is its tokens. Bare spaces between tags join their neighbour. */
export function stripParts(trace: Trace): readonly StripPart[] {
  const end = verdict(trace);
  const parts: StripPart[] = [];
  for (const segment of trace.segments) {
    const tokens = segment.end - segment.start;
    if (tokens <= 0) continue;
    const before = parts.at(-1);
    if (isBare(segment) && before !== undefined) {
      parts[parts.length - 1] = { kind: before.kind, tokens: before.tokens + tokens };
    } else if (segment.kind === 'answer') {
      parts.push({ kind: answerPart[end], tokens });
    } else {
      parts.push({ kind: segment.kind === 'text' ? 'think' : segment.kind, tokens });
    }
  }
  return end === 'broken' ? breakingLast(parts) : parts;
}

/** A broken rollout without a broken answer shows the break at its last written part. */
function breakingLast(parts: readonly StripPart[]): readonly StripPart[] {
  if (parts.some((part) => part.kind === 'broken')) return parts;
  const at = parts.findLastIndex((part) => part.kind !== 'result');
  return parts.map((part, i) => (i === at ? { ...part, kind: 'broken' } : part));
}

const words: Readonly<Record<PartKind, string>> = {
  think: 'thinks',
  search: 'searches',
  result: 'reads',
  answer: 'answers right',
  partly: 'answers partly right',
  wrong: 'answers wrong',
  broken: 'breaks the format',
  open: 'answers',
};

export const partWord = (kind: PartKind): string => words[kind];

/** A strip in words, for those who do not see it: "thinks, searches, reads, answers right; 84 tokens". */
export function stripWords(trace: Trace): string {
  const parts = stripParts(trace).map((part) => words[part.kind]);
  return `${parts.join(', ')}; ${trace.tokens.ids.length} tokens`;
}
