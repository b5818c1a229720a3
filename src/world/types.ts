import type { Passage } from '../retrieval/retriever.ts';

/**
 * The four test sets of the paper (Table 2) whose question shapes the families copy, the real facts, a file in
 * FlashRAG's layout that does not tell its set, and a person's own questions.
 */
export type QuestionSet = 'musique' | 'hotpotqa' | '2wiki' | 'bamboogle' | 'countries' | 'flashrag' | 'own';

/** The sets whose shapes generated questions copy. */
export const generatedSets = ['musique', 'hotpotqa', '2wiki', 'bamboogle'] as const;
export type GeneratedSet = (typeof generatedSets)[number];

/**
 * How a question's facts hang together. MuSiQue's six compositions (Trivedi et al. 2022, Figure 3) by its own names;
 * HotpotQA's two (Yang et al. 2018) with 2WikiMultiHopQA's four (Ho et al. 2020); Bamboogle's are all `2hop`. `1hop`:
 * only in the prior.
 */
export type QuestionShape =
  | '1hop'
  | '2hop'
  | '3hop1'
  | '3hop2'
  | '4hop1'
  | '4hop2'
  | '4hop3'
  | 'bridge'
  | 'comparison'
  | 'compositional'
  | 'inference'
  | 'bridge comparison';

/**
 * What a comparison asks of the objects of its last two hops: which subject has the earlier or later year, or whether
 * both are the same.
 */
export type Comparison = 'earlier' | 'later' | 'same';

/**
 * One step of a question's gold chain; its subject is named in the question or found by an earlier step, or is a pair of
 * such. Kept for checking and for teaching views; the policy never sees it. */
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
  /** Of generated questions. */
  readonly shape?: QuestionShape;
  /** Where the answer is not the object of the last hop, but follows from those of the last two. */
  readonly comparison?: Comparison;
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
