import { useEffect, useId, useRef, useState, type ReactNode, type RefObject } from 'react';
import styles from './Predict.module.css';

interface PredictProps {
  readonly question: string;
  readonly options: readonly string[];
  /** Place of the option that turns out right. */
  readonly right: number;
  /** What the numbers below say about it; shown with them. */
  readonly outcome: ReactNode;
  /** Where a chapter that plays as it is scrolled wants the question: it plays by how high that stands. */
  readonly asked?: RefObject<HTMLFieldSetElement | null>;
  readonly children: ReactNode;
}

/** So far below the window's top a question counts as passed, in CSS pixels: the eye is on what is beside or below it. */
const passedAt = 140;

/** What opens above the focus may push it out of the window: brings it back, where it was in sight. */
function keepInSight(): void {
  const { activeElement } = document;
  const box = activeElement?.getBoundingClientRect();
  if (activeElement === null || activeElement === document.body || box === undefined) return;
  if (box.bottom < 0 || box.top > innerHeight) return;
  // Once what opens is drawn; the focus may be further by then.
  requestAnimationFrame(() => {
    requestAnimationFrame(() => document.activeElement?.scrollIntoView({ block: 'nearest' }));
  });
}

/**
 * Asks for a guess, then shows. Whoever scrolls on without one is shown it all the same: no guess is counted, nothing is
 * locked. What will be shown has its place from the first: the chapters below do not jump when it is.
 */
export function Predict({ question, options, right, outcome, asked, children }: PredictProps) {
  const [guess, setGuess] = useState<number>();
  const [passed, setPassed] = useState(false);
  const own = useRef<HTMLFieldSetElement>(null);
  const ask = asked ?? own;
  const name = useId();
  useEffect(() => {
    const look = (): void => {
      const top = ask.current?.getBoundingClientRect().top;
      if (top === undefined) return;
      const { scrollHeight } = document.documentElement;
      // At the end of the page no further scrolling brings it up.
      const atEnd = top < innerHeight && scrollY > 0 && scrollY + innerHeight >= scrollHeight - 2;
      if (top > passedAt && !atEnd) return;
      removeEventListener('scroll', look);
      keepInSight();
      setPassed(true);
    };
    look();
    addEventListener('scroll', look, { passive: true });
    return () => removeEventListener('scroll', look);
  }, [ask]);
  const open = guess !== undefined || passed;
  return (
    <div className={styles.predict}>
      <fieldset ref={ask} className={styles.ask}>
        <legend>{question}</legend>
        {options.map((option, i) => (
          <label key={option} data-right={open && i === right}>
            <input type="radio" name={name} checked={guess === i} onChange={() => setGuess(i)} />
            {option}
            {open && i === right && <b> – correct</b>}
          </label>
        ))}
      </fieldset>
      <div className={styles.shown} data-open={open}>
        <p className={styles.outcome} role="status">
          <span className={styles.later}>
            {guess !== undefined && <b>{guess === right ? 'As you guessed. ' : 'Not as you guessed. '}</b>}
            {outcome}
          </span>
        </p>
        <div className={`${styles.figure} ${styles.later}`}>{children}</div>
        {!open && (
          <p className={styles.covered}>
            <span>Guess first, or scroll on.</span>
          </p>
        )}
      </div>
    </div>
  );
}
