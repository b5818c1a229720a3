import type { Passage } from '../../retrieval/retriever.ts';
import { splitParagraph, type SplitLimits } from '../splitText.ts';
import { tidy } from './rows.ts';

/** Characters that are not white space: cutting a paragraph loses and moves none of them. */
const ink = (text: string): number => text.replace(/\s+/g, '').length;

/** A paragraph of a file as the passages that it was cut into. */
export class Paragraph {
  private readonly text: string;
  private readonly starts: readonly number[];
  private readonly pieces: readonly Passage[];

  /** @param sentences as the file cuts it, which need not be where `pieces` are cut */
  constructor(pieces: readonly Passage[], sentences: readonly string[], text: string) {
    this.pieces = pieces;
    this.text = text;
    let before = 0;
    this.starts = sentences.map((sentence) => {
      const start = before;
      before += ink(sentence);
      return start;
    });
  }

  /** The passage in which the file's i-th sentence begins; the first for a sentence that is not there. */
  ofSentence(i: number): Passage | undefined {
    return this.at(this.starts[i] ?? 0);
  }

  /** The passage in which these words first begin, whatever their case; the first where they stand nowhere. */
  holding(words: string): Passage | undefined {
    const found = this.text.toLowerCase().indexOf(tidy(words).toLowerCase());
    return this.at(found < 0 ? 0 : ink(this.text.slice(0, found)));
  }

  private at(offset: number): Passage | undefined {
    let end = 0;
    return this.pieces.find((piece) => (end += ink(piece.text)) > offset) ?? this.pieces[0];
  }
}

/** Collects the paragraphs of a file's rows, each once, as passages of a length that a small policy can read. */
export class SetCorpus {
  readonly passages: Passage[] = [];
  private readonly known = new Map<string, readonly Passage[]>();
  private readonly file: string;
  private readonly limits: SplitLimits;
  private readonly taken: ReadonlySet<string>;

  /** @param taken ids of passages beside these */
  constructor(file: string, limits: SplitLimits, taken: ReadonlySet<string>) {
    this.file = file;
    this.limits = limits;
    this.taken = taken;
  }

  /** Takes a paragraph in; undefined for one without text. A title is no key: rows share titles, not texts. */
  add(title: string, sentences: readonly string[]): Paragraph | undefined {
    const text = tidy(sentences.join(' '));
    if (text === '') return undefined;
    const name = tidy(title);
    const key = `${name}\n${text}`;
    const pieces = this.known.get(key) ?? this.cut(name, text);
    this.known.set(key, pieces);
    return new Paragraph(pieces, sentences, text);
  }

  private cut(title: string, text: string): readonly Passage[] {
    const whole = `${this.file}:p${this.known.size + 1}`;
    let id = whole;
    const pieces = splitParagraph(text, this.limits);
    const idOf = (i: number): string => (i === 0 ? id : `${id}#${i + 1}`);
    for (let n = 2; pieces.some((_, i) => this.taken.has(idOf(i))); n++) id = `${whole} (${n})`;
    const passages = pieces.map((piece, i) => ({ id: idOf(i), title, text: piece }));
    this.passages.push(...passages);
    return passages;
  }
}
