import { useState, type MouseEvent } from 'react';
import { percent } from '../components/format.ts';
import type { Course } from './shares.ts';
import styles from './ShareChart.module.css';

interface ShareChartProps {
  readonly course: Course;
  readonly kind: 'skill' | 'fault';
  /** What it shows, in words; absent where these stand beside it. */
  readonly label?: string;
  /** In a row of many: the line alone. In a card: with its scale. As a figure: high, with its updates. */
  readonly size: 'row' | 'card' | 'figure';
  /** Updates whose rollouts can be read: dots. */
  readonly kept?: readonly number[];
  /** The one that is shown. */
  readonly at?: number | undefined;
  /** A click: the kept update nearest to it. By keyboard the slider beside does the same. */
  readonly onPick?: (step: number) => void;
}

/** A share over the updates of a run. Drawn in units of the whole, so that it is as wide as its place. */
export function ShareChart({ course, kind, label, size, kept = [], at, onPick }: ShareChartProps) {
  const [under, setUnder] = useState<number>();
  const { steps, shares, total, top } = course;
  const x = (step: number): number => ((step - 1) / Math.max(total - 1, 1)) * 100;
  const y = (share: number): number => 100 - (share / top) * 100;
  const shareAt = (step: number): number | undefined => shares[steps.indexOf(step)];
  const line = steps.map((step, i) => `${x(step).toFixed(2)},${y(shares[i] ?? 0).toFixed(2)}`).join(' ');
  const nearest = (event: MouseEvent<HTMLElement>): number | undefined => {
    const box = event.currentTarget.getBoundingClientRect();
    const pointed = 1 + ((event.clientX - box.left) / Math.max(box.width, 1)) * Math.max(total - 1, 1);
    return kept.reduce<number | undefined>(
      (best, step) =>
        best === undefined || Math.abs(step - pointed) < Math.abs(best - pointed) ? step : best,
      undefined,
    );
  };
  const marked = under ?? at;
  const share = marked === undefined ? undefined : shareAt(marked);
  return (
    <div className={`${styles.chart} ${styles[size]} ${styles[kind]}`}>
      {size !== 'row' && (
        <div className={styles.scale} aria-hidden="true">
          <span>{percent(top)}</span>
          <span>0</span>
        </div>
      )}
      <div
        className={styles.plot}
        {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
        {...(onPick === undefined
          ? {}
          : {
              'data-pick': '',
              onClick: (event: MouseEvent<HTMLElement>) => {
                const step = nearest(event);
                if (step !== undefined) onPick(step);
              },
              onPointerMove: (event: MouseEvent<HTMLElement>) => setUnder(nearest(event)),
              onPointerLeave: () => setUnder(undefined),
            })}
      >
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
          {(size === 'row' ? [100] : [0, 50, 100]).map((level) => (
            <line key={level} x1={0} x2={100} y1={level} y2={level} className={styles.grid} />
          ))}
          {marked !== undefined && (
            <line x1={x(marked)} x2={x(marked)} y1={0} y2={100} className={styles.marked} />
          )}
          <polyline points={line} className={styles.line} />
        </svg>
        {kept.map((step) => (
          <i
            key={step}
            className={step === at ? `${styles.dot} ${styles.here}` : styles.dot}
            style={{ left: `${x(step)}%`, top: `${y(shareAt(step) ?? 0)}%` }}
          />
        ))}
        {under !== undefined && share !== undefined && (
          <span className={styles.said} style={{ left: `${Math.min(x(under), 78)}%` }}>
            update {under}: {percent(share)}
          </span>
        )}
      </div>
      {size === 'figure' && (
        <div className={styles.steps} aria-hidden="true">
          <span>update 1</span>
          <span>{total}</span>
        </div>
      )}
    </div>
  );
}
