import type { SegmentKind } from '../trace.ts';

/** A part of a response in the words of a file: all of its text, tags included, and what stands between the tags. */
export interface Span {
  readonly kind: SegmentKind;
  readonly text: string;
  readonly inner: string;
  readonly closed: boolean;
  /** True: the policy wrote it. False: it was handed to it. */
  readonly generated: boolean;
}

interface Pair {
  readonly kind: Exclude<SegmentKind, 'text'>;
  readonly open: string;
  readonly close: string;
}

/** Tags by which published policies think, search, are handed results, and answer. */
const pairs: readonly Pair[] = [
  { kind: 'think', open: '<think>', close: '</think>' },
  { kind: 'search', open: '<search>', close: '</search>' },
  { kind: 'search', open: '<|begin_of_query|>', close: '<|end_of_query|>' },
  { kind: 'search', open: '<tool_call>', close: '</tool_call>' },
  { kind: 'result', open: '<result>', close: '</result>' },
  { kind: 'result', open: '<information>', close: '</information>' },
  { kind: 'result', open: '<|begin_of_documents|>', close: '<|end_of_documents|>' },
  { kind: 'result', open: '<tool_response>', close: '</tool_response>' },
  { kind: 'answer', open: '<answer>', close: '</answer>' },
];

const escaped = (text: string): string => text.replace(/[|\\{}()[\]^$+*?.]/g, '\\$&');
const tags = new RegExp(pairs.flatMap(({ open, close }) => [escaped(open), escaped(close)]).join('|'), 'g');

/**
 * Cuts a response by its tags. Whatever is written is accepted: an opening tag ends an unclosed part before it; a
 * `</think>` that nothing opened ends a thought that began with the text before it (chat templates open it in the
 * prompt); any other closing tag without its opening one is plain text. A result reaches to its own closing tag,
 * whatever its passages spell; one that follows a search was handed to the policy, any other it wrote itself.
 */
export function spansOf(text: string): readonly Span[] {
  const spans: Span[] = [];
  let from = 0;
  let innerFrom = 0;
  let open: Pair | undefined;
  const finish = (to: number, closed: boolean, innerEnd = to): void => {
    const whole = text.slice(from, to);
    const inner = text.slice(innerFrom, innerEnd).trim();
    const { kind = 'text' } = open ?? {};
    open = undefined;
    if (whole.trim() !== '') push(spans, { kind, text: whole, inner, closed });
    else if (!joinBlank(spans, whole)) return;
    from = to;
    innerFrom = to;
  };
  for (const match of text.matchAll(tags)) {
    const [tag] = match;
    const after = match.index + tag.length;
    if (open?.kind === 'result' && tag !== open.close) continue;
    const opened = pairs.find((pair) => pair.open === tag);
    if (opened !== undefined) {
      finish(match.index, open === undefined);
      open = opened;
      innerFrom = after;
    } else if (open?.close === tag) {
      finish(after, true, match.index);
    } else if (tag === '</think>' && open === undefined) {
      open = { kind: 'think', open: '', close: tag };
      finish(after, true, match.index);
    }
  }
  finish(text.length, open === undefined);
  return spans;
}

function push(spans: Span[], span: Omit<Span, 'generated'>): void {
  const handed = span.kind === 'result' && spans.at(-1)?.kind === 'search';
  spans.push({ ...span, generated: !handed });
}

/** Space between two parts belongs to the one before it, at the start to the one after it: the parts are all of the text. */
function joinBlank(spans: Span[], blank: string): boolean {
  const last = spans.pop();
  if (last === undefined) return false;
  spans.push({ ...last, text: last.text + blank });
  return true;
}

/** Words of a text with the space before each; tags are words of their own. Joined they are the text. */
export function wordsOf(text: string): readonly string[] {
  return text.match(/\s*<\/?[a-z_]+>|\s*<\|[^|<>]*\|>|\s*(?:[^\s<]+|<)|\s+$/g) ?? [];
}
