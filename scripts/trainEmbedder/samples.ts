import { passageText } from '../../src/retrieval/denseRetriever.ts';
import type { Passage } from '../../src/retrieval/retriever.ts';
import { relations } from '../../src/world/relations/relations.ts';
import { types } from '../../src/world/schema.ts';
import type { Random } from '../../src/world/random.ts';
import type { Hop, World } from '../../src/world/types.ts';

/** Queries, each with its own passage: row i of `passages` answers row i of `queries`; further rows are distractors. */
export interface Batch {
  readonly queries: readonly string[];
  readonly passages: readonly string[];
}

/** What a hop's query says beside the subject and the relation: "book" in "book Cholwis author". */
function typeWordOf({ query, subject }: Hop): string {
  const at = query.indexOf(subject);
  return at > 0 ? query.slice(0, at).trim() : '';
}

/** A whole question about one hop in plain English, as the relation's templates ask it. */
function askedInWords(random: Random, hop: Hop): string {
  const word = typeWordOf(hop);
  const fitting = relations.filter(
    ({ noun, from }) => noun === hop.relation && types[from].words[0] === (word === '' ? 'person' : word),
  );
  const subject = word === '' || random.chance(0.5) ? hop.subject : `the ${word} ${hop.subject}`;
  if (fitting.length === 0) return hop.query;
  const { questions, phrases } = random.pick(fitting);
  return random.pick([...questions, ...phrases]).replace('{x}', subject);
}

/**
 * One of the many ways to search for a hop: the well-formed query, the entity alone or with its type or relation,
 * the words in another order, a question in plain English, or the whole question where the hop is its first.
 */
function wordQuery(random: Random, hop: Hop, wholeQuestion: string | undefined): string {
  const word = typeWordOf(hop);
  const { subject, relation, query } = hop;
  const forms: readonly (readonly [number, () => string])[] = [
    [8, () => query],
    [3, () => subject],
    [2, () => `${subject} ${relation}`],
    [1, () => `${relation} of ${word === '' ? '' : `the ${word} `}${subject}`],
    [1, () => `${word} ${subject}`.trim()],
    [1, () => random.shuffle(query.split(' ')).join(' ')],
    [3, () => askedInWords(random, hop)],
    [2, () => wholeQuestion ?? askedInWords(random, hop)],
  ];
  const text = forms[random.weighted(forms.map(([weight]) => weight))]![1]();
  return random.chance(0.1) ? text.toLowerCase() : text;
}

/** Passages that a careless search would bring instead: same title, or the title in the text. */
function hardNegatives(passages: readonly Passage[], gold: Passage): Passage[] {
  return passages.filter(
    (other) => other !== gold && (other.title === gold.title || other.text.includes(gold.title)),
  );
}

/**
 * Up to `size` queries of a world with distinct passages, then their namesakes and passages that mention them, then
 * others of the same world, `passages` in all (fewer in a small world).
 */
export function makeBatch(random: Random, world: World, size: number, passageCount: number): Batch {
  const byId = new Map(world.passages.map((passage) => [passage.id, passage]));
  const hops = world.questions.flatMap(({ chain, text }) =>
    (chain ?? []).map((hop, position) => ({ hop, question: position === 0 ? text : undefined })),
  );
  const queries: string[] = [];
  const chosen = new Set<Passage>();
  for (const { hop, question } of random.shuffle(hops)) {
    if (queries.length === size) break;
    const gold = byId.get(hop.passageId);
    if (gold === undefined || chosen.has(gold)) continue;
    chosen.add(gold);
    queries.push(wordQuery(random, hop, question));
  }
  for (const gold of [...chosen]) {
    for (const other of hardNegatives(world.passages, gold)) {
      if (chosen.size < passageCount) chosen.add(other);
    }
  }
  for (const other of random.shuffle(world.passages)) {
    if (chosen.size < passageCount) chosen.add(other);
  }
  return { queries, passages: [...chosen].map(passageText) };
}
