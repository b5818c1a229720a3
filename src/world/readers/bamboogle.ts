import { z } from 'zod';
import { answersField, idField, words } from './fields.ts';
import { rowReader, setInName, type Layout } from './layout.ts';

const MEND = 'Rows of Bamboogle have "Question" and "Answer".';

/** Hops of a row with sub-questions: Bamboogle's all have two. */
const HOPS = 2;

const schema = z
  .object({
    id: idField,
    question: words,
    answer: answersField,
    'answer 2': answersField,
    aliases: answersField,
    q1: z.unknown().optional(),
    q2: z.unknown().optional(),
  })
  .transform(({ answer, 'answer 2': second, aliases, ...row }) => ({
    ...row,
    // What the last sub-question accepts (A2) is no gold: the set is scored on its one answer.
    golds: answer.length === 0 ? [] : [...new Set([...answer, ...second, ...aliases])],
  }));

/**
 * Bamboogle (https://github.com/ofirpress/self-ask), with and without sub-questions; any rows of a question and its
 * answer have this layout. It has no paragraphs.
 */
export const bamboogle: Layout = {
  name: 'Bamboogle',
  is: (row) => 'question' in row && 'answer' in row,
  setOf: (rows, file) =>
    setInName(file) ?? (rows.some((row) => 'q1' in row && 'a1' in row) ? 'bamboogle' : 'own'),
  read: rowReader(schema, MEND, (row) => ({
    id: row.id,
    text: row.question,
    golds: row.golds,
    hops: row.q1 !== undefined && row.q2 !== undefined ? HOPS : undefined,
  })),
};
