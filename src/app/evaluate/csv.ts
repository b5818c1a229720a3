import type { EvaluationRow } from '../../research/methodRows.ts';

const columns = 'method,set,hops,n,em,em low,em high,f1,searches';

/** Rows as CSV: one for all questions of a cell (hops: all), then one for each number of hops. No name needs quotes. */
export function rowsAsCsv(rows: readonly EvaluationRow[]): string {
  const lines = rows.flatMap(({ method, set, byHops = {}, ...all }) =>
    [['all', all] as const, ...Object.entries(byHops)].map(([hops, { n, em, ci95, f1, searches }]) =>
      [method, set, hops, n, em, ...ci95, f1, searches].join(','),
    ),
  );
  return `${[columns, ...lines].join('\n')}\n`;
}
