import type uPlot from 'uplot';
import type { Metric } from '../components/metrics.ts';
import { overlayLook, type Overlay } from '../store/overlays.ts';
import { cssColour, cssText } from '../theme/cssColour.ts';

/** Pixels that a pointer has to be drawn for a zoom; less is a click. */
const leastDrag = 6;

/** uPlot's options of one curve, in the page's colours as they are now. */
export function curveOptions(
  metric: Metric,
  width: number,
  shownUpdates: readonly [number, number],
  overlays: readonly Overlay[],
  onZoom: (updates: readonly [number, number]) => void,
  onHover: (step: number | undefined) => void,
): uPlot.Options {
  const colour = cssColour(metric.colour);
  const quiet = cssColour('--line');
  const font = `11px ${cssText('--sans')}`;
  const axis = { stroke: cssColour('--ink-3'), font, ticks: { show: false } } as const;
  return {
    width: Math.max(width, 60),
    height: 166,
    pxAlign: true,
    legend: { show: false },
    padding: [8, 8, 0, 0],
    cursor: {
      sync: { key: 'curves' },
      y: false,
      drag: { x: true, y: false, setScale: false },
      points: { size: 7 },
    },
    scales: {
      x: { time: false, range: () => [shownUpdates[0], Math.max(shownUpdates[1], shownUpdates[0] + 1)] },
      y: { range: (_chart, _low, high) => [0, metric.top ?? (high > 0 ? high * 1.08 : 1)] },
    },
    axes: [
      {
        ...axis,
        size: 20,
        gap: 2,
        space: 48,
        label: 'update',
        labelSize: 14,
        labelGap: 0,
        labelFont: font,
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
      {
        stroke: colour,
        width: 2,
        spanGaps: true,
        points: { show: shownUpdates[1] - shownUpdates[0] <= 12, size: 5, fill: colour },
      },
      {
        stroke: colour,
        width: 0,
        paths: () => null,
        points: { show: true, size: 9, fill: cssColour('--paper'), stroke: colour, width: 2 },
      },
      ...overlays.map((_, i) => ({
        stroke: cssColour(overlayLook(i).colour),
        dash: [...overlayLook(i).dash],
        width: 1.5,
        spanGaps: true,
        points: { show: false },
      })),
    ],
    hooks: {
      setCursor: [(chart) => onHover(chart.data[0][chart.cursor.idx ?? -1])],
      setSelect: [
        (chart) => {
          const { left, width: wide } = chart.select;
          if (wide < leastDrag) return;
          const [from, to] = [left, left + wide].map((x) => Math.round(chart.posToVal(x, 'x')));
          chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          if (from !== undefined && to !== undefined && to > from) onZoom([from, to]);
        },
      ],
    },
  };
}
