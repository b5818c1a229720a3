import { isWellFormed } from './means.ts';
import type { Trace } from './trace.ts';

/** How a rollout ended. */
export type Verdict = 'right' | 'partly' | 'wrong' | 'broken' | 'unscored';

/** `unscored` where there is nothing to score against, or the rollout is still going on. */
export function verdict({ reward, question }: Pick<Trace, 'reward' | 'question'>): Verdict {
  if (reward === undefined) return 'unscored';
  const { branch, em, f1, answer } = reward;
  if (branch === 'not told') {
    if (question.golds.length === 0 || answer === undefined) return 'unscored';
    return em === 1 ? 'right' : f1 > 0 ? 'partly' : 'wrong';
  }
  if (!isWellFormed(branch)) return 'broken';
  if (branch !== 'wrong answer, good format') return em === 1 ? 'right' : 'partly';
  // A typed question comes without an accepted answer: its form can be judged, its answer cannot.
  return question.golds.length === 0 ? 'unscored' : 'wrong';
}
