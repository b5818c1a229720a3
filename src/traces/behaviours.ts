import { bridgeFound } from './behaviours/bridgeFound.ts';
import type { Detector, Watched } from './behaviours/detector.ts';
import { emptyThinking } from './behaviours/emptyThinking.ts';
import { givingUp } from './behaviours/givingUp.ts';
import { ignoredResult } from './behaviours/ignoredResult.ts';
import { queryCopy } from './behaviours/queryCopy.ts';
import { redundantSearch } from './behaviours/redundantSearch.ts';
import { searchAfterAnswer } from './behaviours/searchAfterAnswer.ts';
import { selfCorrection } from './behaviours/selfCorrection.ts';
import { unsupportedAnswer } from './behaviours/unsupportedAnswer.ts';
import { behaviourNames, type Behaviour, type Trace } from './trace.ts';

/** Every behaviour: its words and its detector. How good each is, `docs/behaviours.md` tells. */
export const detectors: Readonly<Record<Behaviour, Detector>> = {
  'self-correction': selfCorrection,
  'bridge found': bridgeFound,
  'redundant search': redundantSearch,
  'query copy': queryCopy,
  'search after the answer': searchAfterAnswer,
  'ignored result': ignoredResult,
  'unsupported answer': unsupportedAnswer,
  'giving up': givingUp,
  'empty thinking': emptyThinking,
};

/** All behaviours seen in a rollout, in the order of `behaviourNames`; for `Trace.behaviours`. */
export function behavioursOf(trace: Watched): Behaviour[] {
  return behaviourNames.filter((name) => detectors[name].find(trace).length > 0);
}

/** Share of rollouts that show each behaviour, 0 … 1; all 0 when there are none. */
export type BehaviourShares = Readonly<Record<Behaviour, number>>;

/** By the behaviours the traces tell of themselves; those that tell none are looked through. */
export function behaviourShares(traces: readonly Trace[]): BehaviourShares {
  const seen = traces.map((trace) => trace.behaviours ?? behavioursOf(trace));
  const share = (name: Behaviour): number =>
    seen.filter((names) => names.includes(name)).length / Math.max(1, seen.length);
  return Object.fromEntries(behaviourNames.map((name) => [name, share(name)])) as Record<Behaviour, number>;
}
