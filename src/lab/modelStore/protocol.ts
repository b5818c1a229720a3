import type { Precision } from '../../retrieval/embedderNetworks.ts';
import type { Choice, Offer, Wanted } from './inspect.ts';
import type { LocalFile } from './copyFile.ts';
import type { HubTokens } from './hubAccess.ts';
import type { ModelProgress } from './progress.ts';
import type { Listing } from './shelf.ts';

export type { Choice, HubTokens, Offer, Wanted };
export type { KeptEmbedder, KeptModel } from './manifest.ts';
export type { Precision } from '../../retrieval/embedderNetworks.ts';
export type { EmbedderOffer } from './embedderOffer.ts';
export type { ModelProgress } from './progress.ts';
export type { Listing } from './shelf.ts';
export type { ModelCard } from './card.ts';
export type { LocalFile } from './copyFile.ts';

/**
 * What page and store say to each other. The store has a worker of its own: downloads go on while the lab's worker
 * computes. Requests are answered in turn, but for `stop`.
 */
export type StoreRequest =
  | { readonly type: 'list' }
  /** What a repository would be here. */
  | { readonly type: 'inspect'; readonly wanted: Wanted; readonly tokens: HubTokens }
  /** Fetches what has been offered under a name, or goes on with a download that has begun. */
  | { readonly type: 'download'; readonly name: string; readonly tokens: HubTokens }
  | {
      readonly type: 'take';
      /** Its name; of loose files, none. */
      readonly folder?: string | undefined;
      readonly files: readonly LocalFile[];
      readonly embedder?: Precision;
    }
  /** Takes a kept model away. */
  | { readonly type: 'remove'; readonly name: string }
  /** Throws away what has come of a download. */
  | { readonly type: 'discard'; readonly name: string }
  /** Ends what is under way. */
  | { readonly type: 'stop' };

export type StoreEvent =
  | { readonly type: 'listing'; readonly listing: Listing }
  | { readonly type: 'offer'; readonly offer: Offer }
  | { readonly type: 'choice'; readonly wanted: Wanted; readonly choice: Choice }
  | { readonly type: 'progress'; readonly progress: ModelProgress }
  | { readonly type: 'kept'; readonly name: string }
  /** `request` is over, one way or another. */
  | { readonly type: 'over'; readonly request: StoreRequest['type'] }
  | { readonly type: 'error'; readonly request: StoreRequest['type']; readonly message: string };
