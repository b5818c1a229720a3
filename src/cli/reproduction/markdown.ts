import type { Interval } from './statistics.ts';

/** Numbers and tables as the report writes them. */

export const percent = (x: number): string => (100 * x).toFixed(1);
export const signed = (x: number): string => `${x < 0 ? '−' : '+'}${Math.abs(100 * x).toFixed(1)}`;
export const within = ({ mean: m, low, high }: Interval): string =>
  `${percent(m)} [${percent(Math.max(0, low))}, ${percent(Math.min(1, high))}]`;

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
