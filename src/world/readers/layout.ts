import type { z } from 'zod';
import type { Hop, QuestionSet } from '../types.ts';
import type { SetCorpus } from './corpus.ts';
import { misfit } from './fields.ts';

/** A row's question. Its paragraphs are in the corpus. */
export interface RowQuestion {
  readonly id?: string | undefined;
  readonly text: string;
  readonly golds: readonly string[];
  /** Absent where the row names no supporting passages, or not all of them are among its paragraphs. */
  readonly chain?: readonly Hop[] | undefined;
  /** Number of hops, where the row tells it. */
  readonly hops?: number | undefined;
  /** The row names supporting passages, and its paragraphs lack one of them. */
  readonly unsupported?: boolean;
}

export type RowResult = RowQuestion | { readonly refused: string };

type Fields = Readonly<Record<string, unknown>>;

/** The layout of one kind of file: how its rows are known, and read. */
export interface Layout {
  /** For people, such as "HotpotQA". */
  readonly name: string;
  /** Whether a row, its fields by lower-case name, is laid out like this. Layouts are tried in a fixed order. */
  readonly is: (row: Fields) => boolean;
  /** The set that the rows are of. `file` helps where the rows do not say. */
  readonly setOf: (rows: readonly Fields[], file: string) => QuestionSet;
  readonly read: (row: Fields, corpus: SetCorpus) => RowResult;
}

const NO_ANSWER =
  'it has no answer. Test splits are published without their answers: take the train or dev file, or fill them in.';

/**
 * A reader out of a schema and what to do with a row that fits it. Nothing of a row that does not fit, or that has no
 * question or no answer, gets into the corpus.
 */
export function rowReader<T extends { readonly question: string; readonly golds: readonly string[] }>(
  schema: z.ZodType<T>,
  mend: string,
  take: (row: T, corpus: SetCorpus) => RowResult,
  noAnswer = NO_ANSWER,
): Layout['read'] {
  return (fields, corpus) => {
    const parsed = schema.safeParse(fields);
    if (!parsed.success) return { refused: misfit(parsed.error, fields, mend) };
    if (parsed.data.question === '') return { refused: `"question" is empty. ${mend}` };
    if (parsed.data.golds.length === 0) return { refused: noAnswer };
    return take(parsed.data, corpus);
  };
}

/** The set that a file is named after, where its rows do not say. */
export function setInName(file: string): QuestionSet | undefined {
  const name = file.toLowerCase();
  if (name.includes('musique')) return 'musique';
  if (name.includes('hotpot')) return 'hotpotqa';
  if (name.includes('2wiki')) return '2wiki';
  return name.includes('bamboogle') ? 'bamboogle' : undefined;
}
