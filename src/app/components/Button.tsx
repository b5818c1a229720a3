import type { ButtonHTMLAttributes } from 'react';
import styles from './Button.module.css';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** The one thing to do here, an ordinary button, or one that stands back. */
  readonly look?: 'primary' | 'plain' | 'quiet';
  /** Key that does the same, shown small beside the word. */
  readonly hint?: string | undefined;
}

export function Button({ look = 'plain', hint, children, className, ...rest }: ButtonProps) {
  return (
    <button type="button" className={`${styles.button} ${styles[look] ?? ''} ${className ?? ''}`} {...rest}>
      {children}
      {hint !== undefined && (
        <kbd className={styles.hint} aria-hidden="true">
          {hint}
        </kbd>
      )}
    </button>
  );
}
