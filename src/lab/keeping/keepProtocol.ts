import type { KeptCorpus } from '../../retrieval/kept/keptCorpus.ts';
import type { IndexRecord } from '../../retrieval/kept/keptIndex.ts';
import type { ProviderChoice } from '../../retrieval/onnxSession.ts';
import type { OwnProblem } from '../../world/problems.ts';

export type { IndexRecord, ProviderChoice };

/** What the page and the worker that keeps corpora and indexes say to each other. */

export type KeepRequest =
  /** Comes first; `baseUrl` is the page's own address. */
  | { readonly type: 'list'; readonly baseUrl: string }
  /** Reads files into a corpus that is kept. */
  | { readonly type: 'import'; readonly files: readonly File[] }
  /** Embeds what the index of a corpus lacks. `model`: the id of a kept one or of an index, or `shipped`. */
  | {
      readonly type: 'index';
      readonly corpus: string;
      readonly model: string;
      /** What runs the model. */
      readonly provider: ProviderChoice;
    }
  /** Ends the job that is under way; what it kept stays. */
  | { readonly type: 'stop' }
  | { readonly type: 'remove-corpus'; readonly corpus: string }
  | { readonly type: 'remove-index'; readonly corpus: string; readonly model: string };

export type KeepJob =
  | {
      readonly kind: 'import';
      readonly name: string;
      readonly bytes: number;
      readonly totalBytes: number;
      readonly passages: number;
    }
  | {
      readonly kind: 'index';
      readonly corpus: string;
      readonly model: string;
      readonly done: number;
      /** Of them, those that can be searched by now. */
      readonly kept: number;
      readonly total: number;
      /** Passages a second since it began; absent before the first batch. */
      readonly rate?: number;
      readonly secondsLeft?: number;
    };

/** A corpus with the indexes of it. */
export interface ListedCorpus extends KeptCorpus {
  readonly indexes: readonly IndexRecord[];
}

export type KeepEvent =
  | { readonly type: 'kept'; readonly corpora: readonly ListedCorpus[] }
  /** Absent: no job is under way. */
  | { readonly type: 'job'; readonly job?: KeepJob }
  /** What an import left out. */
  | { readonly type: 'problems'; readonly problems: readonly OwnProblem[] }
  /** A model as it was opened: what was assumed of it. */
  | { readonly type: 'notices'; readonly notices: readonly string[] }
  | { readonly type: 'error'; readonly message: string };
