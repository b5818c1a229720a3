import type { BackendKind } from '../../engine/backend.ts';
import type {
  GroupResult,
  LabEvent,
  LabRequest,
  LoadedInfo,
  OpenedCorpus,
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
import type { EvaluationState } from './evaluationState.ts';
import type { Watched } from './watched.ts';

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

export type LabCorpus = { readonly id: number } & OpenedCorpus;

/** How many passages it has. */
export const sizeOfCorpus = (corpus: LabCorpus): number =>
  'outline' in corpus ? corpus.outline.ids.length : corpus.passages.length;

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
  /** Passages of a kept corpus that were asked for, by the request. */
  readonly read: Readonly<Record<number, readonly Passage[]>>;
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
  read: {},
  turned: [],
  plays: {},
  alternatives: {},
  cancelled: [],
  notices: [],
  noticeCount: 0,
};
