import type { Entity, Fact } from '../entity.ts';
import { inText } from '../pages.ts';
import type { Random } from '../random.ts';
import { types } from '../schema.ts';
import type { Comparison, Hop, Question, QuestionShape } from '../types.ts';
import { compared } from './compared.ts';
import type { FactIndex } from './factIndex.ts';
import type { Wording } from './wording.ts';

/** What part of a question speaks of: an entity, the words for it, and the hops that lead there. */
export interface Clause {
  readonly text: string;
  readonly entity: Entity;
  readonly hops: readonly Hop[];
}

/** A question without its id and set. */
export type Asked = Pick<Question, 'text' | 'golds' | 'comparison'> & {
  readonly shape: QuestionShape;
  readonly chain: readonly Hop[];
};

/** One kind of question: makes one by chance, or fails where chance led nowhere. */
export type Ask = (asker: Asker, facts: FactIndex) => Asked | undefined;

/** Puts clauses together in the words of one set. What cannot be asked is undefined. */
export class Asker {
  readonly random: Random;
  private readonly wording: Wording;
  private readonly bearers: ReadonlyMap<string, number>;

  /** @param bearers how many entities bear a name */
  constructor(random: Random, wording: Wording, bearers: ReadonlyMap<string, number>) {
    this.random = random;
    this.wording = wording;
    this.bearers = bearers;
  }

  /** An entity by its name: "the book Cholwis"; a person's alone unless somebody or something else bears it too. */
  named(entity: Entity): Clause {
    return { text: this.mention(entity), entity, hops: [] };
  }

  /** What a fact of the clause's entity leads to; undefined where that has been passed, or is no entity. */
  step(from: Clause, fact: Fact): Clause | undefined {
    if (!fact.entity || passed(from, fact.entity.name)) return undefined;
    return {
      text: this.wording.phrase(this.random, fact.relation).replace('{x}', from.text),
      entity: fact.entity,
      hops: [...from.hops, hopOf(from.entity, fact)],
    };
  }

  /** What two have in common, named through both: "the match of the team of … and the team of …". */
  join(pair: Entity, first: Clause, second: Clause): Clause | undefined {
    const hops = [...first.hops, ...second.hops];
    const pages = [...hops.map(({ passageId }) => passageId), pair.passageId];
    if (new Set(pages).size < pages.length) return undefined;
    return { text: pairText(pair, first.text, second.text), entity: pair, hops };
  }

  /** A question for a fact of the clause's entity, whose answer the text does not say. */
  ask(shape: QuestionShape, of: Clause, fact: Fact): Asked | undefined {
    const text = capital(this.wording.question(this.random, fact.relation).replace('{x}', of.text));
    const golds = fact.both ?? [fact.object];
    const told = golds.some((gold) => text.toLowerCase().includes(gold.toLowerCase()));
    if (told || golds.some((gold) => passed(of, gold))) return undefined;
    return { shape, text, golds, chain: [...of.hops, hopOf(of.entity, fact)] };
  }

  /** A question that compares two facts. */
  compare(
    shape: QuestionShape,
    text: string,
    comparison: Comparison,
    [first, second]: readonly [Clause, Clause],
    [a, b]: readonly [Fact, Fact],
  ): Asked | undefined {
    const chain = [...first.hops, hopOf(first.entity, a), ...second.hops, hopOf(second.entity, b)];
    if (new Set(chain.map(({ passageId }) => passageId)).size < chain.length) return undefined;
    const subjects = [chain[0]?.subject ?? '', chain[chain.length / 2]?.subject ?? ''] as const;
    const gold = compared(comparison, subjects, a.object, b.object);
    return gold === undefined ? undefined : { shape, text: capital(text), golds: [gold], chain, comparison };
  }

  private mention(entity: Entity): string {
    const { type, name, parts } = entity;
    if (parts) return pairText(entity, parts[0].name, parts[1].name);
    const alone = (this.bearers.get(name) ?? 0) < 2;
    if (alone && type === 'person') return name;
    if (alone && (type === 'country' || type === 'city')) return inText(entity);
    if (type === 'language' || type === 'demonym') return name;
    if (type === 'currency') return `the ${name}`;
    return `the ${types[type].words[0] ?? type} ${name}`;
  }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const pairText = ({ type }: Entity, first: string, second: string): string =>
  `the ${types[type].words[0] ?? type} of ${first} and ${second}`;

const passed = ({ hops, entity }: Clause, name: string): boolean =>
  entity.name === name || hops.some(({ subject, object }) => subject === name || object === name);

function hopOf(subject: Entity, fact: Fact): Hop {
  return {
    subject: subject.name,
    relation: fact.relation.noun,
    object: fact.object,
    passageId: subject.passageId ?? '',
    query: wellFormedQuery(subject, fact),
  };
}

/** What an able searcher would type: the type, the name, and what is wanted of it. */
function wellFormedQuery({ type, name }: Entity, fact: Fact): string {
  const word = type === 'person' ? '' : `${types[type].words[0] ?? ''} `;
  return `${word}${name} ${fact.relation.noun}`;
}
