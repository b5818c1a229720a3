import { useMemo, useState } from 'react';
import type { Question } from '../../world/types.ts';
import { useApp } from '../store/store.ts';
import { otherPolicy } from '../worker/asking.ts';
import { askForSearches } from '../worker/searching.ts';
import type { Index } from './useIndex.ts';

export type PathKind = 'gold' | 'policy';

/** A question's way through the corpus. */
export interface Path {
  readonly question: Question | undefined;
  readonly kind: PathKind;
  /** Always the same array for the same searches. */
  readonly searches: readonly string[];
  readonly answer: string | undefined;
  readonly waiting: boolean;
  readonly problem: string | undefined;
  readonly choose: (questionId: string) => void;
  readonly take: (kind: PathKind) => void;
}

const none: readonly string[] = [];

/** The path on the screen: of the question in Play’s box where it is one of the corpus, else of the first. */
export function usePath(index: Index): Path {
  const { questions } = index.corpus;
  const picked = useApp((state) => state.picked);
  const setPlay = useApp((state) => state.setPlay);
  const question = questions.find(({ id }) => id === picked?.id) ?? questions[0];
  const [wanted, setWanted] = useState<PathKind>('gold');
  const [asked, setAsked] = useState<{ readonly id: number; readonly question: string }>();
  const kind = question?.chain === undefined ? 'policy' : wanted;
  const current = asked?.question === question?.id ? asked?.id : undefined;
  const rollout = useApp((state) => (current === undefined ? undefined : state.lab.plays[current]));
  const problem = useApp(
    (state) => state.lab.notices.findLast(({ id }) => id !== undefined && id === current)?.message,
  );

  const run = (of: Question): void => {
    const { lab } = useApp.getState();
    const trained = lab.info?.hasTrained === true || otherPolicy({ lab }) === 'current';
    const policy = trained ? otherPolicy({ lab }) : 'base';
    setAsked({ id: askForSearches({ question: of, policy, temperature: 0, seed: 1 }), question: of.id });
  };
  // Joined and cut again, so that a snapshot without a new search is the same list.
  const joined =
    kind === 'policy' ? (rollout?.trace.searches ?? []).map(({ query }) => query).join('\n') : '';
  const searches = useMemo(
    () =>
      kind === 'gold'
        ? (question?.chain ?? []).map(({ query }) => query)
        : joined === ''
          ? none
          : joined.split('\n'),
    [kind, question, joined],
  );
  return {
    question,
    kind,
    searches,
    answer:
      kind === 'gold'
        ? question?.golds[0]
        : rollout?.done === true
          ? rollout.trace.reward?.answer
          : undefined,
    waiting: kind === 'policy' && rollout?.done !== true && problem === undefined,
    problem: kind === 'policy' ? problem : undefined,
    choose: (id) => {
      const next = questions.find((candidate) => candidate.id === id);
      if (next === undefined) return;
      setPlay({ picked: next, questionText: next.text });
      if (next.chain === undefined || wanted === 'policy') run(next);
    },
    take: (next) => {
      setWanted(next);
      if (next === 'policy' && question !== undefined && current === undefined) run(question);
    },
  };
}
