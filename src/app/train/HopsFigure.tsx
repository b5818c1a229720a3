import { Bar, BarChart, CartesianGrid, ResponsiveContainer, XAxis, YAxis } from 'recharts';
import { percent } from '../components/format.ts';
import type { Scores } from '../../lab/protocol.ts';
import styles from './HopsFigure.module.css';

interface HopsFigureProps {
  readonly before: Scores;
  readonly after: Scores;
}

/** Right answers by the number of hops, before and after. */
export default function HopsFigure({ before, after }: HopsFigureProps) {
  const hops = Object.keys(after.emByHops ?? {}).sort();
  const rows = hops.map((hop) => ({
    hop: `${hop} hops (${after.emByHops?.[hop]?.n ?? 0})`,
    before: before.emByHops?.[hop]?.em ?? 0,
    after: after.emByHops?.[hop]?.em ?? 0,
  }));
  const words = rows
    .map((row) => `${row.hop}: ${percent(row.before)}, then ${percent(row.after)}`)
    .join('; ');
  const tick = { fontSize: 12, fill: 'var(--ink-2)' };
  return (
    <figure className={styles.figure}>
      <figcaption>
        Right answers by hops <em>hollow before, solid after; greedy, {after.n} questions</em>
      </figcaption>
      <div role="img" aria-label={words} className={styles.chart}>
        <ResponsiveContainer>
          <BarChart
            data={rows}
            accessibilityLayer={false}
            barGap={2}
            margin={{ top: 8, right: 0, bottom: 0, left: 0 }}
          >
            <CartesianGrid vertical={false} stroke="var(--line)" />
            <XAxis dataKey="hop" tick={tick} tickLine={false} axisLine={{ stroke: 'var(--line-strong)' }} />
            <YAxis
              domain={[0, 1]}
              ticks={[0, 0.5, 1]}
              tickFormatter={percent}
              tick={tick}
              tickLine={false}
              axisLine={false}
              width={44}
            />
            <Bar
              dataKey="before"
              fill="var(--paper)"
              stroke="var(--answer)"
              strokeWidth={1.5}
              isAnimationActive={false}
              maxBarSize={36}
            />
            <Bar dataKey="after" fill="var(--answer)" isAnimationActive={false} maxBarSize={36} />
          </BarChart>
        </ResponsiveContainer>
      </div>
    </figure>
  );
}
