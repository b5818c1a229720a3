import type { Passage } from '../retrieval/retriever.ts';
import type { BaselinePart } from './baselines/formats.ts';

/** A search that a transcript makes, and how many pages it wants. */
export interface Wanted {
  readonly query: string;
  readonly pages: number;
}

/**
 * A transcript being written: yields a search, receives the pages that retrieval brings (one at least), returns the
 * parts. `undefined` means that the behaviour could not be shown on this question.
 */
export type TranscriptWriter = Generator<Wanted, readonly BaselinePart[] | undefined, readonly Passage[]>;
