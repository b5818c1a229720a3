import { Popover } from 'radix-ui';
import type { ReactNode } from 'react';
import type { TermText } from './terms.ts';
import styles from './Term.module.css';

interface ExplainedProps {
  readonly text: TermText;
  /** Shown instead of its name. */
  readonly children?: ReactNode;
}

/** A word or number that explains itself on demand: what it means, its unit, what to look for. */
export function Explained({ text, children }: ExplainedProps) {
  const { name, unit, means, look } = text;
  return (
    <Popover.Root>
      <Popover.Trigger className={styles.term}>{children ?? name}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className={styles.card} sideOffset={4} collisionPadding={12} aria-label={name}>
          <p className={styles.head}>
            <b>{name}</b>
            {unit !== undefined && <span>{unit}</span>}
          </p>
          <p>{means}</p>
          <p className={styles.look}>
            <b>Look for.</b> {look}
          </p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
