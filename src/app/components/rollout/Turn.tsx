import type { ReactNode } from 'react';
import type { SegmentKind } from '../../../traces/trace.ts';
import type { Verdict } from '../../../traces/verdict.ts';
import styles from './Turn.module.css';

const words: Readonly<Record<SegmentKind, string>> = {
  think: 'thinks',
  search: 'searches',
  result: 'reads',
  answer: 'answers',
  text: 'writes',
};

const answerClass: Readonly<Record<Verdict, string | undefined>> = {
  right: styles.answer,
  partly: styles.answer,
  wrong: styles.wrong,
  broken: styles.broken,
  unscored: styles.unscored,
};

interface TurnProps {
  readonly kind: SegmentKind;
  readonly verdict: Verdict;
  readonly children: ReactNode;
}

/** One segment of a rollout as a turn: what it did, in a word, and what it said. */
export function Turn({ kind, verdict, children }: TurnProps) {
  const look = kind === 'answer' ? answerClass[verdict] : styles[kind];
  return (
    <li className={`${styles.turn} ${look ?? ''}`}>
      <b className={styles.word}>{words[kind]}</b>
      <div className={styles.body}>{children}</div>
    </li>
  );
}
