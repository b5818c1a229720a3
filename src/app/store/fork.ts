import type { PolicyChoice } from '../../lab/protocol.ts';

/** A rollout that went on from a token of another; its trace is the live rollout of `id`. */
export interface Fork {
  /** Id of the request. */
  readonly id: number;
  /** Key of the rollout it left. */
  readonly of: string;
  /** Index of the token where it left. */
  readonly at: number;
  /** What was taken there. */
  readonly token: { readonly id: number; readonly text: string };
  readonly policy: PolicyChoice;
  /** The policy that went on, in words. */
  readonly policyWords: string;
  readonly temperature: number;
  readonly seed: number;
}

/** What stands beside a rollout: another of the list by its key, or a fork. */
export const forkKey = (id: number): string => `fork.${id}`;
