import type { Passage } from '../retrieval/retriever.ts';
import { decodeFile, type SourceFile } from './fileText.ts';
import { readJsonLines, readMarkdown, readPlainText } from './ownFormats.ts';
import type { Entry } from './ownFormats.ts';
import { ProblemList, type OwnProblem } from './problems.ts';
import { sentencesOf, splitParagraph } from './splitText.ts';

export type OwnFormat = 'txt' | 'md' | 'jsonl';

/** A dropped file, or pasted text (whose format is guessed where none is given). */
export interface OwnFile extends SourceFile {
  readonly format?: OwnFormat;
}

export interface OwnPassages {
  readonly passages: readonly Passage[];
  readonly problems: readonly OwnProblem[];
}

export interface OwnLimits {
  /** Most bytes of one file. */
  readonly fileBytes: number;
  /** Most passages of all files together. */
  readonly passages: number;
  /** Most words and characters of a passage; longer text is cut at sentence ends. */
  readonly words: number;
  readonly characters: number;
  /** Most problems told one by one. */
  readonly problems: number;
}

export const ownLimits: OwnLimits = {
  fileBytes: 20_000_000,
  passages: 20_000,
  words: 60,
  characters: 600,
  problems: 50,
};

const TITLE_WORDS = 6;
const TITLE_CHARACTERS = 80;

const formatOfExtension: Readonly<Record<string, OwnFormat>> = {
  txt: 'txt',
  text: 'txt',
  md: 'md',
  markdown: 'md',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
};

/** Pasted text says what it is by its first lines. */
function guessFormat(text: string): OwnFormat {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length > 0 && lines.slice(0, 3).every((line) => line.trimStart().startsWith('{'))) return 'jsonl';
  return lines.some((line) => /^#{1,6}\s+\S/.test(line)) ? 'md' : 'txt';
}

/** The first words of the first sentence. */
function titleFrom(text: string): string {
  const words = (sentencesOf(text)[0] ?? text).split(/\s+/);
  return words.slice(0, TITLE_WORDS).join(' ');
}

function tidyTitle(title: string): string {
  const line = title.replace(/\s+/g, ' ').trim();
  const short = [...line].slice(0, TITLE_CHARACTERS).join('');
  return short.replace(/[\s,;:.]+$/u, '') || short;
}

const readers: Readonly<Record<OwnFormat, (text: string) => Iterable<Entry>>> = {
  txt: readPlainText,
  md: readMarkdown,
  jsonl: readJsonLines,
};

/** Collects passages and problems within the limits. */
export class Collector {
  readonly problems: ProblemList;
  private passages: Passage[] = [];
  private taken = 0;
  private readonly ids = new Set<string>();
  private readonly limits: OwnLimits;

  constructor(limits: OwnLimits) {
    this.limits = limits;
    this.problems = new ProblemList(limits.problems);
  }

  /** Number of passages so far. */
  get count(): number {
    return this.taken + this.passages.length;
  }

  /** Passages that have not been taken. */
  get waiting(): number {
    return this.passages.length;
  }

  /** The passages since it was asked last; they are not kept here any longer. */
  take(): readonly Passage[] {
    const passages = this.passages;
    this.passages = [];
    this.taken += passages.length;
    return passages;
  }

  /** False when there is no room left. */
  add(file: string, entry: Extract<Entry, { readonly text: string }>): boolean {
    const title = tidyTitle(entry.title ?? titleFrom(entry.text));
    let id = entry.id ?? `${file}:${entry.line}`;
    if (this.ids.has(id)) {
      const own = `${file}:${entry.line}`;
      if (entry.id !== undefined) {
        this.problems.add(
          file,
          `the id "${entry.id}" is already another passage's; this one is called "${own}".`,
          entry.line,
        );
      }
      id = own;
      for (let n = 2; this.ids.has(id); n++) id = `${own} (${n})`;
    }
    this.ids.add(id);
    for (const [i, text] of splitParagraph(entry.text, this.limits).entries()) {
      if (this.count >= this.limits.passages) return false;
      const part = i === 0 ? id : `${id}#${i + 1}`;
      this.ids.add(part);
      this.passages.push({ id: part, title, text });
    }
    return true;
  }

  result(): OwnPassages {
    return { passages: this.take(), problems: this.problems.all() };
  }
}

/**
 * Reads a person's own passages. Good rows are kept, bad ones are told with file and line; nothing throws.
 * - txt: paragraphs between blank lines; a short line without a full stop before a paragraph is its title.
 * - md: headings are titles, marks of emphasis and links are dropped.
 * - jsonl: `{"title", "text"}` or `{"contents": "title\ntext"}` (FlashRAG) a line, `id` if there is one.
 */
export function readOwnPassages(files: readonly OwnFile[], limits: OwnLimits = ownLimits): OwnPassages {
  const collector = new Collector(limits);
  for (const file of files) {
    const extension = /\.([^.\s]+)$/.exec(file.name)?.[1]?.toLowerCase();
    const known = extension === undefined ? undefined : formatOfExtension[extension];
    if (file.format === undefined && extension !== undefined && known === undefined) {
      collector.problems.add(
        file.name,
        `a .${extension} file; only txt, md and jsonl can be read. Save it as one of these.`,
      );
      continue;
    }
    const decoded = decodeFile(file, limits.fileBytes);
    if ('problem' in decoded) {
      collector.problems.add(file.name, decoded.problem);
      continue;
    }
    const before = collector.count;
    const problemsBefore = collector.problems.count;
    for (const entry of readers[file.format ?? known ?? guessFormat(decoded.text)](decoded.text)) {
      if ('problem' in entry) {
        collector.problems.add(file.name, entry.problem, entry.line);
      } else if (!collector.add(file.name, entry)) {
        collector.problems.add(
          file.name,
          `only the first ${limits.passages} passages were kept; what follows was left out. Give fewer or shorter files.`,
          entry.line,
        );
        return collector.result();
      }
    }
    if (collector.count === before && collector.problems.count === problemsBefore) {
      collector.problems.add(file.name, 'no text in it. Give it at least one paragraph.');
    }
  }
  return collector.result();
}
