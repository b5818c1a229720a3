import { Slider } from 'radix-ui';
import styles from './StepSlider.module.css';

interface StepSliderProps {
  readonly label: string;
  /** Places of the slider, from 0. */
  readonly count: number;
  readonly at: number;
  /** The place in words, for screen readers. */
  readonly words: string;
  readonly onMove: (index: number) => void;
}

/** A scrubber over kept updates. */
export function StepSlider({ label, count, at, words, onMove }: StepSliderProps) {
  return (
    <Slider.Root
      className={styles.slider}
      min={0}
      max={Math.max(count - 1, 1)}
      step={1}
      value={[at]}
      onValueChange={([index = 0]) => onMove(index)}
    >
      <Slider.Track className={styles.track}>
        <Slider.Range className={styles.range} />
      </Slider.Track>
      <Slider.Thumb className={styles.thumb} aria-label={label} aria-valuetext={words} />
    </Slider.Root>
  );
}
