import { institutionRelations } from './institutions.ts';
import { peopleRelations } from './people.ts';
import { placeRelations } from './places.ts';
import type { Relation } from './relation.ts';
import { workRelations } from './works.ts';

/** Every relation of a generated world. */
export const relations: readonly Relation[] = [
  ...peopleRelations,
  ...placeRelations,
  ...workRelations,
  ...institutionRelations,
];
