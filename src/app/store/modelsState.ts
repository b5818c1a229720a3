import type {
  Choice,
  Listing,
  ModelProgress,
  Offer,
  StoreEvent,
  StoreRequest,
  Wanted,
} from '../../lab/modelStore/protocol.ts';

/** What the page knows of the models that are kept in this browser, and of what is under way with them. */
export interface ModelsState {
  /** Absent before the store has been asked. */
  readonly listing?: Listing | undefined;
  /** What was looked up last and is not taken yet. */
  readonly offer?: Offer | undefined;
  /** A repository of several models, and what was asked about it. */
  readonly choice?: { readonly wanted: Wanted; readonly gguf: Choice['gguf'] } | undefined;
  readonly progress?: ModelProgress | undefined;
  /** The request that is being answered, beside the list. */
  readonly busy?: Exclude<StoreRequest['type'], 'list' | 'stop'> | undefined;
  /** What went wrong last, with the mend. */
  readonly problem?: string | undefined;
  /** Name of the model that has just come. */
  readonly came?: string | undefined;
}

export interface ModelsSlice {
  readonly models: ModelsState;
  readonly setModels: (change: ModelsState) => void;
}

/** The state after a request has been sent. */
export function requestedModels(state: ModelsState, request: StoreRequest): ModelsState {
  if (request.type === 'list' || request.type === 'stop') return state;
  const fresh = { ...state, problem: undefined, came: undefined, progress: undefined, busy: request.type };
  return request.type === 'inspect' ? { ...fresh, offer: undefined, choice: undefined } : fresh;
}

/** The state after the store has told something. */
export function toldModels(state: ModelsState, event: StoreEvent): ModelsState {
  switch (event.type) {
    case 'listing':
      return { ...state, listing: event.listing };
    case 'offer':
      return { ...state, offer: event.offer };
    case 'choice':
      return { ...state, choice: { wanted: event.wanted, gguf: event.choice.gguf } };
    case 'progress':
      return { ...state, progress: event.progress };
    case 'kept':
      return { ...state, came: event.name, offer: undefined, choice: undefined };
    case 'error':
      return { ...state, problem: event.message };
    case 'over':
      return event.request === state.busy ? { ...state, busy: undefined, progress: undefined } : state;
  }
}
