/** What page and worker say to each other: our engine continues one prompt. */
export interface StartRequest {
  readonly kind: 'start';
  readonly threads: number;
}

export interface GreedyRequest {
  readonly kind: 'greedy';
  readonly prompt: readonly number[];
  readonly tokens: number;
}

export type WorkerRequest = StartRequest | GreedyRequest;

export type WorkerReply =
  { readonly label: string } | { readonly ids: readonly number[] } | { readonly error: string };

/** Where the page finds the exported policy; host.ts answers there. */
export const EXPORTED = '/bench-policy/';
