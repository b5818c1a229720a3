import type { Policy } from '../policy/policy.ts';
import { StopTexts } from '../policy/stopTexts.ts';
import type { Retriever } from '../retrieval/retriever.ts';
import type { Beginning, WrittenToken } from '../traces/beginning.ts';
import type { Trace } from '../traces/trace.ts';
import { rollOut, SEARCH_END } from './rollout.ts';
import type { RolloutOptions, RolloutTask } from './rolloutOptions.ts';
import { RunningRollout, type NextMove } from './runningRollout.ts';

/**
 * Goes on with a rollout from a beginning of it, after a token that was taken for it: with that token's search where
 * it closes one, to the end as any rollout. The beginning's ids are carried forward, never encoded again.
 * @param taken the token after the beginning; `logprob` is what the policy gave it
 */
export async function continueRollout(
  policy: Policy,
  retriever: Retriever,
  task: RolloutTask & { readonly begun: Beginning },
  taken: WrittenToken,
  options: RolloutOptions,
): Promise<Trace> {
  const room = options.maxTokens - task.begun.tokens.length;
  if (room < 1) {
    throw new Error(
      `The rollout has ${task.begun.tokens.length} tokens at that place, and may have ${options.maxTokens}.`,
    );
  }
  const rollout = new RunningRollout(policy, task, task.begun.prompt, options);
  const move = take(policy, rollout, taken);
  if (move.kind === 'end') return rollout.end(move.stop);
  if (move.kind === 'search') {
    const asksNothing = move.query.problem !== undefined && options.emptyQuery === 'answer nothing';
    const found = asksNothing ? undefined : (await retriever.search([move.query.query], options.passages))[0];
    if (!rollout.insert(move.query, found).goesOn) return rollout.end('length');
  }
  const [trace] = await rollOut(policy, retriever, [{ ...task, begun: rollout.beginning() }], options);
  return trace ?? rollout.end('aborted');
}

/** The taken token, written as if the policy had drawn it: it may end the rollout, or close a search. */
function take({ tokenizer }: Policy, rollout: RunningRollout, taken: WrittenToken): NextMove {
  const written = [...rollout.sinceResult(), taken.id];
  const ends = new StopTexts(tokenizer, [SEARCH_END]).endedBy(written);
  const stopped = taken.id === tokenizer.eosId ? 'eos' : ends ? 'stop' : undefined;
  return rollout.write({ sequence: 0, ...taken, ...(stopped === undefined ? {} : { stopped }) });
}
