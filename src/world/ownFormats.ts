/** What a reader found at a line (1-based): a paragraph, or a row it could not read. */
export type Entry =
  | { readonly line: number; readonly text: string; readonly title?: string; readonly id?: string }
  | { readonly line: number; readonly problem: string };

interface Block {
  readonly line: number;
  readonly lines: readonly string[];
}

/** Runs of lines between blank ones. */
function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  let start = 1;
  for (const [i, line] of [...text.split('\n'), ''].entries()) {
    if (line.trim() !== '') {
      if (lines.length === 0) start = i + 1;
      lines.push(line.trim());
    } else if (lines.length > 0) {
      blocks.push({ line: start, lines });
      lines = [];
    }
  }
  return blocks;
}

/** Short, and not a sentence. */
const isHeadingLine = (line: string): boolean =>
  line.length <= 60 && line.split(/\s+/).length <= 8 && !/[.!?,;。！？]["'”’)]*$/u.test(line);

/** Paragraphs of plain text. */
export function* readPlainText(text: string): Generator<Entry> {
  const blocks = blocksOf(text);
  let title: string | undefined;
  for (const [i, { line, lines }] of blocks.entries()) {
    const first = lines[0] ?? '';
    const heading = isHeadingLine(first);
    if (heading && lines.length === 1 && blocks[i + 1] !== undefined) {
      title = first;
      continue;
    }
    // A heading may stand right on its paragraph; a wrapped line is longer, or goes on in lower case.
    if (heading && /^[\p{Lu}\p{Lo}\p{N}"“]/u.test(lines[1] ?? '')) {
      title = first;
      yield { line: line + 1, title, text: lines.slice(1).join(' ') };
      continue;
    }
    yield { line, text: lines.join(' '), ...(title === undefined ? {} : { title }) };
  }
}

/** Text of a Markdown line without its marks. Bounded repeats keep the time linear on any input. */
function withoutMarks(line: string): string {
  return line
    .replace(/^\s*(?:>\s*)+/, '')
    .replace(/^\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?/, '')
    .replace(/!\[([^\]]{0,400})\]\([^)]{0,2000}\)/g, '$1')
    .replace(/\[([^\]]{1,400})\]\([^)]{0,2000}\)/g, '$1')
    .replace(/\[([^\]]{1,400})\]\[[^\]]{0,400}\]/g, '$1')
    .replace(/`+([^`]*)`+/g, '$1')
    .replace(/(?<!\\)(\*\*|__)(?=\S)(.{1,400}?)(?<=[^\s\\])\1/g, '$2')
    .replace(/(?<![\p{L}\p{N}*_\\])([*_])(?=\S)(.{1,400}?)(?<=[^\s\\])\1(?![\p{L}\p{N}])/gu, '$2')
    .replace(/\\([\\`*_{}[\]()#+\-.!>|])/g, '$1')
    .trim();
}

/** Sections of Markdown: a heading is the title of the paragraphs under it. */
export function* readMarkdown(text: string): Generator<Entry> {
  const lines = text.replace(/<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, '')).split('\n');
  let title: string | undefined;
  let paragraph: string[] = [];
  let start = 1;
  let fence: string | undefined;
  let i = 0;
  if (lines[0]?.trim() === '---') {
    const end = lines.findIndex((line, at) => at > 0 && line.trim() === '---');
    if (end > 0) i = end + 1;
  }
  const take = (): Entry[] => {
    const body = paragraph.join(' ');
    paragraph = [];
    return body === '' ? [] : [{ line: start, text: body, ...(title === undefined ? {} : { title }) }];
  };
  for (; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const mark = /^\s{0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence))) {
      fence = fence === undefined ? mark : undefined;
      continue;
    }
    if (fence === undefined) {
      const heading = /^\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$/.exec(line)?.[1];
      const underlined = /^\s{0,3}(?:=+|-+)\s*$/.test(line) && paragraph.length === 1;
      if (heading !== undefined) {
        yield* take();
        title = withoutMarks(heading) || undefined;
        continue;
      }
      if (underlined) {
        title = paragraph[0];
        paragraph = [];
        continue;
      }
      // A rule, or the line under a table's head.
      if (/^\s*(?:[-*_]\s*){3,}$/.test(line) || /^\s*\|?(?:\s*:?-+:?\s*\|)+\s*:?-*:?\s*$/.test(line)) {
        yield* take();
        continue;
      }
    }
    const asIs = fence !== undefined || line.trim().startsWith('|');
    const words = asIs ? (fence === undefined ? line.replace(/\|/g, ' ') : line).trim() : withoutMarks(line);
    if (words === '') {
      yield* take();
    } else {
      if (paragraph.length === 0) start = i + 1;
      paragraph.push(words);
    }
  }
  yield* take();
}

function readRow(row: string): { text: string; title?: string; id?: string } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(row);
  } catch {
    return { problem: 'not JSON. Each line must be one object such as {"title": "…", "text": "…"}.' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { problem: 'not a JSON object. Write {"title": "…", "text": "…"}.' };
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  const given = fields.get('id');
  const id = typeof given === 'string' || typeof given === 'number' ? { id: String(given) } : {};
  const title = fields.get('title');
  if (title !== undefined && title !== null && typeof title !== 'string') {
    return { problem: '"title" is not a text. Write it in quotes.' };
  }
  const named = typeof title === 'string' && title.trim() !== '' ? { title } : {};
  const text = fields.get('text');
  if (text !== undefined) {
    if (typeof text !== 'string') return { problem: '"text" is not a text. Write it in quotes.' };
    return text.trim() === ''
      ? { problem: '"text" is empty. Fill it in, or delete the line.' }
      : { text, ...named, ...id };
  }
  const contents = fields.get('contents');
  if (typeof contents !== 'string') {
    return {
      problem: 'neither "text" nor "contents" is there. Name the field that holds the passage "text".',
    };
  }
  const [first = '', ...rest] = contents.trim().split('\n');
  const body = rest.join('\n').trim();
  if (first === '') return { problem: '"contents" is empty. Fill it in, or delete the line.' };
  if (body === '') return { text: first, ...named, ...id };
  return { text: body, title: first.trim().replace(/^"(.*)"$/, '$1'), ...named, ...id };
}

/** Rows of JSON Lines. */
export function* readJsonLines(text: string): Generator<Entry> {
  for (const [i, row] of text.split('\n').entries()) {
    if (row.trim() !== '') yield { line: i + 1, ...readRow(row) };
  }
}
