import type { ReactNode } from 'react';
import styles from './ViewFrame.module.css';

interface ViewFrameProps {
  /** What the view is for, in a sentence. */
  readonly title: string;
  readonly about: ReactNode;
  readonly children: ReactNode;
}

/** A view that begins with what it is for; its parts stand below each other. */
export function ViewFrame({ title, about, children }: ViewFrameProps) {
  return (
    <div className={styles.view}>
      <header className={styles.head}>
        <h1>{title}</h1>
        <p>{about}</p>
      </header>
      {children}
    </div>
  );
}
