import type { ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { probability } from '../components/format.ts';
import { forkKey, type Fork } from '../store/fork.ts';
import type { PlayRollout } from '../store/labState.ts';
import type { RolloutEntry } from '../store/rolloutList.ts';
import { rolloutList } from '../store/rolloutList.ts';
import { useApp } from '../store/store.ts';
import { dropFork, forkRollout, stopFork } from '../worker/forking.ts';
import type { Side } from './Compare.tsx';

/** What stands beside the rollout that is read: another of the list, or a fork; `side` is absent until it has begun. */
export type BesideIt = { readonly side: Side } | { readonly side: undefined; readonly waiting: ReactNode };

export function useBeside(entry: RolloutEntry): BesideIt | undefined {
  const beside = useApp((state) => state.beside);
  const forks = useApp((state) => state.forks);
  const list = useApp(rolloutList);
  const fork = forks.find(({ id, of }) => forkKey(id) === beside && of === entry.key);
  const play = useApp((state) => (fork === undefined ? undefined : state.lab.plays[fork.id]));
  const problem = useApp(
    (state) => state.lab.notices.findLast(({ id }) => id !== undefined && id === fork?.id)?.message,
  );
  const run = useApp((state) => state.lab.run);
  if (beside === undefined) return undefined;
  if (fork !== undefined) {
    if (play !== undefined) return { side: forkSide(entry, fork, play) };
    const waiting =
      problem !== undefined
        ? problem
        : run === 'loading'
          ? 'Loading the policy…'
          : 'Getting ready: the world of this rollout is made and its passages are embedded…';
    return { side: undefined, waiting };
  }
  const other = list.all.find(({ key }) => key === beside);
  if (other === undefined || other === entry) return undefined;
  return { side: { label: `Rollout ${other.place + 1}`, trace: other.trace } };
}

function forkSide(entry: RolloutEntry, fork: Fork, { trace, done }: PlayRollout): Side {
  const taken = fork.token.text.trim() || '␣';
  const p = trace.tokens.logprobs?.[fork.at];
  return {
    label: `Fork at token ${fork.at + 1}`,
    about: (
      <small>
        “{taken}” taken{typeof p === 'number' && ` (${probability(Math.exp(p))})`} · continued live by{' '}
        {fork.policyWords}, not by the policy that wrote the beginning
        {fork.temperature !== 1 && ` · temperature ${fork.temperature}`} · dice {fork.seed}
      </small>
    ),
    trace,
    streaming: !done,
    acts: done ? (
      <>
        <Button look="quiet" onClick={() => void forkRollout(entry, fork.at, fork.token, fork.policy)}>
          Again with other dice
        </Button>
        <Button look="quiet" onClick={() => dropFork(fork.id)}>
          Remove
        </Button>
      </>
    ) : (
      <Button look="quiet" onClick={() => stopFork(fork.id)}>
        Break off
      </Button>
    ),
  };
}
