import type { Policy } from '../policy/policy.ts';
import type { Retriever } from '../retrieval/retriever.ts';
import type { Trace } from '../traces/trace.ts';
import type { Question } from '../world/types.ts';
import { rollOut } from './rollout.ts';
import { groupTasks, type RolloutOptions } from './rolloutOptions.ts';
import { scoresOf, type Scores } from './scores.ts';

export interface EvaluationOptions extends Omit<
  RolloutOptions,
  'sampling' | 'emptyQuery' | 'onProgress' | 'onToken'
> {
  /** Also answer each question once at temperature 1. */
  readonly sampled: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Evaluation {
  readonly scores: Scores;
  readonly greedy: readonly Trace[];
  readonly sampled: readonly Trace[];
}

/**
 * Asks each question once greedily, as in the paper's evaluation, and if wanted once at temperature 1.
 * @throws the signal's reason when aborted: half an evaluation is none
 */
export async function evaluate(
  policy: Policy,
  retriever: Retriever,
  questions: readonly Question[],
  options: EvaluationOptions,
): Promise<Evaluation> {
  const { sampled: alsoSampled, onProgress, ...rollout } = options;
  const tasks = groupTasks(questions, 1);
  const total = tasks.length * (alsoSampled ? 2 : 1);
  const run = async (temperature: number, label: string, before: number): Promise<Trace[]> => {
    const traces = await rollOut(policy, retriever, tasks, {
      ...rollout,
      label: `${options.label}/${label}`,
      sampling: { temperature, topK: 0, topP: 1 },
      emptyQuery: 'answer nothing',
      onProgress: (done) => onProgress?.(before + done, total),
    });
    options.signal?.throwIfAborted();
    return traces;
  };
  const greedy = await run(0, 'greedy', 0);
  const sampled = alsoSampled ? await run(1, 'sampled', tasks.length) : [];
  return { scores: scoresOf(greedy, sampled), greedy, sampled };
}
