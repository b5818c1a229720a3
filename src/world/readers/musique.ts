import { z } from 'zod';
import type { Hop } from '../types.ts';
import type { Paragraph, SetCorpus } from './corpus.ts';
import { answersField, idField, nested, words } from './fields.ts';
import { rowReader, type Layout, type RowResult } from './layout.ts';

const MEND =
  'Rows of MuSiQue have "question", "answer" and "paragraphs": [{"title": "…", "paragraph_text": "…"}, …], in JSON lines.';

const step = z.object({
  question: words,
  answer: z.union([words, z.number().transform(String)]),
  paragraph_support_idx: z.number().nullish(),
});

const schema = z
  .object({
    id: idField,
    question: words,
    answer: answersField,
    answer_aliases: answersField,
    answerable: z.boolean().optional(),
    paragraphs: nested(
      z.array(z.object({ idx: z.number().optional(), title: z.string(), paragraph_text: z.string() })),
    ),
    question_decomposition: nested(z.array(step).nullish()),
  })
  .transform(({ answer, answer_aliases: aliases, ...row }) => ({
    ...row,
    // Aliases without an answer would be answers whose question is not known to have one.
    golds: answer.length === 0 ? [] : [...new Set([...answer, ...aliases])],
  }));

/** A step of a decomposition, with what it asks about and the passage that answers it. */
export interface Step {
  readonly question: string;
  readonly answer: string;
  readonly support: { readonly title: string; readonly paragraph: Paragraph } | undefined;
}

/**
 * The steps as hops. A step is "subject >> relation", or a question in words, in which "#1" stands for the answer of
 * step 1. Undefined where the paragraph of a step is not known.
 */
export function chainOfSteps(steps: readonly Step[]): readonly Hop[] | undefined {
  const answerOf = (_: string, number: string): string => steps[Number(number) - 1]?.answer ?? `#${number}`;
  const hops = steps.flatMap(({ question, answer, support }): Hop[] => {
    const passage = support?.paragraph.holding(answer);
    if (support === undefined || passage === undefined) return [];
    const [asked = '', relation] = question.split(/\s*>>\s*/);
    const named = /#(\d+)/.exec(asked)?.[0];
    const inWords = relation === undefined;
    const subject = inWords ? (named ?? support.title) : asked;
    return [
      {
        subject: subject.replace(/#(\d+)/g, answerOf),
        relation: inWords ? asked : relation,
        object: answer,
        passageId: passage.id,
        query: question.replace(/\s*>>\s*/g, ' ').replace(/#(\d+)/g, answerOf),
      },
    ];
  });
  return hops.length === 0 || hops.length < steps.length ? undefined : hops;
}

function take(row: z.infer<typeof schema>, corpus: SetCorpus): RowResult {
  if (row.answerable === false) {
    return {
      refused:
        'its paragraphs cannot answer it ("answerable" is false, as in MuSiQue-Full). Take the file of MuSiQue-Ans.',
    };
  }
  const paragraphs = new Map<number, { readonly title: string; readonly paragraph: Paragraph }>();
  for (const [i, { idx, title, paragraph_text }] of row.paragraphs.entries()) {
    const paragraph = corpus.add(title, [paragraph_text]);
    if (paragraph !== undefined) paragraphs.set(idx ?? i, { title, paragraph });
  }
  const steps = (row.question_decomposition ?? []).map(
    ({ question, answer, paragraph_support_idx: at }): Step => ({
      question,
      answer,
      support: paragraphs.get(at ?? -1),
    }),
  );
  const chain = chainOfSteps(steps);
  return {
    id: row.id,
    text: row.question,
    golds: row.golds,
    chain,
    hops: steps.length > 0 ? steps.length : undefined,
    unsupported: steps.length > 0 && chain === undefined,
  };
}

/** MuSiQue-Ans (https://github.com/StonyBrookNLP/musique). */
export const musique: Layout = {
  name: 'MuSiQue',
  is: (row) => 'question' in row && 'paragraphs' in row,
  setOf: () => 'musique',
  read: rowReader(schema, MEND, take),
};
