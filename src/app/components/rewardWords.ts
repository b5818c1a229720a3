import type { RewardBranch, Trace } from '../../traces/trace.ts';
import { fixed } from './format.ts';

/** Why a format failed, in plain words; each is one branch of the reward and earns 0. */
const broken: Readonly<
  Record<Exclude<RewardBranch, 'wrong answer, good format' | 'right answer, F1'>, string>
> = {
  'think tags unbalanced': 'a <think> was not closed, or closed twice',
  'no think': 'it never thought inside <think>',
  'answer tags': 'it did not answer in exactly one <answer>',
  'search without result': 'a search and its result do not pair up',
  'tags out of order': 'its tags open and close in the wrong order',
  'answer tags out of order': 'its <answer> closes before it opens',
  'no box': 'its answer is not in a \\boxed{}',
  'over length': 'it ran over the most tokens allowed',
  'box cannot be parsed': 'its \\boxed{} cannot be read',
  'no answer': 'no answer can be read from it',
};

/** The branch of the reward that decided, as one sentence with its number. */
export function rewardSentence(trace: Trace): string {
  const { reward, question } = trace;
  if (reward === undefined) return 'No accepted answer is known for this question, so none is scored.';
  if (reward.branch === 'right answer, F1') {
    return reward.em === 1
      ? 'Well formed and right: it earns the answer’s F1, 1.'
      : `Well formed and partly right: it earns the answer’s F1, ${fixed(reward.f1)}.`;
  }
  if (reward.branch === 'wrong answer, good format') {
    if (question.golds.length === 0)
      return 'Well formed. No accepted answer is known for this question, so none is scored.';
    return `Well formed but wrong: a tenth for keeping the form. Right would be “${question.golds[0] ?? ''}”.`;
  }
  return `Breaks the format: ${broken[reward.branch]}. It earns nothing.`;
}
