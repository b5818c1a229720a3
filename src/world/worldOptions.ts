import type { GeneratedSet } from './types.ts';

/** What a generated world is made of. */
export interface WorldOptions {
  readonly seed: number;
  /** Pages at least; rounding the shares of the types may add a few. */
  readonly passages: number;
  /** Share of borrowable names that are another entity's. */
  readonly namesakes: number;
  /** Share of pages that state nothing a question asks for, about things named after others; default 0. */
  readonly distractors?: number;
  /** Shares of 2, 3 and 4 hops where the set is `musique`; the other sets have mixtures of their own. */
  readonly hops: { readonly two: number; readonly three: number; readonly four: number };
  readonly questions: number;
  /**
   * The set whose question shapes are asked; default `musique`. `words`: single facts in the words of Bamboogle's
   * shape, for the prior, which may know English but no two-hop question in these words. Pages do not depend on it.
   */
  readonly set?: GeneratedSet | 'words';
  /** A world of everything (the default), or mostly of countries and what belongs to them. */
  readonly about?: 'everything' | 'places';
}
