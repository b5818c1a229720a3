import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { Figure } from '../components/figure/Figure.tsx';
import type { Metric } from '../components/metrics.ts';
import type { Overlay } from '../store/overlays.ts';
import { useShownTheme } from '../theme/useShownTheme.ts';
import { curveOptions } from './curveOptions.ts';
import { MetricName } from './MetricName.tsx';
import styles from './Curve.module.css';

interface CurveProps {
  readonly metric: Metric;
  readonly steps: readonly number[];
  readonly values: readonly number[];
  /** Measured by evaluations, by step: drawn as dots. */
  readonly dots?: readonly { readonly step: number; readonly value: number }[];
  /** First and last update of the width. */
  readonly from: number;
  readonly to: number;
  /** Other runs drawn behind this one. */
  readonly overlays: readonly Overlay[];
  /** A stretch of updates was drawn over; undefined: the whole run is wanted again. */
  readonly onZoom: (updates: readonly [number, number] | undefined) => void;
  readonly shown: number | undefined;
  readonly onPick: (step: number) => void;
  /** How what is drawn was measured, where not all of it is the batch's. */
  readonly note?: string;
  /** What the number is compared to. */
  readonly beside?: string;
  /** Overrides the newest value as the number in large. */
  readonly headline?: string;
  readonly big?: boolean;
}

/** One live curve on a canvas. All curves share their cursor; a click shows that update. */
export function Curve(props: CurveProps) {
  const { metric, steps, values, dots, from, to, overlays, onZoom, shown, onPick, note } = props;
  const { beside, headline, big = false } = props;
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const pick = useRef(onPick);
  const zoom = useRef(onZoom);
  const [hovered, setHovered] = useState<number>();
  const theme = useShownTheme();

  useEffect(() => {
    pick.current = onPick;
    zoom.current = onZoom;
  }, [onPick, onZoom]);

  useEffect(() => {
    const box = holder.current;
    if (box === null) return;
    const made = new uPlot(
      curveOptions(
        metric,
        box.clientWidth,
        [from, to],
        overlays,
        (updates) => zoom.current(updates),
        setHovered,
      ),
      [[], [], [], ...overlays.map(() => [])],
      box,
    );
    made.over.addEventListener('dblclick', () => zoom.current(undefined));
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
  }, [metric, from, to, overlays, theme]);

  useEffect(() => {
    const others = overlays.map((overlay) => new Map(overlay.steps.map((row) => [row.step, metric.of(row)])));
    const all = [steps, (dots ?? []).map((dot) => dot.step), ...others.map((other) => [...other.keys()])];
    const xs = [...new Set(all.flat())].sort((a, b) => a - b);
    const line = new Map(steps.map((step, i) => [step, values[i]]));
    const points = new Map((dots ?? []).map((dot) => [dot.step, dot.value]));
    chart.current?.setData([
      xs,
      xs.map((x) => line.get(x) ?? null),
      xs.map((x) => points.get(x) ?? null),
      ...others.map((other) => xs.map((x) => other.get(x) ?? null)),
    ]);
  }, [steps, values, dots, metric, from, to, overlays, theme]);

  const at = hovered ?? shown;
  const index = at === undefined ? steps.length - 1 : steps.indexOf(at);
  const value = values[index];
  const live = hovered === undefined && (shown === undefined || shown === steps.at(-1));
  return (
    <Figure
      name={metric.label.toLowerCase().replaceAll(' ', '-')}
      className={big ? `${styles.curve} ${styles.big}` : styles.curve}
      table={() => ({
        columns: ['update', `${metric.label}, ${metric.unit}`],
        rows: steps.map((step, i) => [step, values[i] ?? null]),
      })}
      caption={
        <>
          <h2>
            <MetricName metric={metric} />
            {note !== undefined && <em>{note}</em>}
          </h2>
          <p className={styles.number}>
            {live && headline !== undefined ? headline : value === undefined ? '–' : metric.write(value)}
            <small>{live ? (beside ?? metric.unit) : `at update ${at ?? 0}, ${metric.unit}`}</small>
          </p>
        </>
      }
    >
      <div ref={holder} className={styles.chart} aria-hidden="true" />
    </Figure>
  );
}
