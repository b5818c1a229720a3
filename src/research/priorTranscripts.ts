import type { Passage } from '../retrieval/retriever.ts';
import type { Hop, Question, World } from '../world/types.ts';
import type { Random } from '../world/random.ts';
import { correctionBias, priorPhrases, type PriorBehaviourName, type PriorStage } from './priorMixture.ts';

/** A stretch of a response: written by the policy, or inserted after a search. */
export type TranscriptPart =
  | { readonly kind: 'generated'; readonly text: string }
  | { readonly kind: 'result'; readonly passage: Passage };

/**
 * A transcript being written: yields a query, receives the passage that retrieval brings, returns the parts.
 * `undefined` means that the behaviour could not be shown on this question.
 */
export type TranscriptWriter = Generator<string, readonly TranscriptPart[] | undefined, Passage>;

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

interface Context {
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
  }
}

const think = (text: string): string => `<think> ${text}</think>`;
const search = (query: string): string => `<search> ${query}</search>`;
const answer = (text: string): string => `<answer> \\boxed{ ${text}}</answer><|end|>`;

class Draft {
  readonly parts: TranscriptPart[] = [];
  private text = '';

  write(text: string): this {
    this.text += text;
    return this;
  }

  result(passage: Passage): this {
    this.parts.push({ kind: 'generated', text: this.text }, { kind: 'result', passage });
    this.text = '';
    return this;
  }

  end(): readonly TranscriptPart[] {
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

/** The name a page is about: its title without the type in brackets. */
const subjectOf = ({ title }: Passage): string =>
  title.replace(/ \([^)]*\)$/, '').replace(/^Geography of /, '');

/** Names that stand in a page beside its own: runs of capitalised words, without sentence openers. */
export function namesIn(passage: Passage): string[] {
  const body = passage.text.replace(subjectOf(passage), '');
  const runs = body.match(/\p{Lu}[\p{L}\p{M}'-]*(?:(?: and| of)? \p{Lu}[\p{L}\p{M}'-]*)*/gu) ?? [];
  return runs
    .map((run) => run.replace(/^(?:He|She|It) and /, ''))
    .filter((name) => !/^(?:He|She|It|Its|The|People|Prices|Her|His|Those|About|Little)$/.test(name));
}

function nameAtHand(context: Context, passage: Passage | undefined, not: string): string {
  const { random, chain } = context;
  const near = passage ? [...namesIn(passage), subjectOf(passage)] : [];
  const subject = chain[0]?.subject;
  const candidates = [...near, ...(subject === undefined || passage ? [] : [subject])].filter(
    (name) => name !== not,
  );
  return candidates.length > 0 ? random.pick(candidates) : (subject ?? context.world.name);
}

/** Ends with what the page says of `relation`. */
function tell({ random }: Context, relation: string, object: string): string {
  return sayOf(random, priorPhrases.answer, relation) + answer(object);
}

/**
 * Ends with a wrong answer from the page: mostly another fact, read rightly and called by its name, so that reading
 * stays sound and only the choice is bad; else some name.
 */
function tellAmiss(context: Context, page: Passage | undefined): string {
  const { random, facts, question } = context;
  const others = (facts.get(page?.id ?? '') ?? []).filter(({ object }) => !question.golds.includes(object));
  if (others.length > 0 && random.chance(0.85)) {
    const { relation, object } = random.pick(others);
    return tell(context, relation, object);
  }
  return say(context, priorPhrases.unsure) + answer(nameAtHand(context, page, question.golds[0] ?? ''));
}

// eslint-disable-next-line require-yield -- a guess asks nothing
function* guess(context: Context): TranscriptWriter {
  const { random, chain, world } = context;
  const name = random.chance(0.7) ? (chain[0]?.subject ?? '') : subjectOf(random.pick(world.passages));
  return new Draft().write(say(context, priorPhrases.guess) + answer(name)).end();
}

function* oneSearch(context: Context): TranscriptWriter {
  const { chain, random } = context;
  const hop = chain[0];
  if (!hop) return undefined;
  const draft = new Draft().write(say(context, priorPhrases.first, hop));
  const query = queryFor(context, hop);
  const page = yield query;
  draft.write(search(query)).result(page);
  const reads = page.id === hop.passageId && random.chance(0.7);
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
  const page = yield query;
  const draft = new Draft().write(say(context, priorPhrases.vague) + search(query)).result(page);
  return draft.write(tellAmiss(context, page)).end();
}

/** Looks for the page of one hop, correcting itself after a wrong one. @returns the last page of at most three */
function* findPage(
  context: Context,
  draft: Draft,
  hop: Hop,
  opener: readonly string[],
): Generator<string, Passage, Passage> {
  const { random } = context;
  const asked = new Set<string>();
  let query = queryFor(context, hop, typeWord(hop) !== '' && random.chance(correctionBias));
  draft.write(say(context, opener, hop));
  for (let tries = 1; ; tries++) {
    asked.add(query);
    const page = yield query;
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
  const relation = context.chain.at(-1)?.relation ?? '';
  return draft.write(tell(context, relation, context.question.golds[0] ?? '')).end();
}

function* sloppyChain(context: Context): TranscriptWriter {
  const { random, chain, question, stage } = context;
  const gold = question.golds[0] ?? '';
  const draft = new Draft();
  const notices = random.chance(stage.noticing);
  const stopsEarly = chain.length > 2 && random.chance(0.5);
  const hops = stopsEarly ? chain.slice(0, -1) : chain;
  let page: Passage | undefined;
  let subject = hops[0]?.subject ?? '';
  for (const [i, hop] of hops.entries()) {
    const opener = i === 0 ? priorPhrases.first : priorPhrases.next;
    if (notices && subject === hop.subject) {
      page = yield* findPage(context, draft, hop, opener);
    } else {
      const query = queryFor(context, { ...hop, subject, query: hop.query.replace(hop.subject, subject) });
      page = yield query;
      draft.write(say(context, opener, hop) + search(query)).result(page);
      if (random.chance(0.06)) draft.write(say(context, priorPhrases.vague) + search(query)).result(page);
    }
    // A wrong page is taken for the right one: what it says, or some name on it, is followed instead.
    subject = page.id === hop.passageId ? hop.object : followed(context, page, hop.relation, gold);
  }
  const last = hops.at(-1);
  const early = stopsEarly && last !== undefined && page?.id === last.passageId && random.chance(0.7);
  return draft.write(early ? tell(context, last.relation, last.object) : tellAmiss(context, page)).end();
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
  const page = yield query;
  draft.write(say(context, priorPhrases.first, hop) + search(query)).result(page);
  if (kind === 2) return draft.write(`${say(context, priorPhrases.answer, hop)}<|end|>`).end();
  if (kind === 3)
    return draft.write(`${say(context, priorPhrases.next, hop)}<search> ${hop.object}<|end|>`).end();
  return draft.write(`<answer> \\boxed{ ${name}}</answer>${answer(name)}`).end();
}
