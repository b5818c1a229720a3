import { useId, useState } from 'react';
import type { FieldValue } from '../store/recipeFields.ts';
import type { Dial } from './dials.ts';
import styles from './DialField.module.css';

interface DialFieldProps {
  readonly dial: Dial;
  readonly value: FieldValue | undefined;
  /** The preset's value, said where it differs. */
  readonly usual: FieldValue | undefined;
  /** Takes the value over, or says why not; nothing is changed then. */
  readonly onTurn: (value: FieldValue) => string | undefined;
}

/** One dial. A number is taken as soon as it fits; until then the last fitting one stands, and this says so. */
export function DialField({ dial, value, usual, onTurn }: DialFieldProps) {
  const id = useId();
  const [text, setText] = useState(String(value ?? ''));
  const [problem, setProblem] = useState<string>();
  const changed = value !== usual;
  const type = (typed: string): void => {
    setText(typed);
    const parsed = Number(typed);
    if (typed.trim() === '' || Number.isNaN(parsed))
      setProblem(`Write a number; ${String(value)} stands until then.`);
    else {
      const refused = onTurn(parsed);
      setProblem(refused === undefined ? undefined : `${refused} ${String(value)} stands until then.`);
    }
  };
  return (
    <div className={styles.dial}>
      <label htmlFor={id}>
        {dial.label}
        {changed && <small> preset {String(usual)}</small>}
      </label>
      {dial.kind === 'switch' ? (
        <input
          id={id}
          type="checkbox"
          checked={value === true}
          onChange={(event) => onTurn(event.target.checked)}
        />
      ) : (
        <input
          id={id}
          className={styles.number}
          inputMode="decimal"
          value={text}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}about`}
          onChange={(event) => type(event.target.value)}
        />
      )}
      <p id={`${id}about`} className={problem === undefined ? styles.about : styles.problem}>
        {problem ?? dial.about}
      </p>
    </div>
  );
}
