import type { EntityType } from '../schema.ts';

/**
 * How English speaks of what entities have to do with each other: for each relation the phrases of questions ({x}:
 * what is asked about), the noun a search would use, and the sentences of passages ({y}: the object; {S}: He, She or
 * It). Passages seldom use the noun that questions use, so a search by words alone meets the wrong page where names
 * are shared.
 */

export interface Relation {
  readonly noun: string;
  readonly from: EntityType;
  readonly to: EntityType | 'year';
  /** Noun phrases for the object, usable inside a longer question. */
  readonly phrases: readonly string[];
  /** Whole questions. */
  readonly questions: readonly string[];
  /** Sentences of the subject's passage. */
  readonly sentences: readonly string[];
  /** Sentences that name two objects, where a subject may have two. */
  readonly pluralSentences?: readonly string[];
  /** Only for a city that is the capital of its country. */
  readonly capitalOnly?: boolean;
}

/** A relation with the usual fields. */
export const relation = (
  from: EntityType,
  noun: string,
  to: EntityType | 'year',
  phrases: readonly string[],
  questions: readonly string[],
  sentences: readonly string[],
): Relation => ({ from, noun, to, phrases, questions, sentences });
