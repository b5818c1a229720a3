import { useState, type ButtonHTMLAttributes } from 'react';
import styles from './Button.module.css';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** The one thing to do here, an ordinary button, or one that stands back. */
  readonly look?: 'primary' | 'plain' | 'quiet';
  /** Key that does the same, shown small beside the word. */
  readonly hint?: string | undefined;
}

/**
 * A button. One that is disabled while it has the focus (what it began is under way) only says so and does nothing: the
 * attribute would throw the focus back to the top of the page.
 */
export function Button({
  look = 'plain',
  hint,
  children,
  className,
  disabled,
  onClick,
  ...rest
}: ButtonProps) {
  const [focused, setFocused] = useState(false);
  const off = disabled === true;
  return (
    <button
      type="button"
      className={`${styles.button} ${styles[look] ?? ''} ${className ?? ''}`}
      {...rest}
      disabled={off && !focused}
      aria-disabled={off && focused ? true : undefined}
      onClick={off ? (event) => event.preventDefault() : onClick}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
    >
      {children}
      {hint !== undefined && (
        <kbd className={styles.hint} aria-hidden="true">
          {hint}
        </kbd>
      )}
    </button>
  );
}
