/** A line of a plot: a mean and its band at each step. */
export interface PlotLine {
  readonly name: string;
  readonly colour: string;
  readonly dashed?: boolean;
  readonly points: readonly {
    readonly x: number;
    readonly y: number;
    readonly low: number;
    readonly high: number;
  }[];
}

export interface PlotOptions {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** How a value of the vertical axis is written. */
  readonly format: (y: number) => string;
  readonly lines: readonly PlotLine[];
}

const WIDTH = 640;
const HEIGHT = 300;
const LEFT = 64;
const RIGHT = 150;
const TOP = 34;
const BOTTOM = 42;

/** Okabe and Ito's colours, in the order in which lines take them. */
export const plotColours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'] as const;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A line chart as SVG, readable on light and on dark paper; a band is the range over the seeds. */
export function linePlot({ title, x, y, format, lines }: PlotOptions): string {
  const points = lines.flatMap((line) => line.points);
  if (points.length === 0) throw new Error(`The plot “${title}” has no points.`);
  const [left, right] = [Math.min(...points.map((p) => p.x)), Math.max(...points.map((p) => p.x))];
  const [low, high] = [Math.min(0, ...points.map((p) => p.low)), Math.max(...points.map((p) => p.high)) || 1];
  const px = (value: number): string =>
    (LEFT + ((value - left) / Math.max(1e-9, right - left)) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const py = (value: number): string =>
    (HEIGHT - BOTTOM - ((value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const text = (at: string, content: string, more = ''): string =>
    `<text ${at} fill="#777" font-size="12" ${more}>${escaped(content)}</text>`;
  const ticks = Array.from({ length: 5 }, (_, i) => low + ((high - low) * i) / 4).map(
    (value) =>
      `<line x1="${String(LEFT)}" x2="${String(WIDTH - RIGHT)}" y1="${py(value)}" y2="${py(value)}" stroke="#8885" />` +
      text(`x="${String(LEFT - 8)}" y="${py(value)}" dy="4"`, format(value), 'text-anchor="end"'),
  );
  const drawn = lines.map((line, i) => {
    const forth = line.points.map((p) => `${px(p.x)},${py(p.high)}`);
    const back = line.points.map((p) => `${px(p.x)},${py(p.low)}`).reverse();
    const path = line.points.map((p) => `${px(p.x)},${py(p.y)}`).join(' ');
    const dash = line.dashed === true ? ' stroke-dasharray="5 4"' : '';
    const at = TOP + 14 + i * 20;
    return (
      `<polygon points="${[...forth, ...back].join(' ')}" fill="${line.colour}" opacity="0.15" />` +
      `<polyline points="${path}" fill="none" stroke="${line.colour}" stroke-width="2"${dash} />` +
      `<line x1="${String(WIDTH - RIGHT + 12)}" x2="${String(WIDTH - RIGHT + 34)}" y1="${String(at)}" y2="${String(at)}" stroke="${line.colour}" stroke-width="2"${dash} />` +
      text(`x="${String(WIDTH - RIGHT + 40)}" y="${String(at + 4)}"`, line.name)
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" font-family="system-ui, sans-serif" role="img">`,
    `<title>${escaped(title)}</title>`,
    text(`x="${String(LEFT)}" y="20"`, `${title}: ${y}`, 'font-weight="600"'),
    ...ticks,
    ...drawn,
    text(`x="${String(LEFT)}" y="${String(HEIGHT - 14)}"`, `${x} ${String(left)}`),
    text(`x="${String(WIDTH - RIGHT)}" y="${String(HEIGHT - 14)}"`, String(right), 'text-anchor="end"'),
    '</svg>',
    '',
  ].join('\n');
}
