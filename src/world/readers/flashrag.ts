import { z } from 'zod';
import type { QuestionSet } from '../types.ts';
import { chainOfPages, contextField, factsField, pagesOf, takeContext } from './context.ts';
import type { SetCorpus } from './corpus.ts';
import { answersField, idField, nested, words } from './fields.ts';
import { rowReader, setInName, type Layout, type RowResult } from './layout.ts';
import { chainOfSteps, type Step } from './musique.ts';
import { fieldsOf } from './rows.ts';
import { chainOfEvidences, evidencesField, isTwoWiki } from './twoWiki.ts';

const MEND = 'Rows of FlashRAG have "question" and "golden_answers": ["…"], in JSON lines.';

const metadataField = nested(
  z
    .object({
      context: contextField.nullish(),
      supporting_facts: factsField,
      evidences: evidencesField,
      question_decomposition: nested(
        z
          .array(
            z.object({
              question: words,
              answer: z.union([words, z.number().transform(String)]),
              support_paragraph: z.object({ title: z.string(), paragraph_text: z.string() }).nullish(),
            }),
          )
          .nullish(),
      ),
    })
    .nullish(),
);

type Metadata = NonNullable<z.infer<typeof metadataField>>;

const schema = z
  .object({ id: idField, question: words, golden_answers: answersField, metadata: metadataField })
  .transform(({ golden_answers: golds, ...row }) => ({ ...row, golds }));

type Support = Pick<Extract<RowResult, { text: string }>, 'chain' | 'hops' | 'unsupported'>;

/** MuSiQue's steps carry their paragraph themselves; the other paragraphs are not handed on. */
function takeSteps(steps: NonNullable<Metadata['question_decomposition']>, corpus: SetCorpus): Support {
  const read = steps.map(({ question, answer, support_paragraph: support }): Step => {
    if (!support) return { question, answer, support: undefined };
    const paragraph = corpus.add(support.title, [support.paragraph_text]);
    return { question, answer, support: paragraph && { title: support.title, paragraph } };
  });
  const chain = chainOfSteps(read);
  return { chain, hops: steps.length, unsupported: chain === undefined };
}

function takeMetadata(metadata: Metadata, corpus: SetCorpus): Support {
  const { context, supporting_facts, evidences, question_decomposition: steps } = metadata;
  const facts = supporting_facts ?? [];
  const supporting = takeContext(context ?? [], facts, corpus);
  if (steps && steps.length > 0) return takeSteps(steps, corpus);
  if (facts.length === 0) return {};
  const hops = evidences && evidences.length > 0 ? evidences.length : pagesOf(facts).length;
  if (supporting === undefined) return { hops, unsupported: true };
  const chain =
    evidences && evidences.length > 0 ? chainOfEvidences(evidences, supporting) : chainOfPages(supporting);
  return { chain, hops, unsupported: chain === undefined };
}

/** Which of the sets a row was made from, as far as what it carries along tells. */
function setOfRow(row: Readonly<Record<string, unknown>>): QuestionSet | undefined {
  const given = row['metadata'];
  const metadata = fieldsOf(nested(z.unknown()).parse(given)) ?? {};
  if (isTwoWiki(metadata)) return '2wiki';
  if ('question_decomposition' in metadata) return 'musique';
  return 'context' in metadata ? 'hotpotqa' : undefined;
}

/** FlashRAG (https://github.com/RUC-NLPIR/FlashRAG): one layout for many sets, whose own fields are its metadata. */
export const flashrag: Layout = {
  name: 'FlashRAG',
  is: (row) => 'question' in row && 'golden_answers' in row,
  setOf: (rows, file) => rows.map(setOfRow).find((set) => set !== undefined) ?? setInName(file) ?? 'flashrag',
  read: rowReader(schema, MEND, ({ id, question, golds, metadata }, corpus) => ({
    id,
    text: question,
    golds,
    ...(metadata ? takeMetadata(metadata, corpus) : {}),
  })),
};
