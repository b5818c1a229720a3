import type { Behaviour, Trace } from '../trace.ts';

/** The parts of a trace that detectors look at. A rollout under way has a `stop` of `aborted`. */
export type Watched = Pick<Trace, 'question' | 'segments' | 'searches' | 'stop'>;

/** What must be known of a question before a behaviour can be told at all. */
export type Needed = 'golds' | 'gold pages';

/** One behaviour: what it is in words, and the function that finds it. */
export interface Detector {
  readonly name: Behaviour;
  /** A skill is what training should raise, a fault what it should lower. */
  readonly kind: 'skill' | 'fault';
  /** One sentence; what a reader judges by, and what the page shows. */
  readonly definition: string;
  /** One sentence: how to read a rise or a fall of it. */
  readonly lookFor: string;
  /** Where this is not known, nothing is found. */
  readonly needs?: Needed;
  /** Indices of the segments in which it shows, in order; empty: it does not. */
  readonly find: (trace: Watched) => readonly number[];
}
