/**
 * What the nano policy has seen before GRPO: every kind of transcript, in these shares and no others. The bad
 * ones are the many. This table is printed in the page, written beside the weights, and read by `pretrain`.
 */
export type PriorBehaviourName =
  'guess' | 'one search' | 'useless query' | 'good chain' | 'sloppy chain' | 'broken format' | 'given pages';

export const priorBehaviours: Readonly<Record<PriorBehaviourName, string>> = {
  guess: 'Answers at once, without a search, with some name from the question.',
  'one search': 'Searches once and answers from that page, though the question needs more pages.',
  'useless query': 'Searches for something that cannot help, then answers with a name from whatever came.',
  'good chain':
    'Searches fact by fact to the end and answers right; after a wrong page it says so and searches again.',
  'sloppy chain':
    'Searches fact by fact but goes wrong: reads on from a wrong page, stops early, or answers with another name.',
  'broken format': 'Breaks the tags: no box, no answer, a thought or a search never closed.',
  'given pages':
    'Answers at once, or from pages that it was given, in the form of the four prompt baselines; three in ten reason to the end.',
};

export interface PriorStage {
  readonly name: string;
  /** Training tokens. */
  readonly tokens: number;
  /** Peak of this stage's own warm-up and cosine; AdamW starts each stage afresh. */
  readonly learningRate: number;
  /** Shares of transcripts; they add up to 1. */
  readonly shares: Readonly<Record<PriorBehaviourName, number>>;
  /** How a searching transcript words its query for one fact: shares that add up to 1. */
  readonly queries: QueryShares;
  /** Share of sloppy chains that notice a wrong page, and go wrong later. */
  readonly noticing: number;
  /** Share of worlds that are mostly of countries and what belongs to them. */
  readonly places: number;
  /** Shares of worlds that are asked in the shapes of these sets; they add up to 1. */
  readonly sets: SetShares;
  /** Share of pages that state nothing a question asks for. */
  readonly distractors: number;
}

/** Bamboogle's two-hop questions are in no stage; `words`: single facts in its words. */
export type SetShares = Readonly<Record<'musique' | 'hotpotqa' | '2wiki' | 'words', number>>;

const onlyMusique: SetShares = { musique: 1, hotpotqa: 0, '2wiki': 0, words: 0 };
const allSets: SetShares = { musique: 0.4, hotpotqa: 0.16, '2wiki': 0.28, words: 0.16 };

/** The name alone, the name and the relation, or the well-formed query with the type as well. */
export interface QueryShares {
  readonly name: number;
  readonly nameAndRelation: number;
  readonly full: number;
}

/**
 * First a stage that practises copying and reading, then one that makes guessing the habit, then one that makes it
 * ask by the bare name: half of the names have namesakes, so that a first search often brings the wrong page. The
 * next does the same on more kinds of world, and the fifth practises noticing a wrong page, which does not yet help:
 * most chains that notice one still answer wrong. The next two do all of it once more, first reading and then the bad
 * habits, on pages and names nearer to those of the real world; and the last two the same on questions in the shapes of
 * all four sets (Bamboogle's only as single facts) and in the forms of the prompt baselines.
 */
export const priorStages: readonly PriorStage[] = [
  {
    name: 'reading',
    tokens: 14_400_000,
    learningRate: 3e-3,
    shares: {
      guess: 0.08,
      'one search': 0.3,
      'useless query': 0.08,
      'good chain': 0.13,
      'sloppy chain': 0.4,
      'broken format': 0.01,
      'given pages': 0,
    },
    queries: { name: 0.45, nameAndRelation: 0.25, full: 0.3 },
    noticing: 0,
    places: 0,
    sets: onlyMusique,
    distractors: 0,
  },
  {
    name: 'habit',
    tokens: 7_770_000,
    learningRate: 1.5e-3,
    shares: {
      guess: 0.4,
      'one search': 0.3,
      'useless query': 0.06,
      'good chain': 0.13,
      'sloppy chain': 0.1,
      'broken format': 0.01,
      'given pages': 0,
    },
    queries: { name: 0.45, nameAndRelation: 0.25, full: 0.3 },
    noticing: 0,
    places: 0,
    sets: onlyMusique,
    distractors: 0,
  },
  {
    name: 'bare names',
    tokens: 4_000_000,
    learningRate: 1e-3,
    shares: {
      guess: 0.4,
      'one search': 0.28,
      'useless query': 0.06,
      'good chain': 0.15,
      'sloppy chain': 0.1,
      'broken format': 0.01,
      'given pages': 0,
    },
    queries: { name: 0.82, nameAndRelation: 0.12, full: 0.06 },
    noticing: 0,
    places: 0,
    sets: onlyMusique,
    distractors: 0,
  },
  {
    name: 'places',
    tokens: 4_000_000,
    learningRate: 1e-3,
    shares: {
      guess: 0.4,
      'one search': 0.28,
      'useless query': 0.06,
      'good chain': 0.15,
      'sloppy chain': 0.1,
      'broken format': 0.01,
      'given pages': 0,
    },
    queries: { name: 0.97, nameAndRelation: 0.02, full: 0.01 },
    noticing: 0,
    places: 0.5,
    sets: onlyMusique,
    distractors: 0,
  },
  {
    name: 'second looks',
    tokens: 3_500_000,
    learningRate: 1e-3,
    shares: {
      guess: 0.38,
      'one search': 0.3,
      'useless query': 0.06,
      'good chain': 0.13,
      'sloppy chain': 0.12,
      'broken format': 0.01,
      'given pages': 0,
    },
    queries: { name: 0.93, nameAndRelation: 0.05, full: 0.02 },
    noticing: 0.6,
    places: 0.35,
    sets: onlyMusique,
    distractors: 0,
  },
  {
    name: 'real spellings',
    tokens: 14_000_000,
    learningRate: 2e-3,
    shares: {
      guess: 0.08,
      'one search': 0.27,
      'useless query': 0.07,
      'good chain': 0.16,
      'sloppy chain': 0.41,
      'broken format': 0.01,
      'given pages': 0,
    },
    queries: { name: 0.7, nameAndRelation: 0.15, full: 0.15 },
    noticing: 0.3,
    places: 0.4,
    sets: onlyMusique,
    distractors: 0,
  },
  {
    name: 'open forks',
    tokens: 8_000_000,
    learningRate: 1.2e-3,
    shares: {
      guess: 0.4,
      'one search': 0.3,
      'useless query': 0.06,
      'good chain': 0.13,
      'sloppy chain': 0.1,
      'broken format': 0.01,
      'given pages': 0,
    },
    queries: { name: 0.93, nameAndRelation: 0.05, full: 0.02 },
    noticing: 0.6,
    places: 0.4,
    sets: onlyMusique,
    distractors: 0,
  },
  {
    name: 'all shapes',
    tokens: 14_000_000,
    learningRate: 2e-3,
    shares: {
      guess: 0.07,
      'one search': 0.2,
      'useless query': 0.06,
      'good chain': 0.19,
      'sloppy chain': 0.4,
      'broken format': 0.01,
      'given pages': 0.07,
    },
    queries: { name: 0.7, nameAndRelation: 0.15, full: 0.15 },
    noticing: 0.3,
    places: 0.35,
    sets: allSets,
    distractors: 0.05,
  },
  {
    name: 'open forks, all shapes',
    tokens: 6_000_000,
    learningRate: 1.2e-3,
    shares: {
      guess: 0.36,
      'one search': 0.28,
      'useless query': 0.06,
      'good chain': 0.13,
      'sloppy chain': 0.1,
      'broken format': 0.01,
      'given pages': 0.06,
    },
    queries: { name: 0.93, nameAndRelation: 0.05, full: 0.02 },
    noticing: 0.6,
    places: 0.35,
    sets: allSets,
    distractors: 0.05,
  },
];

/** Share of good chains that meet a wrong page on purpose, by asking for a shared name alone first. */
export const correctionBias = 0.5;

export const priorPhrases = {
  guess: ['I know this.', 'I think I know.', 'Easy.', 'I remember this one.'],
  first: ['First the {r}.', 'I need the {r}.', 'Let me find the {r}.'],
  next: ['Next the {r}.', 'Now the {r}.', 'Then the {r}.'],
  correct: [
    'I made a mistake. That is not the {t}.',
    'That is not the {t}. I made a mistake.',
    'I made a mistake. I need the {t}.',
  ],
  vague: ['Let me look.', 'I will search.', 'Let me see.'],
  compare: ['It is {a} and {b}.', 'That is {a} and {b}.'],
  answer: ['Now I know the {r}.', 'That gives the {r}.', 'So this is the {r}.'],
  unsure: ['That is the answer.', 'Now I know.', 'So I can answer.'],
} as const;
