import type { Passage } from '../retrieval/retriever.ts';

/**
 * The four test sets of the paper (Table 2) whose question shapes the families copy, the real facts, a file in
 * FlashRAG's layout that does not tell its set, and a person's own questions.
 */
export type QuestionSet = 'musique' | 'hotpotqa' | '2wiki' | 'bamboogle' | 'countries' | 'flashrag' | 'own';

/** One step of a question's gold chain. Kept for checking and for teaching views; the policy never sees it. */
export interface Hop {
  /** Entity the step starts from, as named in text. */
  readonly subject: string;
  readonly relation: string;
  /** What the step finds: the bridge entity, or the answer at the last hop. */
  readonly object: string;
  /** Passage that states it. */
  readonly passageId: string;
  /** A well-formed search for this step, e.g. "Cholwis book author". */
  readonly query: string;
}

export interface Question {
  readonly id: string;
  readonly set: QuestionSet;
  readonly text: string;
  /** Accepted answers, the first is the canonical one. */
  readonly golds: readonly string[];
  /** Absent for questions whose chain is not known (typed by a visitor, read from a file without one). */
  readonly chain?: readonly Hop[];
  /** Number of hops, where it is known; the length of `chain` where there is one. */
  readonly hops?: number;
}

export interface World {
  readonly name: string;
  readonly seed: number;
  readonly passages: readonly Passage[];
  readonly questions: readonly Question[];
  /** Source and licence to show beside it, where the facts are somebody's. */
  readonly credit?: string;
}
