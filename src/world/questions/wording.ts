import type { Random } from '../random.ts';
import type { Relation } from '../relations/relation.ts';

/** How a set words its questions. */
export interface Wording {
  /** A noun phrase with {x} for what is asked about, such as "the director of {x}". */
  phrase(random: Random, relation: Relation): string;
  /** A whole question, such as "Who directed {x}?". */
  question(random: Random, relation: Relation): string;
}

/** The wordings that the relations themselves give: those of MuSiQue's shape, on which GRPO trains. */
export const plainWording: Wording = {
  phrase: (random, { phrases }) => random.pick(phrases),
  question: (random, { questions }) => random.pick(questions),
};
