interface WholePassagesProps {
  readonly whole: boolean;
  readonly onChange: (whole: boolean) => void;
}

/** Whether what was read is shown to its end: it is not trained, and most of a rollout. */
export function WholePassages({ whole, onChange }: WholePassagesProps) {
  return (
    <label>
      <input type="checkbox" checked={whole} onChange={(event) => onChange(event.target.checked)} /> passages
      in full
    </label>
  );
}
