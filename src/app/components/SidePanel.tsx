import type { ReactNode } from 'react';
import styles from './SidePanel.module.css';

interface SidePanelProps {
  /** What it holds, for who hears it. */
  readonly label: string;
  /** What of it is shown, in a line. */
  readonly head: ReactNode;
  /** Buttons beside that line. */
  readonly actions: ReactNode;
  readonly children: ReactNode;
}

/** What is read beside the main thing: it stays in sight on a wide screen, and is a page of its own on a phone. */
export function SidePanel({ label, head, actions, children }: SidePanelProps) {
  return (
    <aside className={styles.panel} aria-label={label}>
      <div className={styles.head}>
        <p>{head}</p>
        <span>{actions}</span>
      </div>
      {children}
    </aside>
  );
}
