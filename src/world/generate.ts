import type { Passage } from '../retrieval/retriever.ts';
import { inventName } from './names.ts';
import { makeQuestions } from './questions.ts';
import { Random } from './random.ts';
import { relations, types, type EntityType, type Relation } from './schema.ts';
import type { World } from './types.ts';

/** A thing of a generated world. */
export interface Entity {
  readonly type: EntityType;
  readonly name: string;
  /** Set when the entity has a page of its own. */
  passageId?: string;
  /** What its page states. */
  readonly facts: Fact[];
}

export interface Fact {
  readonly relation: Relation;
  readonly object: string;
  /** Absent for years. */
  readonly entity?: Entity;
}

export interface WorldOptions {
  readonly seed: number;
  /** Pages at least; rounding the shares of the types may add a few. */
  readonly passages: number;
  /** Share of borrowable names that are another entity's. */
  readonly namesakes: number;
  readonly hops: { readonly two: number; readonly three: number; readonly four: number };
  readonly questions: number;
}

const professions = [
  'painter',
  'writer',
  'engineer',
  'singer',
  'lawyer',
  'doctor',
  'actor',
  'teacher',
  'banker',
  'sailor',
  'chemist',
  'poet',
];
/** Most facts a page states, so that a page stays short. */
const factsPerPage: Partial<Record<EntityType, number>> = { person: 3, country: 4 };

/** A small encyclopedia and questions over it; a pure function of its options. */
export function generateWorld(options: WorldOptions): World {
  const random = new Random(options.seed);
  const entities = makeEntities(random, options);
  makeFacts(random, entities);
  const passages = random
    .shuffle(entities.filter((e) => e.passageId !== undefined))
    .map((e) => writePassage(random, e));
  return {
    name: `Generated world ${String(options.seed)}`,
    seed: options.seed,
    passages,
    questions: makeQuestions(random.fork(), entities, options),
  };
}

function makeEntities(random: Random, { passages, namesakes, seed }: WorldOptions): Entity[] {
  const entities: Entity[] = [];
  const takenByType = new Set<string>();
  const lendable: string[] = [];
  let pages = 0;
  const add = (type: EntityType, withPage: boolean): void => {
    const draw = (): string => {
      const borrows = types[type].borrowsName && lendable.length > 0 && random.chance(namesakes);
      return borrows ? random.pick(lendable) : inventName(random, type);
    };
    let name = draw();
    while (takenByType.has(`${type}/${name}`)) name = draw();
    takenByType.add(`${type}/${name}`);
    if (types[type].lendsName) lendable.push(name);
    const entity: Entity = { type, name, facts: [] };
    if (withPage) entity.passageId = `w${String(seed)}-${String(pages++)}`;
    entities.push(entity);
  };
  for (const type of Object.keys(types) as EntityType[]) {
    const wanted = Math.round((types[type].share / 100) * passages);
    for (let i = 0; i < wanted; i++) add(type, true);
  }
  const countries = entities.filter((e) => e.type === 'country').length;
  // Every country has a currency and a language of its own; only some of these have pages.
  for (const type of ['currency', 'language'] as const) {
    const have = entities.filter((e) => e.type === type).length;
    for (let i = have; i < countries; i++) add(type, false);
  }
  for (let i = 0; i < Math.max(2, countries / 3); i++) add('region', false);
  while (pages < passages) add('person', true);
  return entities;
}

/** The entities of a world by type; a name is borne once in a type. */
class Cast {
  private readonly byType = new Map<
    EntityType,
    { readonly all: Entity[]; readonly at: Map<string, number> }
  >();

  constructor(entities: readonly Entity[]) {
    for (const entity of entities) {
      const { all, at } = this.byType.get(entity.type) ?? { all: [], at: new Map<string, number>() };
      at.set(entity.name, all.length);
      all.push(entity);
      this.byType.set(entity.type, { all, at });
    }
  }

  of(type: EntityType): readonly Entity[] {
    return this.byType.get(type)?.all ?? [];
  }

  /** One of a type by chance, but neither `not` nor its namesake. */
  other(random: Random, type: EntityType, not: Entity): Entity {
    const all = this.of(type);
    const left = this.byType.get(type)?.at.get(not.name);
    const drawn = random.below(left === undefined ? all.length : all.length - 1);
    const entity = all[left !== undefined && drawn >= left ? drawn + 1 : drawn];
    if (!entity) throw new RangeError(`there is no other ${type}`);
    return entity;
  }
}

function makeFacts(random: Random, entities: readonly Entity[]): void {
  const cast = new Cast(entities);
  const countries = cast.of('country');
  const ownOf = { currency: cast.of('currency'), language: cast.of('language') };
  const cities = cast.of('city');
  const capitals = new Map<Entity, Entity>();
  const countryOf = new Map<Entity, Entity>();
  countries.forEach((country, i) => {
    const city = cities[i];
    if (city) {
      capitals.set(country, city);
      countryOf.set(city, country);
    }
  });
  const objectOf = (subject: Entity, relation: Relation): Entity | undefined => {
    if (relation.to === 'year') return undefined;
    if (relation.noun === 'capital') return capitals.get(subject);
    if (relation.noun === 'currency') return ownOf.currency[countries.indexOf(subject)];
    if (relation.noun === 'language') return ownOf.language[countries.indexOf(subject)];
    if (subject.type === 'currency') return countries[ownOf.currency.indexOf(subject)];
    if (subject.type === 'language') return countries[ownOf.language.indexOf(subject)];
    if (subject.type === 'city' && relation.to === 'country') {
      const own = countryOf.get(subject) ?? random.pick(countries);
      countryOf.set(subject, own);
      return own;
    }
    return cast.other(random, relation.to, subject);
  };
  const capitalCities = new Set(capitals.values());
  for (const subject of entities) {
    if (subject.passageId === undefined) continue;
    const isCapital = capitalCities.has(subject);
    // A capital may be introduced as one, or as any other city.
    const own = relations.filter((r) => r.from === subject.type && !(r.capitalOnly === true && !isCapital));
    const chosen: Relation[] = [];
    for (const relation of random.shuffle(own)) {
      if (chosen.some((c) => c.noun === relation.noun)) continue;
      if (chosen.length < (factsPerPage[subject.type] ?? 3)) chosen.push(relation);
    }
    for (const relation of chosen) {
      const entity = objectOf(subject, relation);
      if (entity) subject.facts.push({ relation, object: entity.name, entity });
      else if (relation.to === 'year')
        subject.facts.push({ relation, object: String(1900 + random.below(126)) });
    }
  }
}

/** The page of an entity: begins with its name, says what it is, and states its facts in a random order of words. */
function writePassage(random: Random, entity: Entity): Passage {
  const kind = entity.type === 'person' ? random.pick(professions) : random.pick(types[entity.type].words);
  const article = /^[aeio]/.test(kind) ? 'an' : 'a';
  const pronoun = entity.type === 'person' ? random.pick(['He', 'She']) : 'It';
  const sentences = random
    .shuffle(entity.facts)
    .map((fact) => random.pick(fact.relation.sentences).replace('{y}', fact.object));
  const first = sentences[0];
  let text: string;
  if (first?.startsWith('{S} ') === true && random.chance(0.5)) {
    text = `${entity.name}, ${article} ${kind}, ${first.slice(4)}`;
    sentences.shift();
  } else {
    text = `${entity.name} is ${article} ${kind}.`;
  }
  for (const sentence of sentences) text += ` ${sentence.replace('{S}', pronoun)}`;
  return { id: entity.passageId ?? entity.name, title: entity.name, text };
}
