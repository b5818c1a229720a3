import { percent } from './format.ts';
import styles from './Sparkline.module.css';

interface SparklineProps {
  /** Values from 0 to 1. */
  readonly values: readonly number[];
  /** Points of the full width. */
  readonly total: number;
  /** Measured elsewhere than the line: a hollow dot at the start, a full one at the end. */
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly label: string;
}

const width = 400;
const height = 138;
/** Room at the left for the scale, below for the updates. */
const left = 40;
const below = 24;
const pad = 7;

/** A small fixed curve without a chart library, for the first screen. */
export function Sparkline({ values, total, before, after, label }: SparklineProps) {
  const x = (i: number): number => left + pad + (i / Math.max(total - 1, 1)) * (width - left - 2 * pad);
  const y = (value: number): number => height - below - value * (height - below - pad);
  const points = values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`);
  return (
    <svg className={styles.spark} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {[0, 0.5, 1].map((level) => (
        <g key={level}>
          <line x1={left} x2={width} y1={y(level)} y2={y(level)} className={styles.grid} />
          <text x={left - 6} y={y(level) + 4} textAnchor="end">
            {percent(level)}
          </text>
        </g>
      ))}
      <text x={left + pad} y={height - 6}>
        update 1
      </text>
      <text x={width - pad} y={height - 6} textAnchor="end">
        {total}
      </text>
      <polyline points={points.join(' ')} className={styles.line} />
      {before !== undefined && <circle cx={x(0)} cy={y(before)} r={4.5} className={styles.before} />}
      {after !== undefined && <circle cx={x(total - 1)} cy={y(after)} r={5} className={styles.after} />}
    </svg>
  );
}
