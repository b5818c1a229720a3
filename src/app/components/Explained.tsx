import { lazy, Suspense, useState, type ReactNode } from 'react';
import type { TermName, TermText } from './terms.ts';
import styles from './Term.module.css';

// What opens, and its words, come with the first press: the first paint does not wait for them.
const ExplainedCard = lazy(() => import('./ExplainedCard.tsx'));

interface ExplainedProps {
  /** Its explanation, or whose of the page's list. */
  readonly text: TermText | TermName;
  readonly children: ReactNode;
}

/** A word or number that explains itself on demand: what it means, its unit, what to look for. */
export function Explained({ text, children }: ExplainedProps) {
  const [asked, setAsked] = useState(false);
  const word = (
    <button
      type="button"
      className={styles.term}
      aria-haspopup="dialog"
      aria-expanded={false}
      onClick={() => setAsked(true)}
    >
      {children}
    </button>
  );
  if (!asked) return word;
  return (
    <Suspense fallback={word}>
      <ExplainedCard text={text}>{children}</ExplainedCard>
    </Suspense>
  );
}
