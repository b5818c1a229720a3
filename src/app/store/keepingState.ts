import type { KeepEvent, KeepJob, ListedCorpus } from '../../lab/keeping/keepProtocol.ts';
import type { OwnProblem } from '../../world/problems.ts';

/** What the page knows of the corpora and indexes that are kept: a fold of what their worker told. */
export interface KeepingState {
  /** Absent until they have been listed. */
  readonly corpora?: readonly ListedCorpus[];
  readonly job?: KeepJob;
  /** What the last import left out. */
  readonly problems: readonly OwnProblem[];
  /** What was assumed of the model that was opened last. */
  readonly notices: readonly string[];
  /** Why the last request failed. */
  readonly error?: string;
}

export const noKeeping: KeepingState = { problems: [], notices: [] };

export function reduceKeeping(state: KeepingState, event: KeepEvent): KeepingState {
  switch (event.type) {
    case 'kept':
      return { ...state, corpora: event.corpora };
    case 'job': {
      const { job: before, error, ...rest } = state;
      const job = event.job === undefined ? {} : { job: event.job };
      // A new job's beginning takes the last one's error away.
      const goesOn = before !== undefined || event.job === undefined;
      return { ...rest, ...job, ...(goesOn && error !== undefined ? { error } : {}) };
    }
    case 'problems':
      return { ...state, problems: event.problems };
    case 'notices':
      return { ...state, notices: event.notices };
    case 'error':
      return { ...state, error: event.message };
  }
}

/** Passages of an index that can be searched by now; undefined where it is not listed. */
export function indexedSoFar(
  { corpora, job }: KeepingState,
  corpus: string,
  model: string,
): { readonly done: number; readonly total: number } | undefined {
  const listed = corpora?.find(({ id }) => id === corpus);
  if (listed === undefined) return undefined;
  const record = listed.indexes.find((index) => index.model.id === model);
  const underWay = job?.kind === 'index' && job.corpus === corpus && job.model === model ? job.kept : 0;
  return { done: Math.max(record?.done ?? 0, underWay), total: listed.passages };
}
