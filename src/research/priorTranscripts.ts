import type { Passage } from '../retrieval/retriever.ts';
import { compared } from '../world/questions/compared.ts';
import type { Hop, Question, World } from '../world/types.ts';
import type { Random } from '../world/random.ts';
import type { BaselinePart } from './baselines/formats.ts';
import { baselineTranscript } from './priorBaselines.ts';
import { guessOf, nameAtHand, subjectOf } from './priorNames.ts';
import type { TranscriptWriter, Wanted } from './transcriptWriter.ts';
import { correctionBias, priorPhrases, type PriorBehaviourName, type PriorStage } from './priorMixture.ts';

/** A fact that some page states, as the chains of the world's questions tell. */
export interface KnownFact {
  readonly relation: string;
  readonly object: string;
}

/** What is known of each page, by its id. */
export type KnownFacts = ReadonlyMap<string, readonly KnownFact[]>;

/** The facts that the chains of a world's questions pass through. */
export function knownFacts(questions: readonly Question[]): KnownFacts {
  const facts = new Map<string, KnownFact[]>();
  for (const { passageId, relation, object } of questions.flatMap(({ chain = [] }) => chain)) {
    const list = facts.get(passageId) ?? [];
    if (!list.some((fact) => fact.relation === relation)) list.push({ relation, object });
    facts.set(passageId, list);
  }
  return facts;
}

/** What a writer of transcripts knows. */
export interface Context {
  readonly random: Random;
  readonly world: World;
  readonly facts: KnownFacts;
  readonly question: Question;
  readonly chain: readonly Hop[];
  readonly stage: Pick<PriorStage, 'queries' | 'noticing'>;
}

/** Begins a transcript of one behaviour on one question with a known gold chain. */
export function writeTranscript(
  behaviour: PriorBehaviourName,
  stage: Pick<PriorStage, 'queries' | 'noticing'>,
  random: Random,
  world: World,
  facts: KnownFacts,
  question: Question,
): TranscriptWriter {
  const context: Context = { random, world, facts, question, chain: question.chain ?? [], stage };
  switch (behaviour) {
    case 'guess':
      return guess(context);
    case 'one search':
      return oneSearch(context);
    case 'useless query':
      return uselessQuery(context);
    case 'good chain':
      return goodChain(context);
    case 'sloppy chain':
      return sloppyChain(context);
    case 'broken format':
      return broken(context);
    case 'given pages':
      return baselineTranscript(context);
  }
}

const think = (text: string): string => `<think> ${text}</think>`;
const search = (query: string): string => `<search> ${query}</search>`;
const answer = (text: string): string => `<answer> \\boxed{ ${text}}</answer><|end|>`;

class Draft {
  readonly parts: BaselinePart[] = [];
  private text = '';

  write(text: string): this {
    this.text += text;
    return this;
  }

  result(passage: Passage): this {
    this.parts.push({ kind: 'generated', text: this.text }, { kind: 'result', passages: [passage] });
    this.text = '';
    return this;
  }

  end(): readonly BaselinePart[] {
    if (this.text !== '') this.parts.push({ kind: 'generated', text: this.text });
    return this.parts;
  }
}

/** Type word of a hop's subject as its well-formed query names it: "film" of "film Cefos director"; '' for people. */
function typeWord(hop: Hop): string {
  const at = hop.query.indexOf(hop.subject);
  return at > 0 ? hop.query.slice(0, at).trim() : '';
}

function queryFor({ random, stage: { queries } }: Context, hop: Hop, nameOnly = false): string {
  const style = nameOnly ? 0 : random.weighted([queries.name, queries.nameAndRelation, queries.full]);
  if (style === 0) return hop.subject;
  return style === 1 ? `${hop.subject} ${hop.relation}` : hop.query;
}

function say({ random }: Context, phrases: readonly string[], hop?: Hop): string {
  return sayOf(random, phrases, hop?.relation ?? '', hop ? typeWord(hop) || 'person' : '');
}

function sayOf(random: Random, phrases: readonly string[], relation: string, type = ''): string {
  return think(random.pick(phrases).replace('{r}', relation).replace('{t}', type));
}

/** Searches for one page. */
function* lookUp(query: string): Generator<Wanted, Passage, readonly Passage[]> {
  const [page] = yield { query, pages: 1 };
  if (!page) throw new RangeError(`no page for “${query}”`);
  return page;
}

/** Ends with what the page says of `relation`. */
function tell({ random }: Context, relation: string, object: string): string {
  return sayOf(random, priorPhrases.answer, relation) + answer(object);
}

/** Ends with the right answer, for a comparison after both of what is compared. */
function tellWell(context: Context): string {
  const { chain, question } = context;
  const last = chain.at(-1);
  if (question.comparison === undefined) return tell(context, last?.relation ?? '', question.golds[0] ?? '');
  const objects = chain.filter(({ relation }) => relation === last?.relation).map(({ object }) => object);
  return tellCompared(context, objects[0] ?? '', objects[1] ?? '');
}

/** Ends with what follows from two objects, be they right or not. */
function tellCompared({ random, chain, question }: Context, first: string, second: string): string {
  const subjects = [chain[0]?.subject ?? '', chain[chain.length / 2]?.subject ?? ''] as const;
  const phrase = random.pick(priorPhrases.compare);
  const said = think(phrase.replace('{a}', () => first).replace('{b}', () => second));
  return said + answer(compared(question.comparison ?? 'same', subjects, first, second) ?? subjects[0]);
}

/**
 * Ends with a wrong answer from the page: mostly another fact, read rightly and called by its name, so that reading
 * stays sound and only the choice is bad; else some name. A comparison ends with one of its two answers by chance.
 */
function tellAmiss(context: Context, page: Passage | undefined): string {
  const { random, facts, question } = context;
  const unsure = (text: string): string => say(context, priorPhrases.unsure) + answer(text);
  if (question.comparison !== undefined) return unsure(guessOf(context));
  const others = (facts.get(page?.id ?? '') ?? []).filter(({ object }) => !question.golds.includes(object));
  if (others.length > 0 && random.chance(0.85)) {
    const { relation, object } = random.pick(others);
    return tell(context, relation, object);
  }
  return unsure(nameAtHand(context, page, question.golds[0] ?? ''));
}

// eslint-disable-next-line require-yield -- a guess asks nothing
function* guess(context: Context): TranscriptWriter {
  return new Draft().write(say(context, priorPhrases.guess) + answer(guessOf(context))).end();
}

function* oneSearch(context: Context): TranscriptWriter {
  const { chain, random, question } = context;
  const hop = chain[0];
  if (!hop) return undefined;
  const draft = new Draft().write(say(context, priorPhrases.first, hop));
  const query = queryFor(context, hop);
  const page = yield* lookUp(query);
  draft.write(search(query)).result(page);
  const reads = page.id === hop.passageId && question.comparison === undefined && random.chance(0.7);
  return draft.write(reads ? tell(context, hop.relation, hop.object) : tellAmiss(context, page)).end();
}

function* uselessQuery(context: Context): TranscriptWriter {
  const { chain, random, question, world } = context;
  const hop = random.pick(chain);
  const query = random.pick([
    hop.relation,
    'the answer',
    question.text.replace('?', ''),
    subjectOf(random.pick(world.passages)),
    question.text.split(' ').slice(0, 4).join(' '),
  ]);
  const page = yield* lookUp(query);
  const draft = new Draft().write(say(context, priorPhrases.vague) + search(query)).result(page);
  return draft.write(tellAmiss(context, page)).end();
}

/** Looks for the page of one hop, correcting itself after a wrong one. @returns the last page of at most three */
function* findPage(
  context: Context,
  draft: Draft,
  hop: Hop,
  opener: readonly string[],
): Generator<Wanted, Passage, readonly Passage[]> {
  const { random } = context;
  const asked = new Set<string>();
  let query = queryFor(context, hop, typeWord(hop) !== '' && random.chance(correctionBias));
  draft.write(say(context, opener, hop));
  for (let tries = 1; ; tries++) {
    asked.add(query);
    const page = yield* lookUp(query);
    draft.write(search(query)).result(page);
    const next = [hop.query, `${typeWord(hop)} ${hop.subject}`.trim(), `${hop.subject} ${hop.relation}`].find(
      (q) => !asked.has(q),
    );
    if (page.id === hop.passageId || next === undefined || tries === 3) return page;
    query = next;
    draft.write(say(context, priorPhrases.correct, hop));
  }
}

function* goodChain(context: Context): TranscriptWriter {
  const draft = new Draft();
  for (const [i, hop] of context.chain.entries()) {
    const page = yield* findPage(context, draft, hop, i === 0 ? priorPhrases.first : priorPhrases.next);
    if (page.id !== hop.passageId) return undefined;
  }
  return draft.write(tellWell(context)).end();
}

function* sloppyChain(context: Context): TranscriptWriter {
  const { random, chain, question, stage } = context;
  const gold = question.golds[0] ?? '';
  const draft = new Draft();
  const notices = random.chance(stage.noticing);
  const stopsEarly = chain.length > 2 && random.chance(0.5);
  const hops = stopsEarly ? chain.slice(0, -1) : chain;
  let page: Passage | undefined;
  const mistaken = new Map<string, string>();
  for (const [i, hop] of hops.entries()) {
    const subject = asMistaken(hop.subject, mistaken);
    const opener = i === 0 ? priorPhrases.first : priorPhrases.next;
    if (notices && subject === hop.subject) {
      page = yield* findPage(context, draft, hop, opener);
    } else {
      const query = queryFor(context, { ...hop, subject, query: hop.query.replace(hop.subject, subject) });
      page = yield* lookUp(query);
      draft.write(say(context, opener, hop) + search(query)).result(page);
      if (random.chance(0.06)) draft.write(say(context, priorPhrases.vague) + search(query)).result(page);
    }
    // A wrong page is taken for the right one: what it says, or some name on it, is followed instead.
    if (page.id !== hop.passageId) mistaken.set(hop.object, followed(context, page, hop.relation, gold));
  }
  const last = hops.at(-1);
  if (question.comparison !== undefined && !stopsEarly && mistaken.size > 0) {
    const objects = chain
      .filter(({ relation }) => relation === last?.relation)
      .map(({ object }) => mistaken.get(object) ?? object);
    const comparable = question.comparison === 'same' || objects.every((object) => /^\d+$/.test(object));
    if (comparable) return draft.write(tellCompared(context, objects[0] ?? '', objects[1] ?? '')).end();
  }
  const reads = stopsEarly && question.comparison === undefined && random.chance(0.7);
  const early = reads && last !== undefined && page?.id === last.passageId;
  return draft.write(early ? tell(context, last.relation, last.object) : tellAmiss(context, page)).end();
}

/** A hop's subject, or the pair of two, with the names that were mistaken for it or for one of the pair. */
function asMistaken(subject: string, mistaken: ReadonlyMap<string, string>): string {
  const whole = mistaken.get(subject);
  if (whole !== undefined) return whole;
  for (const [name, other] of mistaken) {
    if (subject.startsWith(`${name} and `)) return other + subject.slice(name.length);
    if (subject.endsWith(` and ${name}`)) return subject.slice(0, -name.length) + other;
  }
  return subject;
}

function followed(context: Context, page: Passage, relation: string, gold: string): string {
  const same = context.facts.get(page.id)?.find((fact) => fact.relation === relation && fact.object !== gold);
  return same?.object ?? nameAtHand(context, page, gold);
}

function* broken(context: Context): TranscriptWriter {
  const { random, chain, question } = context;
  const hop = chain[0];
  if (!hop) return undefined;
  const name = nameAtHand(context, undefined, question.golds[0] ?? '');
  const kind = random.below(5);
  const draft = new Draft();
  if (kind === 0)
    return draft.write(`${say(context, priorPhrases.guess)}<answer> ${name}</answer><|end|>`).end();
  if (kind === 1) return draft.write(`<think> ${random.pick(priorPhrases.guess)}${answer(name)}`).end();
  const query = queryFor(context, hop);
  const page = yield* lookUp(query);
  draft.write(say(context, priorPhrases.first, hop) + search(query)).result(page);
  if (kind === 2) return draft.write(`${say(context, priorPhrases.answer, hop)}<|end|>`).end();
  if (kind === 3)
    return draft.write(`${say(context, priorPhrases.next, hop)}<search> ${hop.object}<|end|>`).end();
  return draft.write(`<answer> \\boxed{ ${name}}</answer>${answer(name)}`).end();
}
