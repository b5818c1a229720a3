import { useId, useState } from 'react';
import type { TakesEffect } from '../../lab/turning.ts';
import type { FieldValue } from '../store/recipeFields.ts';
import type { Dial } from './dials.ts';
import styles from './DialField.module.css';

interface DialFieldProps {
  readonly dial: Dial;
  readonly value: FieldValue | undefined;
  /** The preset's value, said where it differs. */
  readonly usual: FieldValue | undefined;
  /** When turning it takes effect in the run of this tab; absent where there is none. */
  readonly takes?: TakesEffect | undefined;
  /** Takes the value over, or says why not; nothing is changed then. */
  readonly onTurn: (value: FieldValue) => string | undefined;
}

/** One dial. A number is taken as soon as it fits; until then the last fitting one stands, and this says so. */
export function DialField({ dial, value, usual, takes, onTurn }: DialFieldProps) {
  const id = useId();
  const [text, setText] = useState(String(value ?? ''));
  const [problem, setProblem] = useState<string>();
  const changed = value !== usual;
  const turn = (to: FieldValue): void => setProblem(onTurn(to));
  const type = (typed: string): void => {
    setText(typed);
    if (dial.kind === 'text') {
      turn(typed);
      return;
    }
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
        {changed && <small> preset {wordOf(dial, usual)}</small>}
        {takes !== undefined && <small> · {takes}</small>}
      </label>
      {dial.kind === 'switch' && (
        <input
          id={id}
          type="checkbox"
          checked={value === true}
          aria-describedby={`${id}about`}
          onChange={(event) => turn(event.target.checked)}
        />
      )}
      {dial.kind === 'choice' && (
        <select
          id={id}
          className={styles.choice}
          value={String(value)}
          aria-describedby={`${id}about`}
          onChange={(event) => turn(event.target.value)}
        >
          {dial.options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
      {(dial.kind === 'number' || dial.kind === 'text') && (
        <input
          id={id}
          className={dial.kind === 'text' ? `${styles.number} ${styles.text}` : styles.number}
          inputMode={dial.kind === 'number' ? 'decimal' : 'text'}
          value={text}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}about`}
          onChange={(event) => type(event.target.value)}
        />
      )}
      <p id={`${id}about`} className={problem === undefined ? styles.about : styles.problem}>
        {problem ?? aboutOf(dial, value)}
      </p>
    </div>
  );
}

/** What turning it does; for a choice, what is chosen. */
function aboutOf(dial: Dial, value: FieldValue | undefined): string {
  if (dial.kind !== 'choice') return dial.about;
  return dial.options.find((option) => option.value === value)?.about ?? dial.about;
}

const wordOf = (dial: Dial, value: FieldValue | undefined): string =>
  (dial.kind === 'choice' ? dial.options.find((option) => option.value === value)?.label : undefined) ??
  String(value);
