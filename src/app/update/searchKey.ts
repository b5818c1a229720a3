import type { TraceSearch } from '../../traces/trace.ts';

/** A search with its place: which rollout's, and which of its searches. */
export interface PlacedSearch {
  readonly search: TraceSearch;
  readonly rollout: number;
  readonly number: number;
}

export const searchKey = ({ rollout, number }: PlacedSearch): string => `${rollout}.${number}`;
