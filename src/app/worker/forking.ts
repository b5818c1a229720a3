import type { ForkPlace, PolicyChoice } from '../../lab/protocol.ts';
import { beginningOf } from '../../traces/beginning.ts';
import type { Question } from '../../world/types.ts';
import type { AppState } from '../store/appState.ts';
import { forkKey, type Fork } from '../store/fork.ts';
import type { RolloutEntry } from '../store/rolloutList.ts';
import { useApp } from '../store/store.ts';
import { askAlternatives, ensureCorpus, otherPolicy } from './asking.ts';
import { ensureLoaded, nextRequestId, sendToLab } from './labClient.ts';

/** Forking: another token is taken, and a live policy goes on from there. */

/** Policies that can go on with a rollout now. */
export function policyChoices(state: Pick<AppState, 'lab'>): readonly PolicyChoice[] {
  const { info } = state.lab;
  return [
    'base' as const,
    ...(info === undefined || info.hasTrained ? ['trained' as const] : []),
    ...(otherPolicy(state) === 'current' ? ['current' as const] : []),
  ];
}

/** Who goes on by itself: the run in this tab for its own rollouts, else the best that is shipped. */
export function usualPolicy(state: AppState, entry: RolloutEntry): PolicyChoice {
  const choices = policyChoices(state);
  const { origin } = entry.group;
  const live = origin.kind === 'run' && origin.source === 'live';
  if (live && choices.includes('current')) return 'current';
  return choices.includes('trained') ? 'trained' : 'base';
}

export function policyWords(policy: PolicyChoice, { lab }: Pick<AppState, 'lab'>): string {
  switch (policy) {
    case 'base':
      return 'the policy as pretrained';
    case 'trained':
      return 'the shipped trained policy';
    case 'current':
      return `this tab’s policy after update ${lab.steps.at(-1)?.step ?? 0}`;
  }
}

/** Why a rollout cannot be forked at all; undefined where it can. */
export function forkProblem({ trace }: RolloutEntry): string | undefined {
  if (trace.pieces !== undefined)
    return 'The file tells no token ids of this page’s policies, so none of them can go on from here.';
  if (trace.prompt.ids.length === 0)
    return 'The file does not tell the prompt’s tokens, so no policy can go on from here.';
  return undefined;
}

/** Names the question what else could stand at a token: of which rollout, to which policy, after how many updates. */
export function questionKey(
  { listed, lab, source }: Pick<AppState, 'listed' | 'lab' | 'source'>,
  entry: RolloutEntry,
  index: number,
  policy: PolicyChoice,
): string {
  return [listed, source, entry.key, index, policy, policy === 'current' ? lab.steps.length : 0].join(' ');
}

/** Asks a policy for its `k` likeliest tokens at a place of a rollout, unless it has told them. */
export function askThere(entry: RolloutEntry, index: number, policy: PolicyChoice, k: number): void {
  const state = useApp.getState();
  const key = questionKey(state, entry, index, policy);
  const before = state.tokenQuestions[key];
  if (before !== undefined && state.lab.alternatives[before] !== undefined) return;
  const { prompt, tokens } = entry.trace;
  const id = askAlternatives([...prompt.ids, ...tokens.ids.slice(0, index)], policy, k);
  if (id !== undefined) state.setRollouts({ tokenQuestions: { ...state.tokenQuestions, [key]: id } });
}

/**
 * Takes `token` at place `at` of a rollout and lets a policy go on, beside the original. A rollout of a run searches
 * the world of its update, any other the corpus that is open in Play. What goes wrong is told as a notice.
 */
export async function forkRollout(
  entry: RolloutEntry,
  at: number,
  token: Fork['token'],
  policy: PolicyChoice,
): Promise<void> {
  const state = (): AppState => useApp.getState();
  const { forks, dice, temperature, setRollouts } = state();
  const { trace, group } = entry;
  const begun = beginningOf(trace, at);
  const place: ForkPlace =
    group.origin.kind === 'run'
      ? {
          kind: 'run',
          recipe: group.origin.recipe,
          updates: trace.step ?? Math.max(0, (group.update ?? 1) - 1),
        }
      : { kind: 'open corpus' };
  const id = nextRequestId();
  const fork: Fork = {
    id,
    of: entry.key,
    at,
    token,
    policy,
    policyWords: policyWords(policy, state()),
    temperature,
    // The same token taken again falls otherwise: each fork has dice of its own.
    seed: (dice + forks.length) & 0x7fffffff,
  };
  setRollouts({ forks: [...forks, fork], beside: forkKey(id) });
  if (!(await (place.kind === 'run' ? ensureLoaded() : ensureCorpus()))) {
    dropFork(id);
    return;
  }
  const { set = 'musique' } = trace.question;
  const question = { ...trace.question, ...group.question, set } as Question;
  sendToLab({
    type: 'fork',
    id,
    question,
    begun,
    token: token.id,
    place,
    policy,
    temperature,
    seed: fork.seed,
  });
}

/** Breaks a fork off; what it has written stays. */
export const stopFork = (id: number): void => sendToLab({ type: 'cancel', id });

/** Takes a fork off the page. */
export function dropFork(id: number): void {
  const { forks, beside, lab, setRollouts } = useApp.getState();
  if (lab.plays[id]?.done === false) stopFork(id);
  setRollouts({
    forks: forks.filter((fork) => fork.id !== id),
    ...(beside === forkKey(id) ? { beside: undefined } : {}),
  });
}
