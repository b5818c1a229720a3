import type { PolicyRequest } from '../../policy/policy.ts';
import type { RolloutFormat } from '../format.ts';
import type { BaselineName } from '../methodNames.ts';

export interface BaselineOptions {
  readonly method: BaselineName;
  readonly format: RolloutFormat;
  readonly sampling: PolicyRequest['sampling'];
  readonly seed: number;
  /** Passages of one search; absent: the method's own number. */
  readonly passages?: number;
  /** Most tokens that stand behind the question at a time, results included; fewer where `positions` are too few. */
  readonly maxTokens: number;
  /** Positions of the policy; absent: as many as are needed. */
  readonly positions?: number;
  /** Questions at work at once. */
  readonly slots: number;
  /** Begins the ids of the traces. */
  readonly label: string;
  /** Ends all that runs as 'aborted'; what has not begun is left out. */
  readonly signal?: AbortSignal;
  /** Awaited between steps. */
  readonly breathe?: () => Promise<void>;
  readonly onProgress?: (done: number, total: number) => void;
}
