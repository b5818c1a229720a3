import { useId } from 'react';
import styles from './Slider.module.css';

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** The value as it is said. */
  readonly words: string;
  readonly onMove: (value: number) => void;
}

/** A number to be moved, with its name before it and its value behind it. */
export function Slider({ label, value, min, max, step, words, onMove }: SliderProps) {
  const id = useId();
  return (
    <div className={styles.slider}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-valuetext={words}
        onChange={(event) => onMove(Number(event.target.value))}
      />
      <output htmlFor={id}>{words}</output>
    </div>
  );
}
