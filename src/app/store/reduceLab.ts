/** How the page's knowledge of the worker follows from what was asked and what was told. */
import type { LabEvent, LabRequest, LoadedInfo } from '../../lab/protocol.ts';
import { reduceEvaluation } from './evaluationState.ts';
import type { LabCorpus, LabInput, LabState, Notice } from './labState.ts';
import { recipeChanges, recipeFields } from './recipeFields.ts';
import { foldWatched } from './watched.ts';

/** Updates whose groups stay open to look at; older ones keep only their row of the curves. */
export const keptUpdates = 50;
/** Live rollouts (asked in Play, or forked) and answers about tokens kept by id. */
const keptPlays = 40;
/** Notices shown at once. */
const keptNotices = 4;

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
    case 'passages':
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
      return { ...without(state, 'map', 'searched'), near: {}, read: {}, corpus: corpusIn(event) };
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
    case 'passages':
      return { ...state, read: newest({ ...state.read, [event.id]: event.passages }) };
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
    read: {},
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
  // What was being written stays until the next update writes: its place on the page would close and open again.
  return {
    ...state,
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

function corpusIn({ type: _, ...corpus }: Extract<LabEvent, { type: 'corpus' }>): LabCorpus {
  return corpus;
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
