import type { Entity, Fact } from '../entity.ts';
import { isPairType } from '../schema.ts';

/** A fact with the entity whose page states it. */
export interface StatedFact {
  readonly subject: Entity;
  readonly fact: Fact;
}

/** The facts of a world, found from either end. */
export class FactIndex {
  /** Entities whose page states a fact. */
  readonly starts: readonly Entity[];
  /** Matches and treaties. */
  readonly pairs: readonly Entity[];
  private readonly to = new Map<Entity, StatedFact[]>();
  private readonly byRelation = new Map<string, StatedFact[]>();

  constructor(entities: readonly Entity[]) {
    this.starts = entities.filter((entity) => entity.facts.length > 0);
    this.pairs = this.starts.filter(({ type }) => isPairType(type));
    for (const subject of this.starts) {
      for (const fact of subject.facts) {
        add(this.byRelation, relationKey(subject.type, fact.relation.noun), { subject, fact });
        if (fact.entity) add(this.to, fact.entity, { subject, fact });
      }
    }
  }

  /** Facts whose object is this entity. */
  leadingTo(entity: Entity): readonly StatedFact[] {
    return this.to.get(entity) ?? [];
  }

  /** Facts of one relation of one type, as `relationKey` names it. */
  of(key: string): readonly StatedFact[] {
    return this.byRelation.get(key) ?? [];
  }
}

/** "film director": the relation of that noun of things of that type. */
export const relationKey = (type: string, noun: string): string => `${type} ${noun}`;

function add<K>(map: Map<K, StatedFact[]>, key: K, fact: StatedFact): void {
  const list = map.get(key);
  if (list) list.push(fact);
  else map.set(key, [fact]);
}
