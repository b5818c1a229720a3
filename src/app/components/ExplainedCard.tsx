import { Popover } from 'radix-ui';
import type { ReactNode } from 'react';
import { terms, type TermName, type TermText } from './terms.ts';
import styles from './Term.module.css';

interface ExplainedCardProps {
  readonly text: TermText | TermName;
  readonly children: ReactNode;
}

/** A word with its explanation, open when it comes: it comes with the first press. */
export default function ExplainedCard({ text, children }: ExplainedCardProps) {
  const { name, unit, means, look }: TermText = typeof text === 'string' ? terms[text] : text;
  return (
    <Popover.Root defaultOpen>
      <Popover.Trigger className={styles.term}>{children}</Popover.Trigger>
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
