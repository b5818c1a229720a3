import { generatedSets } from '../../world/types.ts';
import { percent, signed, table, within } from './markdown.ts';
import { untrainedMethods } from './plan.ts';
import type { Row, StudyResults } from './results.ts';
import { mean, meanInterval, type Interval } from './statistics.ts';

/** What the methods make of the four sets, before training and after. */

type Method = Row['method'];

/** A number of one method on one set, a value a seed. */
function valuesOf(results: StudyResults, method: Method, set: string, value: (row: Row) => number): number[] {
  const from = method === 'research' ? results.trained : results.untrained;
  return from.map(({ rows }) => {
    const found = rows.find((row) => row.method === method && row.set === set);
    if (!found) throw new Error(`no row for ${method} on ${set}`);
    return value(found);
  });
}

const methodNames: Readonly<Record<Method, string>> = {
  'naive-generation': 'Naive generation',
  'naive-rag': 'Naive RAG',
  'iter-retgen': 'Iter-RetGen',
  ircot: 'IRCoT',
  'research-untrained': 'ReSearch, untrained',
  research: '**ReSearch, trained**',
};

const allMethods: readonly Method[] = [...untrainedMethods, 'research'];

export function mainTable(results: StudyResults): string {
  const cells = (value: (row: Row) => number, show: (i: Interval) => string): string[][] =>
    allMethods.map((method) => [
      methodNames[method],
      ...generatedSets.map((set) => show(meanInterval(valuesOf(results, method, set, value)))),
    ]);
  const head = ['method', ...generatedSets];
  return [
    '## Method × set',
    'Exact match, % [95 % interval]:',
    table(
      head,
      cells((row) => row.em, within),
    ),
    'F1, %:',
    table(
      head,
      cells(
        (row) => row.f1,
        ({ mean: m }) => percent(m),
      ),
    ),
    'Searches a question:',
    table(
      head,
      cells(
        (row) => row.searches,
        ({ mean: m }) => m.toFixed(2),
      ),
    ),
  ].join('\n\n');
}

const PAPER_MARGIN = 0.1581;

export function margins(results: StudyResults): string {
  const prompts = untrainedMethods.filter((method) => method !== 'research-untrained');
  const rows = generatedSets.map((set) => {
    const ours = meanInterval(valuesOf(results, 'research', set, (row) => row.em));
    const all = prompts.map((method) => ({
      method,
      interval: meanInterval(valuesOf(results, method, set, (row) => row.em)),
    }));
    const best = all.reduce((a, b) => (b.interval.mean > a.interval.mean ? b : a));
    return { set, ours, best, margin: ours.mean - best.interval.mean };
  });
  const average = mean(rows.map(({ margin }) => margin));
  const apart = rows.filter(({ ours, best }) => ours.low > best.interval.high).length;
  return [
    '### Against the best prompt baseline',
    table(
      ['set', 'trained', 'best prompt baseline', 'margin in points', 'intervals touch'],
      rows.map(({ set, ours, best, margin }) => [
        set,
        within(ours),
        `${methodNames[best.method]}, ${within(best.interval)}`,
        signed(margin),
        ours.low > best.interval.high ? 'no' : 'yes',
      ]),
    ),
    `On average ${signed(average)} points (the paper’s own margin on its four sets is ${signed(PAPER_MARGIN)}: ${average > PAPER_MARGIN ? 'passed' : 'not reached'}); the intervals are apart on ${String(apart)} of ${String(rows.length)} sets.`,
  ].join('\n\n');
}

export function hopsTable(results: StudyResults): string {
  const hops = ['2', '3', '4'];
  const rows = generatedSets.flatMap((set) =>
    (['research-untrained', 'research'] as const).map((method) => [
      set,
      methodNames[method],
      ...hops.map((hop) => {
        const from = method === 'research' ? results.trained : results.untrained;
        const found = from.flatMap(({ rows: of }) => {
          const cell = of.find((row) => row.method === method && row.set === set)?.byHops?.[hop];
          return cell ? [cell] : [];
        });
        if (found.length === 0) return '–';
        const questions = found.reduce((sum, { n }) => sum + n, 0);
        return `${percent(mean(found.map(({ em }) => em)))} (n ${String(questions)})`;
      }),
    ]),
  );
  return [
    '### By hops',
    'Exact match, %:',
    table(['set', 'method', '2 hops', '3 hops', '4 hops'], rows),
  ].join('\n\n');
}

export function searching(results: StudyResults): string {
  const of = (method: Method, value: (row: Row) => number): Interval =>
    meanInterval(valuesOf(results, method, 'musique', value));
  const line = (name: string, value: (row: Row) => number, show: (i: Interval) => string): string[] => [
    name,
    show(of('research-untrained', value)),
    show(of('research', value)),
  ];
  const plain = ({ mean: m, low, high }: Interval): string =>
    `${m.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
  const before = of('research-untrained', (row) => row.selfCorrections).mean;
  const after = of('research', (row) => row.selfCorrections).mean;
  return [
    '## Searching as far as the question needs',
    'On the questions of MuSiQue’s shape:',
    table(
      ['', 'before', 'after'],
      [
        line('searches a question', (row) => row.searches, plain),
        line('correlation of searches with hops', (row) => row.searchesByHops ?? 0, plain),
        line('rollouts that correct themselves, %', (row) => row.selfCorrections, within),
      ],
    ),
    `Self-correction is ${(after / Math.max(1e-9, before)).toFixed(1)} times as frequent after as before.`,
    '![Searches over training](reproduction/searches.svg)',
    '![Self-correction over training](reproduction/corrections.svg)',
    '![Exact match over training](reproduction/em.svg)',
    'Lines are means over the seeds of each update’s rollouts at temperature 1, bands their range.',
  ].join('\n\n');
}
