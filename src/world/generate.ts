import type { Passage } from '../retrieval/retriever.ts';
import { inventName, nameAfter } from './names.ts';
import { inText, writeGeography, writePage } from './pages.ts';
import { makeQuestions } from './questions.ts';
import { Random } from './random.ts';
import { relations, type Relation } from './relations.ts';
import { GEOGRAPHY_SHARE, placesShares, types, type EntityType } from './schema.ts';
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
  /** The object, or both objects, as the page says them. */
  readonly stated: string;
  /** Absent for years, and for two objects: nothing follows from them. */
  readonly entity?: Entity;
  /** Two objects, each a right answer. */
  readonly both?: readonly [string, string];
}

export interface WorldOptions {
  readonly seed: number;
  /** Pages at least; rounding the shares of the types may add a few. */
  readonly passages: number;
  /** Share of borrowable names that are another entity's. */
  readonly namesakes: number;
  readonly hops: { readonly two: number; readonly three: number; readonly four: number };
  readonly questions: number;
  /** A world of everything (the default), or mostly of countries and what belongs to them. */
  readonly about?: 'everything' | 'places';
}

/** Most facts a page states, so that a page stays short. */
const factsPerPage: Partial<Record<EntityType, number>> = { person: 3, country: 4 };

/** A small encyclopedia and questions over it; a pure function of its options. */
export function generateWorld(options: WorldOptions): World {
  const random = new Random(options.seed);
  const entities = makeEntities(random, options);
  makeFacts(random, entities);
  return {
    name: `Generated world ${String(options.seed)}`,
    seed: options.seed,
    passages: makePages(random, entities, options),
    questions: makeQuestions(random.fork(), entities, options),
  };
}

/** Tries to borrow a name that is free in its type; after these one is invented, for there may be none left. */
const BORROWING_TRIES = 50;

/** Share of countries' currencies, languages and demonyms that are called after the country. */
const NAMED_AFTER_COUNTRY = 0.5;
/** Share of peoples that are called like their language. */
const NAMED_LIKE_LANGUAGE = 0.4;
/** Share of countries that have two languages. */
const BILINGUAL = 0.3;

function makeEntities(random: Random, options: WorldOptions): Entity[] {
  const { passages, namesakes, seed } = options;
  const entities: Entity[] = [];
  const takenByType = new Set<string>();
  const lendable: string[] = [];
  let pages = 0;
  const add = (type: EntityType, withPage: boolean, ofType: number, country?: Entity): void => {
    const mayBorrow = types[type].borrowsName && lendable.length > 0;
    const draw = (tries: number): string => {
      const borrows = mayBorrow && tries < BORROWING_TRIES && random.chance(namesakes);
      if (borrows) return random.pick(lendable);
      if (type === 'demonym' && tries === 0 && random.chance(NAMED_LIKE_LANGUAGE)) {
        const language = entities.filter((e) => e.type === 'language')[ofType];
        if (language) return language.name;
      }
      const ofCountry = country !== undefined && random.chance(NAMED_AFTER_COUNTRY);
      return ofCountry && isOfCountry(type)
        ? nameAfter(random, country.name, type)
        : inventName(random, type);
    };
    let name = draw(0);
    for (let tries = 1; takenByType.has(`${type}/${name}`); tries++) name = draw(tries);
    takenByType.add(`${type}/${name}`);
    if (types[type].lendsName) lendable.push(name);
    const entity: Entity = { type, name, facts: [] };
    if (withPage) entity.passageId = `w${String(seed)}-${String(pages++)}`;
    entities.push(entity);
  };
  const wanted = (type: EntityType): number => {
    const share = options.about === 'places' ? placesShares[type] : undefined;
    return Math.round(((share ?? types[type].share) / 100) * passages);
  };
  const geography = options.about === 'places' ? Math.round((GEOGRAPHY_SHARE / 100) * passages) : 0;
  const most = passages - geography;
  const countries = (): readonly Entity[] => entities.filter((e) => e.type === 'country');
  for (const type of Object.keys(types) as EntityType[]) {
    // Every country has a currency and a language of its own; only some of these have pages.
    const owners = isOfCountry(type) ? countries() : [];
    const pagesOfType = isOfCountry(type) ? Math.min(wanted(type), owners.length) : wanted(type);
    for (let i = 0; i < Math.max(pagesOfType, type === 'demonym' ? 0 : owners.length); i++) {
      add(type, i < pagesOfType, i, owners[i]);
    }
  }
  for (let i = 0; i < Math.max(2, countries().length / 3); i++) add('region', false, i);
  while (pages < most) add('person', true, pages);
  return entities;
}

const isOfCountry = (type: EntityType): type is 'currency' | 'language' | 'demonym' =>
  type === 'currency' || type === 'language' || type === 'demonym';

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
  const ownOf = {
    currency: cast.of('currency'),
    language: cast.of('language'),
    demonym: cast.of('demonym'),
  };
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
    if (isOfCountry(subject.type)) return countries[ownOf[subject.type].indexOf(subject)];
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
      if (entity) subject.facts.push(factOf(random, relation, entity));
      else if (relation.to === 'year') {
        const year = String(1900 + random.below(126));
        subject.facts.push({ relation, object: year, stated: year });
      }
    }
  }
}

function factOf(random: Random, relation: Relation, entity: Entity): Fact {
  if (relation.pluralSentences === undefined || !random.chance(BILINGUAL))
    return { relation, object: entity.name, stated: inText(entity), entity };
  const second = inventName(random, entity.type);
  const both = random.chance(0.5) ? ([entity.name, second] as const) : ([second, entity.name] as const);
  return { relation, object: both[0], stated: both.join(' and '), both };
}

function makePages(
  random: Random,
  entities: readonly Entity[],
  { seed, about, passages }: WorldOptions,
): Passage[] {
  const bearers = new Map<string, number>();
  for (const { name } of entities) bearers.set(name, (bearers.get(name) ?? 0) + 1);
  const pages = entities
    .filter((entity) => entity.passageId !== undefined)
    .map((entity) => writePage(random, entity, (bearers.get(entity.name) ?? 0) > 1));
  if (about === 'places') {
    const countries = entities.filter((entity) => entity.type === 'country');
    const shown = random.shuffle(countries).slice(0, Math.round((GEOGRAPHY_SHARE / 100) * passages));
    pages.push(
      ...shown.map((country, i) =>
        writeGeography(random, `g${String(seed)}-${String(i)}`, country, countries),
      ),
    );
  }
  return random.shuffle(pages);
}
