import type { Passage } from '../../retrieval/retriever.ts';
import { decodeFile, type SourceFile } from '../fileText.ts';
import { ownLimits, type OwnLimits } from '../ownPassages.ts';
import { ProblemList, type OwnProblem } from '../problems.ts';
import type { Question, QuestionSet } from '../types.ts';
import { SetCorpus } from './corpus.ts';
import type { RowQuestion } from './layout.ts';
import { looksLikeBytes, recognise, type Recognised } from './recognise.ts';
import { fieldsOf, type Row } from './rows.ts';

export interface QuestionLimits extends OwnLimits {
  /** Most questions of a file; the paragraphs of those beyond are not taken either. */
  readonly questions: number;
}

/** For the page. The authors' files are large; no more of them is read than is taken. */
export const questionLimits: QuestionLimits = { ...ownLimits, fileBytes: 100_000_000, questions: 300 };

/** A file of questions as it was read. */
export interface QuestionFile {
  readonly kind: 'questions';
  /** Layout of the file, for people, such as "HotpotQA". */
  readonly layout: string;
  readonly set: QuestionSet;
  /** The paragraphs of the questions, each once, cut to passages. Empty where the file has none. */
  readonly passages: readonly Passage[];
  readonly questions: readonly Question[];
  /** Rows looked at: each was read, or is among `leftOut`. */
  readonly rows: number;
  readonly leftOut: readonly OwnProblem[];
  /** What else to know: the file goes on, or a gold chain could not be marked. */
  readonly notes: readonly OwnProblem[];
}

/** A file that holds no questions in a known layout. */
export interface NoQuestionFile {
  readonly kind: 'other';
  readonly problem: OwnProblem;
  /** Own passages may still be read from it. */
  readonly perhapsPassages: boolean;
}

const EXPECTED =
  'Expected are questions of HotpotQA, 2WikiMultiHopQA or MuSiQue as their authors publish them, Bamboogle as JSON or CSV, FlashRAG’s JSON lines, or lines such as {"question": "…", "golds": ["…"]}.';

/** Rows named in a note. */
const NAMED_ROWS = 10;

/**
 * Reads the questions of a file and the paragraphs that come with them. The layout is known by what stands in the file.
 * Each row is read or left out in words; nothing throws.
 * @param taken ids of passages that are already there
 */
export function readQuestionFile(
  file: SourceFile,
  limits: QuestionLimits = questionLimits,
  taken: ReadonlySet<string> = new Set(),
): QuestionFile | NoQuestionFile {
  const other = (message: string, perhapsPassages: boolean): NoQuestionFile => ({
    kind: 'other',
    problem: { file: file.name, message },
    perhapsPassages,
  });
  const bytes = looksLikeBytes(file.content);
  if (bytes !== undefined) return other(`it looks like ${bytes}. ${EXPECTED}`, false);
  const decoded = decodeFile(file, limits.fileBytes);
  if ('problem' in decoded) return other(decoded.problem, false);
  const recognised = recognise(decoded.text);
  if ('looksLike' in recognised) {
    return other(`it looks like ${recognised.looksLike}. ${EXPECTED}`, recognised.perhapsPassages);
  }
  return readRows(file.name, recognised, limits, taken);
}

function readRows(
  file: string,
  { layout, rows, first }: Extract<Recognised, { layout: unknown }>,
  limits: QuestionLimits,
  taken: ReadonlySet<string>,
): QuestionFile {
  const set = layout.setOf(first, file);
  const corpus = new SetCorpus(file, limits, taken);
  const leftOut = new ProblemList(limits.problems);
  const notes: OwnProblem[] = [];
  const questions: Question[] = [];
  const ids = new Set<string>();
  const unsupported: number[] = [];
  let seen = 0;
  for (const row of rows) {
    const full = corpus.passages.length >= limits.passages;
    if (full || questions.length >= limits.questions) {
      const kept = `${questions.length} questions${full ? ` with ${corpus.passages.length} passages` : ''}`;
      notes.push({ file, line: row.line, message: `only the first ${kept} were taken; the file goes on.` });
      break;
    }
    seen++;
    const read = readRow(row, layout, corpus);
    if ('refused' in read) {
      leftOut.add(file, `row ${row.row} left out: ${read.refused}`, row.line);
      continue;
    }
    if (read.unsupported === true) unsupported.push(row.row);
    questions.push(asQuestion(read, set, freeId(ids, read.id ?? `${set}-${row.row}`)));
  }
  if (unsupported.length > 0) notes.push({ file, message: unsupportedNote(unsupported) });
  return {
    kind: 'questions',
    layout: layout.name,
    set,
    passages: corpus.passages,
    questions,
    rows: seen,
    leftOut: leftOut.all(),
    notes,
  };
}

function readRow(
  row: Row,
  layout: Extract<Recognised, { layout: unknown }>['layout'],
  corpus: SetCorpus,
): RowQuestion | { readonly refused: string } {
  if ('problem' in row) return { refused: `${row.problem}.` };
  const fields = fieldsOf(row.value);
  if (fields === undefined)
    return { refused: 'it is not a JSON object. Write the fields of a question in { }.' };
  return layout.read(fields, corpus);
}

function asQuestion({ text, golds, chain, hops }: RowQuestion, set: QuestionSet, id: string): Question {
  return {
    id,
    set,
    text,
    golds,
    ...(chain === undefined ? {} : { chain }),
    ...(hops === undefined ? {} : { hops }),
  };
}

/** The id, or where another question has it already, the id with a number. */
function freeId(ids: Set<string>, wanted: string): string {
  let id = wanted;
  for (let n = 2; ids.has(id); n++) id = `${wanted} (${n})`;
  ids.add(id);
  return id;
}

function unsupportedNote(rows: readonly number[]): string {
  const named = rows.slice(0, NAMED_ROWS).join(', ') + (rows.length > NAMED_ROWS ? ', …' : '');
  return `${rows.length === 1 ? 'row' : 'rows'} ${named}: a supporting page is not among the row’s own paragraphs (usual for HotpotQA’s fullwiki file), so no gold passages are marked. ${rows.length === 1 ? 'It is' : 'They are'} asked all the same.`;
}
