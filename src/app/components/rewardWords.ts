import { isWellFormed, type WellFormed } from '../../traces/means.ts';
import type { RewardBranch, Trace } from '../../traces/trace.ts';
import { fixed } from './format.ts';

/** Why a format failed, in plain words; each is one branch of the reward. */
const broken: Readonly<Record<Exclude<RewardBranch, WellFormed | 'not told'>, string>> = {
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

/** The branch of the reward that decided, as one sentence with its number; and what the length cost, if it did. */
export function rewardSentence(trace: Trace): string {
  const shaping = trace.reward?.shaping;
  const length = shaping === undefined ? '' : ` Its length costs ${fixed(-shaping)}.`;
  return branchSentence(trace) + length;
}

function branchSentence({ reward, question }: Trace): string {
  if (reward === undefined) return 'No accepted answer is known for this question, so none is scored.';
  const { branch, value, em, f1 } = reward;
  if (branch === 'not told')
    return `The file says that it earned ${fixed(value)}, and not what decided that.`;
  if (!isWellFormed(branch)) {
    const earns = value === 0 ? 'It earns nothing.' : `Its answer still earns ${fixed(value)}.`;
    return `Breaks the format: ${broken[branch]}. ${earns}`;
  }
  switch (branch) {
    case 'right answer, EM':
      return `Well formed and exactly right: it earns ${fixed(value)}.`;
    case 'right answer, F1': {
      const pays = value === f1 ? 'the answer’s F1' : 'for answer and form';
      return em === 1
        ? `Well formed and right: it earns ${pays}, ${value === 1 ? '1' : fixed(value)}.`
        : `Well formed and partly right: it earns ${pays}, ${fixed(value)}.`;
    }
    case 'wrong answer, good format': {
      if (question.golds.length === 0)
        return 'Well formed. No accepted answer is known for this question, so none is scored.';
      const form = value === 0.1 ? 'a tenth for keeping the form' : `${fixed(value)} for keeping the form`;
      return `Well formed but wrong: ${form}. Right would be “${question.golds[0] ?? ''}”.`;
    }
  }
}
