import { memo } from 'react';
import type { Trace } from '../../traces/trace.ts';
import { stripParts } from './stripParts.ts';
import styles from './Strip.module.css';

/**
 * A rollout at a glance: length is tokens, colour is what it did. `scale` is the number of tokens of the full
 * width, the same for all strips that stand together. Drawn only; whoever holds it says it in words.
 */
export const Strip = memo(function Strip({ trace, scale, tall = false }: StripProps) {
  return (
    <span className={tall ? `${styles.strip} ${styles.tall}` : styles.strip} aria-hidden="true">
      {stripParts(trace).map((part, i) => (
        <i
          key={i}
          className={styles[part.kind]}
          style={{ width: `${((part.tokens / scale) * 100).toFixed(3)}%` }}
        />
      ))}
    </span>
  );
});

interface StripProps {
  readonly trace: Trace;
  readonly scale: number;
  readonly tall?: boolean;
}
