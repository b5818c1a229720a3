import type { BackendKind } from '../../engine/backend.ts';
import type {
  GroupResult,
  LabEvent,
  LabRequest,
  LoadedInfo,
  RunState,
  Scores,
  StepMetrics,
  UpdatePhase,
} from '../../lab/protocol.ts';
import type { AdapterChoice } from '../../lab/modelProtocol.ts';
import type { Recipe } from '../../lab/recipe.ts';
import type { WebllmPlan, WebllmState } from '../../lab/webllmProtocol.ts';
import type { Coverage, Passage } from '../../retrieval/retriever.ts';
import type { Trace } from '../../traces/trace.ts';
import type { Question } from '../../world/types.ts';
import { recipeChanges, recipeFields } from './recipeFields.ts';
import { reduceEvaluation, type EvaluationState } from './evaluationState.ts';
import { foldWatched, type Watched } from './watched.ts';

/** Updates whose groups stay open to look at; older ones keep only their row of the curves. */
export const keptUpdates = 50;
/** Live rollouts (asked in Play, or forked) and answers about tokens kept by id. */
const keptPlays = 40;
/** Notices shown at once. */
const keptNotices = 4;

export interface KeptUpdate {
  readonly step: number;
  readonly groups: readonly GroupResult[];
}

export interface Evaluation {
  readonly when: 'before' | 'during' | 'after';
  readonly step: number;
  readonly scores: Readonly<Record<string, Scores>>;
}

export interface Turned {
  readonly step: number;
  /** `grpo.learningRate 0.0001 → 0.0003`, one a field. */
  readonly changes: readonly string[];
}

export interface Notice {
  /** Rises by one a notice; lets the page tell two equal messages apart. */
  readonly key: number;
  readonly request: LabRequest['type'];
  readonly id?: number;
  readonly message: string;
}

export interface PlayRollout {
  readonly trace: Trace;
  readonly done: boolean;
}

export interface Alternative {
  readonly id: number;
  readonly text: string;
  readonly probability: number;
}

export interface LabCorpus {
  readonly id: number;
  readonly name: string;
  readonly passages: readonly Passage[];
  readonly questions: readonly Question[];
  readonly credit?: string;
}

/** Where the passages of the corpus lie: flat [n, 2] in its order, and what share of their spread each axis holds. */
export type CorpusMap = Pick<Extract<LabEvent, { type: 'map' }>, 'at' | 'shares' | 'sample'>;

/** What is nearest to one query or passage, and where that lies on the map. */
export type NearFound = Extract<LabEvent, { type: 'near' }>['found'][number];

/** All the page knows of the worker: nothing but a fold of what was asked and what was told. */
export interface LabState {
  readonly run: RunState;
  readonly detail?: string;
  readonly progress?: { readonly what: string; readonly done: number; readonly total: number };
  readonly info?: LoadedInfo;
  /** Recipe and wanted backend of what is loaded. */
  readonly recipe?: Recipe;
  readonly backend?: BackendKind | 'auto';
  /** The saved adapter that what is trained began as. */
  readonly adapter?: AdapterChoice;
  /** A load that was asked for and has neither come nor failed. */
  readonly pending?: {
    readonly recipe: Recipe;
    readonly backend: BackendKind | 'auto';
    readonly adapter?: AdapterChoice;
  };
  readonly phase?: {
    readonly step: number;
    readonly phase: UpdatePhase;
    readonly done: number;
    readonly total: number;
  };
  readonly steps: readonly StepMetrics[];
  readonly kept: readonly KeptUpdate[];
  readonly evaluations: readonly Evaluation[];
  /** Dials turned on the way: after which update, and how. */
  readonly turned: readonly Turned[];
  /** What Evaluate was asked last. */
  readonly evaluation?: EvaluationState;
  /** The model that web-llm holds. */
  readonly webllm: WebllmState;
  /** What that model was asked in Evaluate last. */
  readonly webllmEvaluation?: EvaluationState<WebllmPlan>;
  /** The update that was stepped by phase last. */
  readonly watched?: Watched;
  /** Rollouts of a group as they are written, in slow motion. */
  readonly writing?: {
    readonly step: number;
    readonly question: Question;
    readonly traces: readonly Trace[];
  };
  readonly corpus?: LabCorpus;
  readonly embedder?: { readonly name: string; readonly dimension: number };
  readonly map?: CorpusMap;
  readonly near: Readonly<Record<number, readonly NearFound[]>>;
  /** Of an index that is being made: what the last search covered. */
  readonly searched?: Coverage;
  readonly plays: Readonly<Record<number, PlayRollout>>;
  readonly alternatives: Readonly<Record<number, readonly Alternative[]>>;
  /** Rollouts that were broken off on purpose: their error is no news. */
  readonly cancelled: readonly number[];
  readonly notices: readonly Notice[];
  readonly noticeCount: number;
}

export type LabInput =
  | { readonly from: 'page'; readonly request: LabRequest }
  | { readonly from: 'worker'; readonly event: LabEvent }
  | { readonly from: 'visitor'; readonly dismiss: number }
  /** What is known of a kept run that goes on. */
  | ({ readonly from: 'storage' } & Pick<LabState, 'steps' | 'kept' | 'evaluations' | 'turned'>);

export const emptyLab: LabState = {
  run: 'idle',
  steps: [],
  kept: [],
  evaluations: [],
  webllm: { status: 'none' },
  near: {},
  turned: [],
  plays: {},
  alternatives: {},
  cancelled: [],
  notices: [],
  noticeCount: 0,
};

const begunEvaluation = (request: LabRequest) => (request.type === 'evaluate' ? request : undefined);
const begunByWebllm = (request: LabRequest) => (request.type === 'webllm-evaluate' ? request : undefined);

/** The next state; never changes `state`. Unknown ids are kept, not judged: the page asks by id. */
export function reduceLab(state: LabState, input: LabInput): LabState {
  const evaluation = reduceEvaluation(begunEvaluation, state.evaluation, input);
  const webllmEvaluation = reduceEvaluation(begunByWebllm, state.webllmEvaluation, input);
  const next = reduceRest(state, input);
  if (evaluation === next.evaluation && webllmEvaluation === next.webllmEvaluation) return next;
  return {
    ...next,
    ...(evaluation === undefined ? {} : { evaluation }),
    ...(webllmEvaluation === undefined ? {} : { webllmEvaluation }),
  };
}

function reduceRest(state: LabState, input: LabInput): LabState {
  if (input.from === 'page') return reduceRequest(state, input.request);
  if (input.from === 'storage') {
    const { steps, kept, evaluations, turned } = input;
    return { ...state, steps, kept, evaluations, turned };
  }
  if (input.from === 'visitor') {
    return { ...state, notices: state.notices.filter((notice) => notice.key !== input.dismiss) };
  }
  return reduceEvent(state, input.event);
}

function reduceRequest(state: LabState, request: LabRequest): LabState {
  switch (request.type) {
    case 'load':
      // `loading` at once, so that no second load is asked for before the worker has answered. The curves on the
      // screen stay until the load has come: one that fails loses nothing.
      return {
        ...without(state, 'phase', 'progress', 'detail'),
        run: 'loading',
        pending: {
          recipe: request.recipe,
          backend: request.backend,
          ...(request.adapter === undefined ? {} : { adapter: request.adapter }),
        },
      };
    case 'start':
    case 'step':
    case 'step-phase':
      // From `paused` a run goes on; from anywhere else it begins again.
      return state.run === 'paused' ? state : withoutRun(state);
    case 'pause':
    case 'stop':
      // Answered at the next boundary; until then the page says that it is on its way.
      return state.run === 'running' || state.run === 'paused' ? { ...state, run: 'pausing' } : state;
    case 'resume':
      return withoutRun(state);
    case 'pace':
      return request.pace === 0 ? without(state, 'writing') : state;
    case 'checkpoint':
    case 'turn':
      return state;
    case 'cancel':
      return { ...state, cancelled: [...state.cancelled, request.id].slice(-keptPlays) };
    case 'corpus':
    case 'embedder':
    case 'play':
    case 'alternatives':
    case 'map':
    case 'near':
    case 'fork':
    case 'evaluate':
    case 'estimate':
    case 'export':
    case 'webllm-load':
    case 'webllm-unload':
    case 'webllm-play':
    case 'webllm-evaluate':
      return state;
  }
}

function withoutRun(state: LabState): LabState {
  return {
    ...without(state, 'phase', 'progress', 'detail', 'watched', 'writing'),
    steps: [],
    kept: [],
    evaluations: [],
    turned: [],
  };
}

function reduceEvent(state: LabState, event: LabEvent): LabState {
  switch (event.type) {
    case 'state':
      return reduceState(state, event);
    case 'progress':
      return { ...state, progress: { what: event.what, done: event.done, total: event.total } };
    case 'loaded':
      return reduceLoaded(state, event.info);
    case 'phase':
      return {
        ...state,
        phase: { step: event.step, phase: event.phase, done: event.done, total: event.total },
      };
    case 'turned':
      return reduceTurned(state, event);
    case 'checkpoint':
      // Kept by whoever asked: it is no state of the page.
      return state;
    case 'watched':
      return { ...state, watched: foldWatched(state.watched, event.step, event.finding) };
    case 'update':
      return reduceUpdate(state, event);
    case 'writing': {
      const { step, question, traces } = event;
      return { ...state, writing: { step, question, traces } };
    }
    case 'evaluated':
      return {
        ...state,
        evaluations: [...state.evaluations, { when: event.when, step: event.step, scores: event.scores }],
      };
    case 'corpus':
      return { ...without(state, 'map', 'searched'), near: {}, corpus: without(event, 'type') };
    case 'embedder':
      return {
        ...without(state, 'map'),
        near: {},
        embedder: { name: event.name, dimension: event.dimension },
      };
    case 'map':
      return { ...state, map: { at: event.at, shares: event.shares, sample: event.sample } };
    case 'near':
      return {
        ...state,
        near: newest({ ...state.near, [event.id]: event.found }),
        ...(event.searched === undefined ? {} : { searched: event.searched }),
      };
    case 'play':
      return {
        ...state,
        plays: newest({ ...state.plays, [event.id]: { trace: event.trace, done: event.done } }),
      };
    case 'alternatives':
      return { ...state, alternatives: newest({ ...state.alternatives, [event.id]: event.tokens }) };
    case 'evaluationProgress':
    case 'evaluationCell':
    case 'evaluationDone':
    case 'estimated':
    case 'exportProgress':
    case 'exported':
      return state;
    case 'webllm':
      return { ...state, webllm: event.state };
    case 'error':
      return reduceError(state, event);
  }
}

/** A pending load has come; run, indexed passages and embedding model of the one before it are gone with it. */
function reduceLoaded(state: LabState, info: LoadedInfo): LabState {
  const { pending } = state;
  if (pending === undefined) return { ...state, info };
  return {
    ...without(withoutRun(state), 'pending', 'corpus', 'embedder', 'map', 'searched', 'adapter'),
    ...pending,
    near: {},
    info,
  };
}

function reduceState(state: LabState, event: Extract<LabEvent, { type: 'state' }>): LabState {
  // Until a pending load has come, `ready` is of the run that it ends, and nothing to begin on.
  if (state.pending !== undefined && event.state !== 'failed') return { ...state, run: 'loading' };
  const { progress, phase, writing } = state;
  const goesOn = event.state === 'running' || event.state === 'pausing';
  return {
    ...without(state, 'detail', 'progress', 'phase', 'writing'),
    run: event.state,
    ...(event.detail === undefined ? {} : { detail: event.detail }),
    ...(event.state === 'loading' && progress !== undefined ? { progress } : {}),
    ...(goesOn && phase !== undefined ? { phase } : {}),
    ...(goesOn && writing !== undefined ? { writing } : {}),
  };
}

function reduceTurned(state: LabState, { step, recipe }: Extract<LabEvent, { type: 'turned' }>): LabState {
  if (state.recipe === undefined) return state;
  const before = recipeFields(state.recipe);
  const changes = Object.entries(recipeChanges(state.recipe, recipe)).map(
    ([field, to]) => `${field} ${String(before[field])} → ${String(to)}`,
  );
  // Before the first update nothing of the run was made with the old dials.
  const turned = step === 0 || changes.length === 0 ? state.turned : [...state.turned, { step, changes }];
  return { ...state, recipe, turned };
}

function reduceUpdate(state: LabState, event: Extract<LabEvent, { type: 'update' }>): LabState {
  const { step } = event.metrics;
  const { watched, info } = state;
  const { memoryBytes = info?.memoryBytes } = event;
  return {
    ...without(state, 'writing'),
    ...(info === undefined || memoryBytes === undefined ? {} : { info: { ...info, memoryBytes } }),
    ...(watched?.step === step ? { watched: { ...watched, groups: event.groups, done: true } } : {}),
    steps: [...state.steps.filter((row) => row.step !== step), event.metrics],
    kept: [...state.kept.filter((kept) => kept.step !== step), { step, groups: event.groups }].slice(
      -keptUpdates,
    ),
  };
}

function reduceError(state: LabState, event: Extract<LabEvent, { type: 'error' }>): LabState {
  const { request, id, message } = event;
  if (id !== undefined && state.cancelled.includes(id)) return state;
  // Told by whoever asked, where it was asked.
  if (request === 'estimate' || request === 'export') return state;
  const key = state.noticeCount + 1;
  const notice: Notice = { key, request, message, ...(id === undefined ? {} : { id }) };
  const told = { ...state, noticeCount: key, notices: [...state.notices, notice].slice(-keptNotices) };
  if (request !== 'load') return told;
  // What was loaded before a failed load is still there.
  return { ...without(told, 'pending'), run: state.info === undefined ? 'failed' : 'ready' };
}

function without<T extends object, K extends keyof T>(whole: T, ...names: readonly K[]): Omit<T, K> {
  const rest: Partial<T> & Omit<T, K> = { ...whole };
  for (const name of names) delete rest[name];
  return rest;
}

/** Ids rise, so the newest are the greatest. */
function newest<T>(byId: Readonly<Record<number, T>>): Record<number, T> {
  const ids = Object.keys(byId)
    .map(Number)
    .sort((a, b) => a - b);
  return Object.fromEntries(
    ids.slice(-keptPlays).flatMap((id) => (byId[id] === undefined ? [] : [[id, byId[id]]])),
  );
}
