import { z } from 'zod';
import type { Hop } from '../types.ts';
import { chainOfPages, contextField, factsField, takeContext, type SupportingFact } from './context.ts';
import type { SetCorpus } from './corpus.ts';
import { answersField, idField, nested, words } from './fields.ts';
import { rowReader, type Layout, type RowResult } from './layout.ts';

const MEND =
  'Rows of 2WikiMultiHopQA have "question", "answer", "context": [["title", ["sentence", …]], …] and "evidences": [["subject", "relation", "object"], …], in JSON.';

/** Types of question that HotpotQA has not. */
const TYPES: ReadonlySet<unknown> = new Set(['compositional', 'inference', 'bridge_comparison']);

/** A triple of Wikidata, in words: what one hop finds. */
interface Evidence {
  readonly subject: string;
  readonly relation: string;
  readonly object: string;
}

const listedEvidences = z.array(
  z
    .tuple([words, words, words], z.unknown())
    .transform(([subject, relation, object]): Evidence => ({ subject, relation, object })),
);

const evidenceColumns = z
  .object({ fact: z.array(words), relation: z.array(words), entity: z.array(words) })
  .transform(({ fact, relation, entity }): Evidence[] =>
    fact.map((subject, i) => ({ subject, relation: relation[i] ?? '', object: entity[i] ?? '' })),
  );

export const evidencesField = nested(z.union([listedEvidences, evidenceColumns]).nullish());

/** Whether a row, or the metadata of one, is of 2WikiMultiHopQA and not of HotpotQA. */
export const isTwoWiki = (row: Readonly<Record<string, unknown>>): boolean =>
  'evidences' in row || 'evidences_id' in row || 'entity_ids' in row || TYPES.has(row['type']);

/** The supporting fact that states a triple: it names the object, stands on the subject's page, or at the same place. */
function statedBy(
  { subject, object }: Evidence,
  at: number,
  facts: readonly SupportingFact[],
): SupportingFact | undefined {
  let best: { readonly fact: SupportingFact; readonly score: number } | undefined;
  const holds = (text: string, part: string): boolean => text.toLowerCase().includes(part.toLowerCase());
  for (const [i, fact] of facts.entries()) {
    const score =
      (holds(fact.text, object) ? 4 : 0) + (holds(fact.title, subject) ? 2 : 0) + (i === at ? 1 : 0);
    if (score > (best?.score ?? 0)) best = { fact, score };
  }
  return best?.fact;
}

/** A hop for each triple; undefined where a triple cannot be told to a supporting fact. */
export function chainOfEvidences(
  evidences: readonly Evidence[],
  facts: readonly SupportingFact[],
): readonly Hop[] | undefined {
  const hops = evidences.flatMap((evidence, i): Hop[] => {
    const fact = statedBy(evidence, i, facts);
    if (fact === undefined) return [];
    const { subject, relation } = evidence;
    return [{ ...evidence, passageId: fact.passage.id, query: `${subject} ${relation}` }];
  });
  return hops.length < evidences.length ? undefined : hops;
}

const schema = z
  .object({
    _id: idField,
    id: idField,
    question: words,
    answer: answersField,
    context: contextField,
    supporting_facts: factsField,
    evidences: evidencesField,
  })
  .transform(({ answer, ...row }) => ({ ...row, golds: answer }));

function take(row: z.infer<typeof schema>, corpus: SetCorpus): RowResult {
  const facts = row.supporting_facts ?? [];
  const evidences = row.evidences ?? [];
  const supporting = takeContext(row.context, facts, corpus);
  const chain =
    supporting === undefined || facts.length === 0
      ? undefined
      : evidences.length > 0
        ? chainOfEvidences(evidences, supporting)
        : chainOfPages(supporting);
  return {
    id: row._id ?? row.id,
    text: row.question,
    golds: row.golds,
    chain,
    hops: chain?.length ?? (evidences.length > 0 ? evidences.length : undefined),
    unsupported: facts.length > 0 && chain === undefined,
  };
}

/** 2WikiMultiHopQA (https://github.com/Alab-NII/2wikimultihop): HotpotQA's layout and the chain as triples. */
export const twoWiki: Layout = {
  name: '2WikiMultiHopQA',
  is: (row) => 'question' in row && 'context' in row && isTwoWiki(row),
  setOf: () => '2wiki',
  read: rowReader(schema, MEND, take),
};
