import type { ModelRecord } from '@mlc-ai/web-llm';
import type { FolderFile } from '../policy/webllmFolder.ts';
import type { Question } from '../world/types.ts';
import type { EvaluationPlan } from './evaluationPlan.ts';

/** What page and worker say to each other about a model that web-llm runs: one at a time, beside this page's engine. */

export interface WebllmPlan extends Pick<EvaluationPlan, 'sets' | 'n' | 'worldSeed'> {
  /** The model that is loaded, as the page shows it. */
  readonly model: string;
}

export type WebllmRequest =
  /** Takes the place of the model before it. `files`: a dropped folder, where the record is of one. */
  | {
      readonly type: 'webllm-load';
      readonly record: ModelRecord;
      readonly files?: readonly FolderFile[];
    }
  /** Also stops a load. Ends the worker: all memory is given back. */
  | { readonly type: 'webllm-unload' }
  /** One rollout over the open corpus; answered by `play` events. */
  | {
      readonly type: 'webllm-play';
      readonly id: number;
      readonly question: Question;
      readonly temperature: number;
      readonly seed: number;
    }
  /** ReSearch rollouts, untrained, on generated sets or countries, greedily; answered by `evaluation…` events. */
  | { readonly type: 'webllm-evaluate'; readonly id: number; readonly plan: WebllmPlan };

/** The model that web-llm holds, or why it holds none. */
export type WebllmState =
  | { readonly status: 'none' }
  | {
      readonly status: 'loading';
      readonly model: string;
      /** 0 … 1, of the bytes to fetch. */
      readonly progress: number;
      /** web-llm's own line. */
      readonly text: string;
    }
  | {
      readonly status: 'ready';
      readonly model: string;
      /** What its record says it needs on the card. */
      readonly vramMegabytes?: number;
      /** How long it took to load. */
      readonly seconds: number;
    }
  /** It could not be loaded, or the device was lost later and the model with it. */
  | { readonly status: 'failed' | 'lost'; readonly model: string; readonly message: string };

export interface WebllmEvent {
  readonly type: 'webllm';
  readonly state: WebllmState;
}
