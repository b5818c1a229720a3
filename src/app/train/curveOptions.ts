import type uPlot from 'uplot';
import type { Metric } from '../components/metrics.ts';

const cssValue = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** uPlot's options of one curve, in the page's colours as they are now. */
export function curveOptions(
  metric: Metric,
  width: number,
  total: number,
  onHover: (step: number | undefined) => void,
): uPlot.Options {
  const colour = cssValue(metric.colour);
  const quiet = cssValue('--line');
  const font = `11px ${cssValue('--sans')}`;
  const axis = { stroke: cssValue('--ink-3'), font, ticks: { show: false } } as const;
  return {
    width: Math.max(width, 60),
    height: 152,
    pxAlign: true,
    legend: { show: false },
    padding: [8, 8, 0, 0],
    cursor: {
      sync: { key: 'curves' },
      y: false,
      drag: { x: false, y: false, setScale: false },
      points: { size: 7 },
    },
    scales: {
      x: { time: false, range: () => [0, Math.max(total, 1)] },
      y: { range: (_chart, _low, high) => [0, metric.top ?? (high > 0 ? high * 1.08 : 1)] },
    },
    axes: [
      {
        ...axis,
        size: 20,
        gap: 2,
        space: 48,
        grid: { show: false },
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
      },
      {
        ...axis,
        size: 44,
        gap: 4,
        space: 36,
        grid: { stroke: quiet, width: 1 },
        values: (_chart, splits) => splits.map((split) => metric.write(split)),
      },
    ],
    series: [
      {},
      { stroke: colour, width: 2, spanGaps: true, points: { show: total <= 12, size: 5, fill: colour } },
      {
        stroke: colour,
        width: 0,
        paths: () => null,
        points: { show: true, size: 9, fill: cssValue('--paper'), stroke: colour, width: 2 },
      },
    ],
    hooks: { setCursor: [(chart) => onHover(chart.data[0][chart.cursor.idx ?? -1])] },
  };
}
