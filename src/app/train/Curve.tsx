import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Metric } from '../components/metrics.ts';
import { useShownTheme } from '../theme/useShownTheme.ts';
import { curveOptions } from './curveOptions.ts';
import styles from './Curve.module.css';

interface CurveProps {
  readonly metric: Metric;
  readonly steps: readonly number[];
  readonly values: readonly number[];
  /** Measured by evaluations, by step: drawn as dots. */
  readonly dots?: readonly { readonly step: number; readonly value: number }[];
  /** Updates of the whole run: the curve grows into this width. */
  readonly total: number;
  readonly shown: number | undefined;
  readonly onPick: (step: number) => void;
  /** How the number in large was measured, where it is not the batch's. */
  readonly note?: string;
  /** What the number is compared to. */
  readonly beside?: string;
  /** Overrides the newest value as the number in large. */
  readonly headline?: string;
  readonly big?: boolean;
}

/** One live curve on a canvas. All curves share their cursor; a click shows that update. */
export function Curve(props: CurveProps) {
  const { metric, steps, values, dots, total, shown, onPick, note, beside, headline, big = false } = props;
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const pick = useRef(onPick);
  const [hovered, setHovered] = useState<number>();
  const theme = useShownTheme();

  useEffect(() => {
    pick.current = onPick;
  }, [onPick]);

  useEffect(() => {
    const box = holder.current;
    if (box === null) return;
    const made = new uPlot(curveOptions(metric, box.clientWidth, total, setHovered), [[], [], []], box);
    chart.current = made;
    made.over.addEventListener('click', () => {
      const step = made.data[0][made.cursor.idx ?? -1];
      if (step !== undefined) pick.current(step);
    });
    const resize = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height: made.height }));
    resize.observe(box);
    return () => {
      resize.disconnect();
      made.destroy();
      chart.current = undefined;
    };
    // Colours are read from the page once a chart: another theme means another chart.
  }, [metric, total, theme]);

  useEffect(() => {
    const xs = [...new Set([...steps, ...(dots ?? []).map((dot) => dot.step)])].sort((a, b) => a - b);
    const line = new Map(steps.map((step, i) => [step, values[i]]));
    const points = new Map((dots ?? []).map((dot) => [dot.step, dot.value]));
    chart.current?.setData([xs, xs.map((x) => line.get(x) ?? null), xs.map((x) => points.get(x) ?? null)]);
  }, [steps, values, dots, metric, total, theme]);

  const at = hovered ?? shown;
  const index = at === undefined ? steps.length - 1 : steps.indexOf(at);
  const value = values[index];
  const live = hovered === undefined && (shown === undefined || shown === steps.at(-1));
  return (
    <section className={big ? `${styles.curve} ${styles.big}` : styles.curve} aria-label={metric.label}>
      <h2 title={metric.about}>
        {metric.label}
        {note !== undefined && live && <em>{note}</em>}
      </h2>
      <p className={styles.number}>
        {live && headline !== undefined ? headline : value === undefined ? '–' : metric.write(value)}
        <small>{live ? (beside ?? metric.unit) : `at update ${at ?? 0}, ${metric.unit}`}</small>
      </p>
      <div ref={holder} className={styles.chart} aria-hidden="true" />
    </section>
  );
}
