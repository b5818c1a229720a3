import type { Row } from './rows.ts';

/** Rows of JSON, one at a time, so that a row that is broken costs no other, and a long file is read no further than needed. */

const NOT_JSON = 'not JSON. Mend its quotes, commas and brackets, or download the file again';
const CUT_OFF =
  'the file ends in the middle of it: the download seems to be cut off. Download the file again';

function parse(text: string): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { problem: NOT_JSON };
  }
}

/** Whether a line is a row by itself. One without fields may also be an element of something written over many lines. */
function isRow(line: string): boolean {
  if (!/^\s*\{\s*"/.test(line)) return false;
  return 'value' in parse(line);
}

/** The first lines that are not blank. */
function firstLines(text: string, count: number): string[] {
  const lines: string[] = [];
  for (let start = 0; start < text.length && lines.length < count;) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end < 0 ? undefined : end);
    if (line.trim() !== '') lines.push(line);
    if (end < 0) break;
    start = end + 1;
  }
  return lines;
}

/**
 * Rows of JSON Lines, of one JSON list, or of objects one after the other; undefined where the text is none of these.
 * The file's name says nothing: JSON Lines are often called `.json`.
 */
export function jsonRows(text: string): Iterable<Row> | undefined {
  const first = /\S/.exec(text)?.[0];
  if (first === '[') return scannedRows(text);
  // One of the first two, because the first may be the broken one.
  if (firstLines(text, 2).some(isRow)) return lineRows(text);
  return first === '{' ? scannedRows(text) : undefined;
}

function* lineRows(text: string): Generator<Row> {
  let row = 0;
  let line = 0;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const content = text.slice(start, end);
    line++;
    start = end + 1;
    if (content.trim() === '') continue;
    row++;
    const parsed = parse(content);
    const cut = 'problem' in parsed && newline < 0 && content.trimStart().startsWith('{');
    yield { row, line, ...(cut ? { problem: CUT_OFF } : parsed) };
  }
}

/** Elements of a list, or values one after the other, found by their brackets. */
function* scannedRows(text: string): Generator<Row> {
  const list = /^\s*\[/.exec(text)?.[0];
  let at = list?.length ?? 0;
  let closed = list === undefined;
  let row = 0;
  let line = 1;
  let counted = 0;
  for (;;) {
    for (; at < text.length && /[\s,\]]/.test(text.charAt(at)); at++) closed ||= text.charAt(at) === ']';
    // Only up to here: a search for the next line end would run through all of a file without any.
    line += text.slice(counted, at).split('\n').length - 1;
    counted = at;
    if (at >= text.length) break;
    const end = endOfValue(text, at);
    row++;
    yield { row, line, ...(end === undefined ? { problem: CUT_OFF } : parse(text.slice(at, end))) };
    if (end === undefined) return;
    at = end;
  }
  if (!closed) {
    row++;
    yield {
      row,
      line,
      problem:
        'the list of rows is not closed: the download seems to be cut off here. Download the file again',
    };
  }
}

/** Where the value that begins at `start` ends; undefined when the text ends first. */
function endOfValue(text: string, start: number): number | undefined {
  const mark = /["{}[\],\n]/g;
  let depth = 0;
  mark.lastIndex = start;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    const at = found.index;
    switch (found[0]) {
      case '"': {
        const end = endOfString(text, at);
        if (end === undefined) return undefined;
        if (depth === 0) return end;
        mark.lastIndex = end;
        break;
      }
      case '{':
      case '[':
        depth++;
        break;
      case '}':
      case ']':
        depth--;
        // A closing bracket too many is a value by itself, and no JSON.
        if (depth <= 0) return depth < 0 ? Math.max(at, start + 1) : at + 1;
        break;
      default:
        if (depth === 0) return at;
    }
  }
  return depth === 0 ? text.length : undefined;
}

function endOfString(text: string, start: number): number | undefined {
  const mark = /["\\]/g;
  mark.lastIndex = start + 1;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    if (found[0] === '"') return found.index + 1;
    mark.lastIndex = found.index + 2;
  }
  return undefined;
}
