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

interface Context {
  readonly random: Random;
  readonly world: World;
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
  question: Question,
): TranscriptWriter {
  const context: Context = { random, world, question, chain: question.chain ?? [], stage };
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
  return think(
    random
      .pick(phrases)
      .replace('{r}', hop?.relation ?? '')
      .replace('{t}', hop ? typeWord(hop) || 'person' : ''),
  );
}

/** Names that stand in a page beside its own: runs of capitalised words, without sentence openers. */
export function namesIn(passage: Passage): string[] {
  const body = passage.text.slice(passage.title.length);
  const runs = body.match(/\p{Lu}[\p{L}\p{M}'-]*(?:(?: and| of)? \p{Lu}[\p{L}\p{M}'-]*)*/gu) ?? [];
  return runs
    .map((run) => run.replace(/^(?:He|She|It) and /, ''))
    .filter((name) => !/^(?:He|She|It|Its|The|People|Prices|Her|His)$/.test(name));
}

function nameAtHand(context: Context, passage: Passage | undefined, not: string): string {
  const { random, chain } = context;
  const near = passage ? [...namesIn(passage), passage.title] : [];
  const subject = chain[0]?.subject;
  const candidates = [...near, ...(subject === undefined || passage ? [] : [subject])].filter(
    (name) => name !== not,
  );
  return candidates.length > 0 ? random.pick(candidates) : (subject ?? context.world.name);
}

// eslint-disable-next-line require-yield -- a guess asks nothing
function* guess(context: Context): TranscriptWriter {
  const { random, chain, world } = context;
  const name = random.chance(0.7) ? (chain[0]?.subject ?? '') : random.pick(world.passages).title;
  return new Draft().write(say(context, priorPhrases.guess) + answer(name)).end();
}

function* oneSearch(context: Context): TranscriptWriter {
  const { chain, random, question } = context;
  const hop = chain[0];
  if (!hop) return undefined;
  const draft = new Draft().write(say(context, priorPhrases.first, hop));
  const query = queryFor(context, hop);
  const page = yield query;
  draft.write(search(query)).result(page);
  const reads = page.id === hop.passageId && random.chance(0.7);
  const given = reads ? hop.object : nameAtHand(context, page, question.golds[0] ?? '');
  return draft.write(say(context, priorPhrases.answer) + answer(given)).end();
}

function* uselessQuery(context: Context): TranscriptWriter {
  const { chain, random, question, world } = context;
  const hop = random.pick(chain);
  const query = random.pick([
    hop.relation,
    'the answer',
    question.text.replace('?', ''),
    random.pick(world.passages).title,
    question.text.split(' ').slice(0, 4).join(' '),
  ]);
  const page = yield query;
  const draft = new Draft().write(say(context, priorPhrases.vague) + search(query)).result(page);
  return draft
    .write(say(context, priorPhrases.answer) + answer(nameAtHand(context, page, question.golds[0] ?? '')))
    .end();
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
  return draft.write(say(context, priorPhrases.answer) + answer(context.question.golds[0] ?? '')).end();
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
    // A wrong page is taken for the right one: some name on it is followed instead.
    subject = page.id === hop.passageId ? hop.object : nameAtHand(context, page, gold);
  }
  const last = hops[hops.length - 1];
  const given = stopsEarly && random.chance(0.7) ? (last?.object ?? '') : nameAtHand(context, page, gold);
  return draft.write(say(context, priorPhrases.answer) + answer(given)).end();
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
  if (kind === 2) return draft.write(`${say(context, priorPhrases.answer)}<|end|>`).end();
  if (kind === 3)
    return draft.write(`${say(context, priorPhrases.next, hop)}<search> ${hop.object}<|end|>`).end();
  return draft.write(`<answer> \\boxed{ ${name}}</answer>${answer(name)}`).end();
}
