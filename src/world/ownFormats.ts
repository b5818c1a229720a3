/** What a reader found at a line (1-based): a paragraph, or a row it could not read. */
export type Entry =
  | { readonly line: number; readonly text: string; readonly title?: string; readonly id?: string }
  | { readonly line: number; readonly problem: string };

interface Block {
  readonly line: number;
  readonly lines: readonly string[];
}

/** Short, and not a sentence. */
const isHeadingLine = (line: string): boolean =>
  line.length <= 60 && line.split(/\s+/).length <= 8 && !/[.!?,;。！？]["'”’)]*$/u.test(line);

/** Paragraphs of plain text, line by line. A heading is the title of the paragraphs after it. */
export class PlainParagraphs {
  private lines: string[] = [];
  private start = 1;
  private title: string | undefined;
  /** A heading alone: a title if anything follows, else a paragraph. */
  private heading: { readonly line: number; readonly text: string } | undefined;

  /** The paragraph that the line ends, if it ends one. `number` is 1-based. */
  push(line: string, number: number): Entry | undefined {
    if (line.trim() === '') return this.take();
    if (this.lines.length === 0) this.start = number;
    this.lines.push(line.trim());
    return undefined;
  }

  /** What is left when no line follows. */
  end(): Entry[] {
    const last = this.take();
    const { heading } = this;
    const alone = heading === undefined ? [] : [this.entry(heading.line, heading.text)];
    return last === undefined ? alone : [last];
  }

  private take(): Entry | undefined {
    const block: Block = { line: this.start, lines: this.lines };
    this.lines = [];
    const [first, second] = block.lines;
    if (first === undefined) return undefined;
    if (this.heading !== undefined) this.title = this.heading.text;
    this.heading = undefined;
    const heading = isHeadingLine(first);
    if (heading && second === undefined) {
      this.heading = { line: block.line, text: first };
      return undefined;
    }
    // A heading may stand right on its paragraph; a wrapped line is longer, or goes on in lower case.
    if (heading && /^[\p{Lu}\p{Lo}\p{N}"“]/u.test(second ?? '')) {
      this.title = first;
      return this.entry(block.line + 1, block.lines.slice(1).join(' '));
    }
    return this.entry(block.line, block.lines.join(' '));
  }

  private entry(line: number, text: string): Entry {
    return { line, text, ...(this.title === undefined ? {} : { title: this.title }) };
  }
}

/** Paragraphs of plain text. */
export function* readPlainText(text: string): Generator<Entry> {
  const paragraphs = new PlainParagraphs();
  for (const [i, line] of text.split('\n').entries()) {
    const entry = paragraphs.push(line, i + 1);
    if (entry !== undefined) yield entry;
  }
  yield* paragraphs.end();
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

/** A row of JSON Lines. */
export function readJsonRow(
  row: string,
): { text: string; title?: string; id?: string } | { problem: string } {
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
  // BEIR writes `_id`.
  const given = fields.get('id') ?? fields.get('_id');
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
    if (row.trim() !== '') yield { line: i + 1, ...readJsonRow(row) };
  }
}
