import type { AdapterChoice } from '../../lab/modelProtocol.ts';

/** What a run has learned, as files: written, or to begin with. */
export interface LearnedState {
  /** The saved adapter that the next run begins with. */
  readonly adapter?: AdapterChoice;
  /** What is being written; bytes are absent until the update under way is done. */
  readonly writing?: {
    readonly id: number;
    readonly file?: string;
    readonly done?: number;
    readonly total?: number;
  };
  /** What was written last, as a sentence. */
  readonly written?: string;
  readonly problem?: string;
}

export interface LearnedSlice {
  readonly learned: LearnedState;
  readonly setLearned: (change: {
    readonly [K in keyof LearnedState]?: LearnedState[K] | undefined;
  }) => void;
}
