import type { Segment, SegmentKind, TraceTokens } from './trace.ts';

/**
 * Cuts a response into segments. Tags may be one token (`<search>`) or several (`<`, `search`, `>`), and a token
 * may hold the end of one tag and the start of the next (`><`): it belongs to the segment its first character is in.
 * Whatever the policy writes is accepted: an opening tag ends an unclosed segment before it, a closing tag without
 * its opening one is plain content.
 */

type TagKind = Exclude<SegmentKind, 'text'>;

const TAG = /<(\/?)(think|search|result|answer)>/g;

/** A segment in characters of one run. */
interface Span {
  kind: SegmentKind;
  start: number;
  end: number;
  innerStart: number;
  innerEnd: number;
  closed: boolean;
}

/**
 * Segments of a response, in order, disjoint, together covering every token. A run of inserted tokens is always
 * exactly one `result` segment, whatever tags its passages spell: only what was generated or given is searched for tags.
 * White space between two segments belongs to the one that follows (at the end: to the last one).
 */
export function parseSegments(tokens: Pick<TraceTokens, 'texts' | 'generated' | 'given'>): Segment[] {
  const { texts, generated } = tokens;
  if (texts.length !== generated.length) {
    throw new Error(`Trace tokens: ${texts.length} texts but ${generated.length} generated flags.`);
  }
  const segments: Segment[] = [];
  let start = 0;
  while (start < texts.length) {
    const inserted = isInserted(tokens, start);
    let end = start + 1;
    while (end < texts.length && isInserted(tokens, end) === inserted) end++;
    const run = texts.slice(start, end);
    if (inserted) segments.push(insertedRun(run, start));
    else segments.push(...generatedRun(run, start));
    start = end;
  }
  return segments;
}

/** Whether a token came with a result: neither the policy's own nor given to it. */
export const isInserted = (
  { generated, given }: Pick<TraceTokens, 'generated' | 'given'>,
  index: number,
): boolean => generated[index] === false && given?.[index] !== true;

function insertedRun(texts: readonly string[], offset: number): Segment {
  const text = texts.join('').trim();
  const closed = text.endsWith('</result>');
  const inner = text.slice(text.startsWith('<result>') ? 8 : 0, closed ? -9 : undefined);
  return { kind: 'result', start: offset, end: offset + texts.length, text: inner.trim(), closed };
}

function generatedRun(texts: readonly string[], offset: number): Segment[] {
  const text = texts.join('');
  // Tokens of no text at all (the first bytes of an unfinished character) are still tokens.
  const spans = text === '' ? [textSpan(0)] : mergeBlank(scan(text), text);
  const bounds = tokenBounds(texts, spans);
  const segments: Segment[] = [];
  spans.forEach((span, i) => {
    const start = bounds[i] ?? 0;
    const end = bounds[i + 1] ?? texts.length;
    // A span inside a single token that began in the span before has no token of its own.
    if (end === start) return;
    segments.push({
      kind: span.kind,
      start: offset + start,
      end: offset + end,
      text: text.slice(span.innerStart, span.innerEnd).trim(),
      closed: span.closed,
    });
  });
  return segments;
}

function scan(text: string): Span[] {
  const spans: Span[] = [];
  let open: Span = textSpan(0);
  const finish = (innerEnd: number, end: number, closed: boolean): void => {
    open.innerEnd = innerEnd;
    open.end = end;
    open.closed = closed;
    if (end > open.start) spans.push(open);
  };
  for (const match of text.matchAll(TAG)) {
    const kind = match[2] as TagKind;
    const after = match.index + match[0].length;
    if (match[1] === '/') {
      if (open.kind !== kind) continue;
      finish(match.index, after, true);
      open = textSpan(after);
    } else {
      finish(match.index, match.index, open.kind === 'text');
      open = { kind, start: match.index, end: 0, innerStart: after, innerEnd: 0, closed: false };
    }
  }
  finish(text.length, text.length, open.kind === 'text');
  return spans;
}

function textSpan(start: number): Span {
  return { kind: 'text', start, end: start, innerStart: start, innerEnd: start, closed: true };
}

function mergeBlank(spans: readonly Span[], text: string): Span[] {
  const merged: Span[] = [];
  let blankStart: number | undefined;
  for (const span of spans) {
    if (span.kind === 'text' && text.slice(span.start, span.end).trim() === '') {
      blankStart = span.start;
      continue;
    }
    merged.push(blankStart === undefined ? span : { ...span, start: blankStart });
    blankStart = undefined;
  }
  if (blankStart === undefined) return merged;
  const last = merged.at(-1);
  if (last === undefined) return [...spans];
  last.end = text.length;
  return merged;
}

/** First token of each span: the first token that begins at or after the span's first character. */
function tokenBounds(texts: readonly string[], spans: readonly Span[]): number[] {
  const bounds: number[] = [];
  let token = 0;
  let position = 0;
  for (const span of spans) {
    // Tokens of no text (the later bytes of a split character) stay with the token before them.
    while (token < texts.length && (position < span.start || (token > 0 && texts[token] === ''))) {
      position += texts[token]?.length ?? 0;
      token++;
    }
    bounds.push(token);
  }
  if (bounds.length > 0) bounds[0] = 0;
  return bounds;
}
