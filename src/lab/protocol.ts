import type { BackendKind } from '../engine/backend.ts';
import type { WeightKind } from '../engine/frozenWeights.ts';
import type { LoraOptions } from '../engine/lora.ts';
import type { StepMetrics } from '../grpo/metrics.ts';
import type { GroupResult } from '../research/groups.ts';
import type { Scores } from '../research/scores.ts';
import type { Beginning } from '../traces/beginning.ts';
import type { Trace } from '../traces/trace.ts';
import type { Coverage, Passage } from '../retrieval/retriever.ts';
import type { Question } from '../world/types.ts';
import type { RunCheckpoint } from './checkpoint.ts';
import type { EvaluatedCell, EvaluationPlan, EvaluationProgress } from './evaluationPlan.ts';
import type { PassageOutline } from './keeping/passageOutline.ts';
import type { AdapterChoice, ModelEvent, ModelRequest } from './modelProtocol.ts';
import type { Recipe } from './recipe.ts';
import type { RunFinding } from './runFinding.ts';
import type { WebllmEvent, WebllmRequest } from './webllmProtocol.ts';

export type { GroupResult, RunFinding, Scores, StepMetrics };

/**
 * What page and worker say to each other: one discriminated union each way. The worker owns the engine; the app
 * holds no tensors. Every request may be answered by events at any time; `error` names the request it answers.
 */

/** `auto` takes WebGPU where it has a hardware adapter, else WebAssembly. */
export type BackendChoice = BackendKind | 'auto';

/** Which policy answers: the shipped prior, the run's current weights, or the shipped trained checkpoint. */
export type PolicyChoice = 'base' | 'current' | 'trained';

/** Where Play takes its passages from. */
export type CorpusChoice =
  | { readonly kind: 'generated'; readonly worldSeed: number }
  | { readonly kind: 'countries' }
  | {
      readonly kind: 'own';
      readonly name: string;
      readonly passages: readonly Passage[];
      /** Those that came with the passages, if any did. */
      readonly questions?: readonly Question[];
    }
  /** A corpus that is kept in the browser, searched by its index that a model made, as far as that is made. */
  | { readonly kind: 'kept'; readonly corpus: string; readonly model: string };

/**
 * An embedding model other than the shipped one: one that is kept in the browser, by its id, or an ONNX file with its
 * tokenizer.json, from URLs or files.
 */
export type EmbedderChoice =
  | { readonly kept: string }
  | {
      readonly name: string;
      readonly model: ArrayBuffer | string;
      readonly tokenizer: ArrayBuffer | string;
    };

/**
 * What a forked rollout searches: the world of the update that it is of (made again from the run's recipe, after
 * `updates` updates), or the corpus that is open in Play.
 */
export type ForkPlace =
  | { readonly kind: 'run'; readonly recipe: Recipe; readonly updates: number }
  | { readonly kind: 'open corpus' };

/** A corpus as it was opened: with its passages, or of a kept one, whose passages stay on file, with an outline of them. */
export type OpenedCorpus = {
  readonly name: string;
  readonly questions: readonly Question[];
  readonly credit?: string;
} & ({ readonly passages: readonly Passage[] } | { readonly outline: PassageOutline });

export type LabRequest =
  | WebllmRequest
  | ModelRequest
  /** Loads engine, models and recipe. `backend: 'auto'` prefers WebGPU when it has a hardware adapter, and says what it took. */
  | {
      readonly type: 'load';
      readonly recipe: Recipe;
      readonly backend: BackendChoice;
      readonly baseUrl: string;
      /** What the policy in training begins with, where it is no new adapter; as large as the recipe says. */
      readonly adapter?: AdapterChoice;
      /** The word by which the page asks for the processor, where memory can be shared (engine/wasm/giveWay.ts). */
      readonly giveWay?: Int32Array;
    }
  /** Runs updates until paused, stopped, or the recipe's steps are done. */
  | { readonly type: 'start' }
  /** Runs one update, then pauses. */
  | { readonly type: 'step' }
  /**
   * Begins an update that is watched, or lets the one that is held go on by one phase; `paused` is told when it is held
   * again. `start` and `step` let it go on to its end. Results are those of an unwatched update, bit by bit.
   */
  | {
      readonly type: 'step-phase';
      /** Group whose rollouts are told while they are written. */
      readonly group: number;
      /** Least milliseconds between two tokens of each rollout: slow motion. */
      readonly pace: number;
    }
  /**
   * Slow motion of a run: least milliseconds between two tokens of each rollout, 0 at full speed. Holds from the next
   * token on; rollouts of the first group are told as they are written. Results are the same, bit by bit.
   */
  | { readonly type: 'pace'; readonly pace: number }
  | { readonly type: 'pause' }
  /** Ends the run; weights go back to the base policy. */
  | { readonly type: 'stop' }
  /** Turns dials of the run: it takes the recipe over from its next update on, or refuses what needs a new run. */
  | { readonly type: 'turn'; readonly recipe: Recipe }
  /** Asks for the run as it is after the update that is under way, or now if none is. */
  | { readonly type: 'checkpoint'; readonly id: number }
  /** Ends the run and goes on with another one of the loaded recipe, from its checkpoint; it is paused then. */
  | { readonly type: 'resume'; readonly checkpoint: RunCheckpoint }
  | { readonly type: 'corpus'; readonly id: number; readonly corpus: CorpusChoice }
  | { readonly type: 'embedder'; readonly id: number; readonly embedder: EmbedderChoice | 'shipped' }
  /** One rollout of one policy on one question over the current Play corpus; streams `play-…` events. */
  | {
      readonly type: 'play';
      readonly id: number;
      readonly question: Question;
      readonly policy: PolicyChoice;
      readonly temperature: number;
      readonly seed: number;
    }
  /** Most likely alternatives at one response token of a trace. */
  | {
      readonly type: 'alternatives';
      readonly id: number;
      readonly prefix: readonly number[];
      readonly policy: PolicyChoice;
      readonly k: number;
    }
  /**
   * Goes on with a rollout after another token than it took: a policy writes, searches are answered. Streams `play`
   * events of the whole rollout, its beginning included.
   */
  | {
      readonly type: 'fork';
      readonly id: number;
      readonly question: Question;
      readonly begun: Beginning;
      /** The token taken after it. */
      readonly token: number;
      readonly place: ForkPlace;
      readonly policy: PolicyChoice;
      readonly temperature: number;
      readonly seed: number;
    }
  /** Methods by sets, with the policies as they are; streams `evaluation…` events. */
  | { readonly type: 'evaluate'; readonly id: number; readonly plan: EvaluationPlan }
  /** Where the passages of the open corpus lie on the plane on which their vectors spread most. */
  | { readonly type: 'map'; readonly id: number }
  /** The k passages of the open corpus nearest to each query, or to a passage by its id, and where each lies. */
  | {
      readonly type: 'near';
      readonly id: number;
      readonly to: readonly ({ readonly query: string } | { readonly passage: string })[];
      readonly k: number;
    }
  /** Passages of the open corpus by their places in it. */
  | { readonly type: 'passages'; readonly id: number; readonly places: readonly number[] }
  | { readonly type: 'cancel'; readonly id: number };

export type RunState = 'idle' | 'loading' | 'ready' | 'running' | 'pausing' | 'paused' | 'done' | 'failed';

/** What a `phase` event tells the progress of. */
export type UpdatePhase = 'rollouts' | 'gradient' | 'evaluation';

/** A file of shipped model's shares: what the prior has seen. */
export interface PriorShare {
  readonly name: string;
  readonly share: number;
  readonly description: string;
}

export interface LoadedInfo {
  readonly backend: BackendKind;
  readonly backendLabel: string;
  /** Set when the wanted backend could not be had: what happened, in words. */
  readonly notice?: string;
  /** Numbers of the model, and how many of them (or of its adapter) are trained. */
  readonly parameters: number;
  readonly trainable: number;
  /** The LoRA adapter that is trained; absent where all weights are. */
  readonly adapter?: LoraOptions & {
    /** Name of the saved one that it began as. */
    readonly begun?: string;
  };
  /** How the weights lie in memory. */
  readonly weights: WeightKind;
  /** Empty for models that were not trained here. */
  readonly prior: readonly PriorShare[];
  /** The most that the engine has held at once. */
  readonly memoryBytes: number;
  readonly hasTrained: boolean;
}

export type LabEvent =
  | WebllmEvent
  | ModelEvent
  | { readonly type: 'state'; readonly state: RunState; readonly detail?: string }
  | { readonly type: 'progress'; readonly what: string; readonly done: number; readonly total: number }
  | { readonly type: 'loaded'; readonly info: LoadedInfo }
  | {
      readonly type: 'phase';
      readonly step: number;
      readonly phase: UpdatePhase;
      readonly done: number;
      readonly total: number;
    }
  /** The run has taken a recipe over, after update `step`. */
  | { readonly type: 'turned'; readonly step: number; readonly recipe: Recipe }
  | { readonly type: 'checkpoint'; readonly id: number; readonly checkpoint: RunCheckpoint }
  /** What a phase of a watched update found. */
  | { readonly type: 'watched'; readonly step: number; readonly finding: RunFinding }
  /** The rollouts of a group of update `step` so far, while a run goes on in slow motion. */
  | {
      readonly type: 'writing';
      readonly step: number;
      readonly question: Question;
      readonly traces: readonly Trace[];
    }
  | {
      readonly type: 'update';
      readonly metrics: StepMetrics;
      readonly groups: readonly GroupResult[];
      /** The most that the engine has held at once. */
      readonly memoryBytes?: number;
    }
  | {
      readonly type: 'evaluated';
      readonly when: 'before' | 'during' | 'after';
      readonly step: number;
      readonly scores: Readonly<Record<string, Scores>>;
    }
  | ({ readonly type: 'corpus'; readonly id: number } & OpenedCorpus)
  /** In the order asked. */
  | { readonly type: 'passages'; readonly id: number; readonly passages: readonly Passage[] }
  | { readonly type: 'embedder'; readonly id: number; readonly name: string; readonly dimension: number }
  /** The rollout so far; sent a few times a second, the last with `done`. */
  | { readonly type: 'play'; readonly id: number; readonly trace: Trace; readonly done: boolean }
  | {
      readonly type: 'alternatives';
      readonly id: number;
      readonly tokens: readonly {
        readonly id: number;
        readonly text: string;
        readonly probability: number;
      }[];
    }
  | { readonly type: 'evaluationProgress'; readonly id: number; readonly progress: EvaluationProgress }
  | { readonly type: 'evaluationCell'; readonly id: number; readonly cell: EvaluatedCell }
  | { readonly type: 'evaluationDone'; readonly id: number; readonly seconds: number }
  | {
      readonly type: 'map';
      readonly id: number;
      /** Flat [passages, 2], in the order of the corpus; of an index that is being made, as far as it is. */
      readonly at: Float32Array;
      /** Passages that the plane was found by: all, or an even sample. */
      readonly sample: number;
      /** Share of the vectors' spread (variance) along each axis, 0 to 1. */
      readonly shares: readonly [number, number];
    }
  | {
      readonly type: 'near';
      readonly id: number;
      /** Of an index that is being made: what was searched. */
      readonly searched?: Coverage;
      readonly found: readonly {
        readonly at: readonly [number, number];
        /** Best first, by the cosine of the whole vectors. */
        readonly passages: readonly { readonly id: string; readonly score: number }[];
      }[];
    }
  /** `request`: the type of request that failed; nothing was changed by it. */
  | {
      readonly type: 'error';
      readonly request: LabRequest['type'];
      readonly id?: number;
      readonly message: string;
    };

/** A run on file: what `public/runs/*.json` and exports hold, and what the page replays, labelled recorded. */
export interface RecordedRun {
  readonly version: 1;
  readonly recipe: Recipe;
  readonly backend: string;
  readonly command: string;
  readonly before: Readonly<Record<string, Scores>>;
  readonly after: Readonly<Record<string, Scores>>;
  readonly steps: readonly StepMetrics[];
  /** Groups kept of some updates, by step. */
  readonly groups: readonly { readonly step: number; readonly groups: readonly GroupResult[] }[];
  /** Same question, same draws, base and trained policy: what Play shows before anything is loaded. */
  readonly pairs: readonly { readonly question: Question; readonly base: Trace; readonly trained: Trace }[];
}
