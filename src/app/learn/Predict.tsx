import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import styles from './Predict.module.css';

interface PredictProps {
  readonly question: string;
  readonly options: readonly string[];
  /** Place of the option that turns out right. */
  readonly right: number;
  /** What the numbers below say about it; shown with them. */
  readonly outcome: ReactNode;
  readonly children: ReactNode;
}

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
export function Predict({ question, options, right, outcome, children }: PredictProps) {
  const [guess, setGuess] = useState<number>();
  const [passed, setPassed] = useState(false);
  const shown = useRef<HTMLDivElement>(null);
  const name = useId();
  useEffect(() => {
    const element = shown.current;
    if (element === null) return;
    // Once its top has come up to the middle of the window.
    const watch = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        keepInSight();
        setPassed(true);
        watch.disconnect();
      },
      { rootMargin: '0px 0px -45% 0px' },
    );
    watch.observe(element);
    // At the end of the page no further scrolling brings it up.
    const atEnd = (): void => {
      const { scrollHeight } = document.documentElement;
      const isSeen = element.getBoundingClientRect().top < innerHeight;
      if (isSeen && scrollY > 0 && scrollY + innerHeight >= scrollHeight - 2) setPassed(true);
    };
    addEventListener('scroll', atEnd, { passive: true });
    return () => {
      watch.disconnect();
      removeEventListener('scroll', atEnd);
    };
  }, []);
  const open = guess !== undefined || passed;
  return (
    <div className={styles.predict}>
      <fieldset className={styles.ask}>
        <legend>{question}</legend>
        {options.map((option, i) => (
          <label key={option} data-right={open && i === right}>
            <input type="radio" name={name} checked={guess === i} onChange={() => setGuess(i)} />
            {option}
            {open && i === right && <b> – so it is</b>}
          </label>
        ))}
      </fieldset>
      <div ref={shown} className={styles.shown} data-open={open}>
        {!open && <p className={styles.covered}>Guess first, or scroll on.</p>}
        <p className={styles.outcome} role="status">
          <span className={styles.later}>
            {guess !== undefined && <b>{guess === right ? 'As you said. ' : 'Not as you said. '}</b>}
            {outcome}
          </span>
        </p>
        <div className={styles.later}>{children}</div>
      </div>
    </div>
  );
}
