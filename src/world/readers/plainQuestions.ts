import { z } from 'zod';
import { answersField, idField, words } from './fields.ts';
import { rowReader, type Layout } from './layout.ts';

const MEND = 'it needs "question" and a list "golds" with at least one answer.';

const schema = z.object({ id: idField, question: words, golds: answersField });

/** A person's own questions: `{"question": "…", "golds": ["…"]}`. */
export const plainQuestions: Layout = {
  name: 'own questions',
  is: (row) => 'question' in row && 'golds' in row,
  setOf: () => 'own',
  read: rowReader(schema, MEND, ({ id, question, golds }) => ({ id, text: question, golds }), MEND),
};
