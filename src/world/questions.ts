import type { Entity, Fact, WorldOptions } from './generate.ts';
import type { Random } from './random.ts';
import { inText } from './pages.ts';
import { types } from './schema.ts';
import type { Hop, Question } from './types.ts';

/**
 * MuSiQue-shape questions (Trivedi et al. 2022): chains of 2, 3 or 4 facts, each fact about the object of the one
 * before, asked as one English question that names only the first subject.
 */
export function makeQuestions(
  random: Random,
  entities: readonly Entity[],
  options: WorldOptions,
): Question[] {
  const starts = entities.filter((e) => e.facts.length > 0);
  const namesakes = new Map<string, number>();
  for (const e of entities) namesakes.set(e.name, (namesakes.get(e.name) ?? 0) + 1);
  const questions: Question[] = [];
  const seen = new Set<string>();
  const { two, three, four } = options.hops;
  for (let tries = 0; questions.length < options.questions && tries < options.questions * 60; tries++) {
    const length = 2 + random.weighted([two, three, four]);
    const chain = walk(random, random.pick(starts), length);
    if (!chain) continue;
    const question = phrase(random, chain, namesakes, `${String(options.seed)}-${String(questions.length)}`);
    if (!question || seen.has(question.text)) continue;
    seen.add(question.text);
    questions.push(question);
  }
  return questions;
}

interface Step {
  readonly subject: Entity;
  readonly fact: Fact;
}

function walk(random: Random, start: Entity, length: number): Step[] | undefined {
  const steps: Step[] = [];
  const visited = new Set<Entity>([start]);
  let subject = start;
  for (let i = 0; i < length; i++) {
    const open = subject.facts.filter(
      (f) => i === length - 1 || (f.entity !== undefined && f.entity.facts.length > 0),
    );
    if (open.length === 0) return undefined;
    const fact = random.pick(open);
    steps.push({ subject, fact });
    if (i === length - 1) break;
    const next = fact.entity;
    if (!next || visited.has(next)) return undefined;
    visited.add(next);
    subject = next;
  }
  const answer = steps[steps.length - 1]?.fact;
  return answer?.entity && visited.has(answer.entity) ? undefined : steps;
}

/** "the book Cholwis"; a person goes by the name alone unless somebody or something else bears it too. */
function mention(entity: Entity, namesakes: ReadonlyMap<string, number>): string {
  if (entity.type === 'person' && (namesakes.get(entity.name) ?? 0) < 2) return entity.name;
  if ((entity.type === 'country' || entity.type === 'city') && (namesakes.get(entity.name) ?? 0) < 2)
    return inText(entity);
  if (entity.type === 'language' || entity.type === 'demonym') return entity.name;
  if (entity.type === 'currency') return `the ${entity.name}`;
  return `the ${types[entity.type].words[0] ?? entity.type} ${entity.name}`;
}

function phrase(
  random: Random,
  chain: readonly Step[],
  namesakes: ReadonlyMap<string, number>,
  id: string,
): Question | undefined {
  const first = chain[0];
  const last = chain[chain.length - 1];
  if (!first || !last) return undefined;
  let text = mention(first.subject, namesakes);
  for (const { fact } of chain.slice(0, -1)) text = random.pick(fact.relation.phrases).replace('{x}', text);
  text = random.pick(last.fact.relation.questions).replace('{x}', text);
  const golds = last.fact.both ?? [last.fact.object];
  if (golds.some((gold) => text.toLowerCase().includes(gold.toLowerCase()))) return undefined;
  const hops: Hop[] = chain.map(({ subject, fact }) => ({
    subject: subject.name,
    relation: fact.relation.noun,
    object: fact.object,
    passageId: subject.passageId ?? '',
    query: wellFormedQuery(subject, fact),
  }));
  return { id, set: 'musique', text, golds, chain: hops };
}

/** What an able searcher would type: the type, the name, and what is wanted of it. */
function wellFormedQuery(subject: Entity, fact: Fact): string {
  const type = subject.type === 'person' ? '' : `${types[subject.type].words[0] ?? ''} `;
  return `${type}${subject.name} ${fact.relation.noun}`;
}
