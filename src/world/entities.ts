import { distractorCount } from './distractors.ts';
import type { Entity } from './entity.ts';
import { inventName, nameAfter } from './names.ts';
import type { Random } from './random.ts';
import {
  GEOGRAPHY_SHARE,
  isPairType,
  pairTypes,
  placesShares,
  types,
  type EntityType,
  type NamedType,
  type PairType,
} from './schema.ts';
import type { WorldOptions } from './worldOptions.ts';

/** Tries to borrow a name that is free in its type; after these one is invented, for there may be none left. */
const BORROWING_TRIES = 50;

/** Share of countries' currencies, languages and demonyms that are called after the country. */
const NAMED_AFTER_COUNTRY = 0.5;
/** Share of peoples that are called like their language. */
const NAMED_LIKE_LANGUAGE = 0.4;
/** The entities of a world; pages are numbered in this order. */
export function makeEntities(random: Random, options: WorldOptions): Entity[] {
  const { passages, namesakes, seed } = options;
  const entities: Entity[] = [];
  const takenByType = new Set<string>();
  const lendable: string[] = [];
  let pages = 0;
  const add = (type: NamedType, withPage: boolean, ofType: number, country?: Entity): void => {
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
    return Math.round(((share ?? types[type].share) / 100) * (passages - distractorCount(options)));
  };
  const geography = options.about === 'places' ? Math.round((GEOGRAPHY_SHARE / 100) * passages) : 0;
  const most = passages - geography - distractorCount(options);
  const countries = (): readonly Entity[] => entities.filter((e) => e.type === 'country');
  const addPairs = (type: PairType): void => {
    for (const parts of pairsOf(
      random,
      entities.filter((e) => e.type === pairTypes[type]),
      wanted(type),
    )) {
      const name = `${parts[0].name} and ${parts[1].name}`;
      entities.push({ type, name, facts: [], parts, passageId: `w${String(seed)}-${String(pages++)}` });
    }
  };
  for (const type of Object.keys(types) as EntityType[]) {
    if (isPairType(type)) {
      addPairs(type);
      continue;
    }
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

export const isOfCountry = (type: EntityType): type is 'currency' | 'language' | 'demonym' =>
  type === 'currency' || type === 'language' || type === 'demonym';

/** Up to `count` different pairs, in random order. */
function pairsOf(random: Random, entities: readonly Entity[], count: number): (readonly [Entity, Entity])[] {
  const most = Math.min(count, (entities.length * (entities.length - 1)) / 2);
  const pairs = new Map<string, readonly [Entity, Entity]>();
  while (pairs.size < most) {
    const first = random.pick(entities);
    const second = random.pick(entities);
    const key = [first.name, second.name].sort().join('/');
    if (first !== second && !pairs.has(key)) pairs.set(key, [first, second]);
  }
  return [...pairs.values()];
}
