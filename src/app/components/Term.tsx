import { Popover } from 'radix-ui';
import type { ReactNode } from 'react';
import { terms, type TermName, type TermText } from './terms.ts';
import styles from './Term.module.css';

interface TermProps {
  readonly name: TermName;
  /** Shown instead of the term's own name. */
  readonly children?: ReactNode;
}

/** A word that explains itself on demand: what it means, its unit, what to look for. */
export function Term({ name, children }: TermProps) {
  const term: TermText = terms[name];
  return (
    <Popover.Root>
      <Popover.Trigger className={styles.term}>{children ?? term.name}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className={styles.card} sideOffset={4} collisionPadding={12} aria-label={term.name}>
          <p className={styles.head}>
            <b>{term.name}</b>
            {term.unit !== undefined && <span>{term.unit}</span>}
          </p>
          <p>{term.means}</p>
          <p className={styles.look}>{term.look}</p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
