import { Bar, BarChart, CartesianGrid, ResponsiveContainer, XAxis, YAxis } from 'recharts';
import { Figure } from '../components/figure/Figure.tsx';
import { percent } from '../components/format.ts';
import { Term } from '../components/Term.tsx';
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
    <Figure
      name="right-answers-by-hops"
      table={() => ({
        columns: ['hops (questions)', 'before', 'after'],
        rows: rows.map((row) => [row.hop, row.before, row.after]),
      })}
      caption={
        <h3 className={styles.caption}>
          Right answers by <Term name="hops">hops</Term>{' '}
          <em>hollow before, solid after; greedy, {after.n} questions</em>
        </h3>
      }
    >
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
    </Figure>
  );
}
