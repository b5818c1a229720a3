import type { GroupResult, PolicyChoice } from '../../lab/protocol.ts';
import { beginningOf } from '../../traces/beginning.ts';
import type { Trace } from '../../traces/trace.ts';
import type { Question } from '../../world/types.ts';
import type { RunView } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { otherPolicy } from './asking.ts';
import { ensureLoaded, nextRequestId, sendToLab } from './labClient.ts';

/** One question of a run put to the policy before it and to the one of now: ids of the two requests. */
export interface AskedInRun {
  readonly question: Question;
  readonly baseId: number;
  readonly otherId: number;
  readonly other: PolicyChoice;
  readonly seed: number;
}

/**
 * Asks both policies the question of a rollout, in the world that it searched, with the same draws: the rollout from
 * its first token on, which stands as it was. Answers come as `play` events under the ids.
 * @param step update that the rollout is of
 */
export function askBothInRun(run: RunView, step: number, group: GroupResult, trace: Trace): AskedInRun {
  const asked: AskedInRun = {
    question: group.question,
    baseId: nextRequestId(),
    otherId: nextRequestId(),
    other: otherPolicy(useApp.getState()),
    seed: trace.seed ?? run.recipe.seed,
  };
  void send(run, step, trace, asked);
  return asked;
}

async function send(run: RunView, step: number, trace: Trace, asked: AskedInRun): Promise<void> {
  const token = trace.tokens.ids[0];
  if (token === undefined || !(await ensureLoaded())) return;
  const { question, baseId, otherId, other, seed } = asked;
  const ask = (id: number, policy: PolicyChoice): void =>
    sendToLab({
      type: 'fork',
      id,
      question,
      begun: beginningOf(trace, 0),
      token,
      place: { kind: 'run', recipe: run.recipe, updates: step - 1 },
      policy,
      temperature: run.recipe.rollout.temperature,
      seed,
    });
  ask(baseId, 'base');
  ask(otherId, other);
}

/** Breaks off what of it is still being written. */
export function cancelInRun({ baseId, otherId }: AskedInRun): void {
  const { plays } = useApp.getState().lab;
  for (const id of [baseId, otherId]) if (plays[id]?.done === false) sendToLab({ type: 'cancel', id });
}
