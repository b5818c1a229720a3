import { isOfCountry } from './entities.ts';
import type { Entity, Fact } from './entity.ts';
import { inventName } from './names.ts';
import { inText } from './pages.ts';
import type { Random } from './random.ts';
import type { Relation } from './relations/relation.ts';
import { relations } from './relations/relations.ts';
import type { EntityType } from './schema.ts';

/** Most facts a page states, so that a page stays short. */
const factsPerPage: Partial<Record<EntityType, number>> = { person: 4, country: 4 };

/** Share of countries that have two languages. */
const BILINGUAL = 0.3;

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

  /** One of a type by chance, but neither `not` nor its namesake; undefined where there is no other. */
  other(random: Random, type: EntityType, not: Entity): Entity | undefined {
    const all = this.of(type);
    const left = this.byType.get(type)?.at.get(not.name);
    const drawn = random.below(left === undefined ? all.length : all.length - 1);
    return all[left !== undefined && drawn >= left ? drawn + 1 : drawn];
  }
}

/** Gives every entity with a page the facts that it states. */
export function makeFacts(random: Random, entities: readonly Entity[]): void {
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
  const second = inventName(random, 'language');
  const both = random.chance(0.5) ? ([entity.name, second] as const) : ([second, entity.name] as const);
  return { relation, object: both[0], stated: both.join(' and '), both };
}
