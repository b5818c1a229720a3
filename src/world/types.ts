import type { Passage } from '../retrieval/retriever.ts';

/** The four test sets of the paper (Table 2) whose question shapes the families copy, and the real facts. */
export type QuestionSet = 'musique' | 'hotpotqa' | '2wiki' | 'bamboogle' | 'countries';

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
}

export interface World {
  readonly name: string;
  readonly seed: number;
  readonly passages: readonly Passage[];
  readonly questions: readonly Question[];
  /** Source and licence to show beside it, where the facts are somebody's. */
  readonly credit?: string;
}
