import type { Relation } from './relations/relation.ts';
import type { EntityType } from './schema.ts';

/** A thing of a generated world. */
export interface Entity {
  readonly type: EntityType;
  readonly name: string;
  /** Set when the entity has a page of its own. */
  passageId?: string;
  /** What its page states. */
  readonly facts: Fact[];
  /** The two that a match or treaty is between, in the order of its name. */
  readonly parts?: readonly [Entity, Entity];
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
