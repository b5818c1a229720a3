import { z } from 'zod';
import { chainOfPages, contextField, factsField, pagesOf, takeContext } from './context.ts';
import { answersField, idField, words } from './fields.ts';
import { rowReader, type Layout, type RowResult } from './layout.ts';
import type { SetCorpus } from './corpus.ts';

const MEND =
  'Rows of HotpotQA have "question", "answer" and "context": [["title", ["sentence", …]], …], in JSON.';

const schema = z
  .object({
    _id: idField,
    id: idField,
    question: words,
    answer: answersField,
    context: contextField,
    supporting_facts: factsField,
  })
  .transform(({ answer, ...row }) => ({ ...row, golds: answer }));

/** A question over paragraphs, with supporting sentences where the row names them. */
function take(row: z.infer<typeof schema>, corpus: SetCorpus): RowResult {
  const facts = row.supporting_facts ?? [];
  const supporting = takeContext(row.context, facts, corpus);
  const chain = supporting === undefined || facts.length === 0 ? undefined : chainOfPages(supporting);
  return {
    id: row._id ?? row.id,
    text: row.question,
    golds: row.golds,
    chain,
    hops: facts.length === 0 ? undefined : pagesOf(facts).length,
    unsupported: supporting === undefined,
  };
}

/**
 * HotpotQA, distractor and fullwiki (https://hotpotqa.github.io). Its fullwiki paragraphs were retrieved, so a
 * supporting page may be missing among them.
 */
export const hotpotqa: Layout = {
  name: 'HotpotQA',
  is: (row) => 'question' in row && 'context' in row,
  setOf: () => 'hotpotqa',
  read: rowReader(schema, MEND, take),
};
