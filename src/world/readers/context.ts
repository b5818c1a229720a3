import { z } from 'zod';
import type { Passage } from '../../retrieval/retriever.ts';
import type { Hop } from '../types.ts';
import type { Paragraph, SetCorpus } from './corpus.ts';
import { nested } from './fields.ts';
import { tidy } from './rows.ts';

/**
 * Paragraphs and supporting facts as HotpotQA and 2WikiMultiHopQA publish them, `[[title, [sentence, …]], …]` and
 * `[[title, sentence number], …]`, or by columns as data-set libraries hand them on.
 */

interface Page {
  readonly title: string;
  readonly sentences: readonly string[];
}

const sentences = z.union([z.array(z.string()), z.string().transform((text) => [text])]);

const listedPages = z.array(
  z
    .tuple([z.string(), sentences], z.unknown())
    .transform(([title, text]): Page => ({ title, sentences: text })),
);

const pageColumns = z
  .object({
    title: z.array(z.string()),
    sentences: z.array(sentences).optional(),
    content: z.array(sentences).optional(),
  })
  .transform(({ title, sentences: given, content }): Page[] => {
    const texts = given ?? content ?? [];
    return title.map((name, i) => ({ title: name, sentences: texts[i] ?? [] }));
  });

export const contextField = nested(z.union([listedPages, pageColumns]));

interface Fact {
  readonly title: string;
  readonly sentence: number;
}

const listedFacts = z.array(
  z
    .tuple([z.string(), z.number()], z.unknown())
    .transform(([title, sentence]): Fact => ({ title, sentence })),
);

const factColumns = z
  .object({ title: z.array(z.string()), sent_id: z.array(z.number()) })
  .transform(({ title, sent_id }): Fact[] =>
    title.map((name, i) => ({ title: name, sentence: sent_id[i] ?? 0 })),
  );

export const factsField = nested(z.union([listedFacts, factColumns]).nullish());

/** A supporting sentence and the passage in which it stands. */
export interface SupportingFact {
  readonly title: string;
  readonly text: string;
  readonly passage: Passage;
}

/** Takes a row's paragraphs in. @returns its supporting facts, or undefined where a page of theirs is not among them */
export function takeContext(
  context: readonly Page[],
  facts: readonly Fact[],
  corpus: SetCorpus,
): readonly SupportingFact[] | undefined {
  const pages = new Map<string, Page & { readonly paragraph: Paragraph }>();
  for (const page of context) {
    const paragraph = corpus.add(page.title, page.sentences);
    const title = tidy(page.title);
    if (paragraph !== undefined && !pages.has(title)) pages.set(title, { ...page, paragraph });
  }
  const found = facts.flatMap(({ title, sentence }): SupportingFact[] => {
    const page = pages.get(tidy(title));
    const passage = page?.paragraph.ofSentence(sentence);
    if (page === undefined || passage === undefined) return [];
    return [{ title: tidy(title), text: tidy(page.sentences[sentence] ?? ''), passage }];
  });
  return found.length < facts.length ? undefined : found;
}

/** Supporting pages. Each is a hop: the files tell no more of the way than where it goes. */
export const pagesOf = (facts: readonly { readonly title: string }[]): string[] => [
  ...new Set(facts.map(({ title }) => tidy(title))),
];

/** A hop for each supporting page, at the passage that holds most of its facts. */
export function chainOfPages(facts: readonly SupportingFact[]): Hop[] {
  return pagesOf(facts).flatMap((title): Hop[] => {
    const own = facts.filter((fact) => fact.title === title);
    const counts = new Map<string, number>();
    for (const { passage } of own) counts.set(passage.id, (counts.get(passage.id) ?? 0) + 1);
    const [passageId] = [...counts].reduce((best, next) => (next[1] > best[1] ? next : best), ['', 0]);
    const object = own.map(({ text }) => text).join(' ');
    return [{ subject: title, relation: 'supporting fact', object, passageId, query: title }];
  });
}
