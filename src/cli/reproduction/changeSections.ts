import { ablations, collapses, type Direction } from './ablations.ts';
import { percent, signed, table } from './markdown.ts';
import type { Step, StudyResults, Trained } from './results.ts';
import { mean } from './statistics.ts';

/** What the study's recipe does with something changed: collapses, ablations. */

const seedsOf = ({ ablationSeeds }: StudyResults): string =>
  `${ablationSeeds.length === 1 ? 'Seed' : 'Seeds'} ${ablationSeeds.join(', ')}`;

/** The main runs of the seeds that the ablations take. */
const unchanged = ({ training, seeds, ablationSeeds }: StudyResults): readonly Trained[] =>
  training.filter((_, i) => ablationSeeds.includes(seeds[i] ?? Number.NaN));

const stepAt = (steps: readonly Step[], share: number): Step | undefined =>
  steps[Math.min(steps.length - 1, Math.round(share * steps.length))];

export function collapse(results: StudyResults): string {
  const runs = [
    ...collapses.map(({ name }) => ({ name, of: results.variations.get(name) ?? [] })),
    { name: 'the study’s recipe', of: unchanged(results) },
  ];
  const rows = runs.flatMap(({ name, of: those }) =>
    [0, 0.1, 0.25, 0.5, 1].flatMap((share) => {
      const at = those.flatMap(({ steps }) => stepAt(steps, share) ?? []);
      if (at.length === 0) return [];
      const of = (value: (step: Step) => number): number => mean(at.map(value));
      return [
        [
          name,
          of((step) => step.step).toFixed(0),
          percent(of((step) => step.em)),
          percent(of((step) => step.selfCorrections)),
          percent(of((step) => step.formatRate)),
          of((step) => step.entropy).toFixed(2),
          of((step) => step.gradNorm).toFixed(2),
          percent(of((step) => step.zeroSpreadGroups)),
          of((step) => step.responseTokens).toFixed(0),
        ],
      ];
    }),
  );
  const ends = runs
    .map(({ name, of }) => {
      const last = of.flatMap(({ steps }) => steps.at(-1) ?? []);
      const best = of.map(({ steps }) => Math.max(...steps.map(({ em }) => em)));
      return `“${name}”: at best ${percent(mean(best))} % of a batch right, at the end ${percent(mean(last.map(({ em }) => em)))} %.`;
    })
    .join(' ');
  const named = collapses.map(({ name, what }) => `“${name}” is the study’s recipe with ${what}`);
  return [
    '## A collapse, and the same without',
    `${named.join('; ')}. The study’s recipe itself is the same with that one switch turned back. ${seedsOf(results)}; the recipes are in \`src/cli/reproduction/ablations.ts\`. The first is recorded in \`public/runs/collapse.json\`, the study’s own run in \`public/runs/first-light.json\`: drop either on the page’s Rollouts.`,
    `The early signs are in the rows of the first updates: a gradient several times as large, an entropy that rises where it should fall, searches and self-corrections that do not take off. ${ends}`,
    table(
      [
        'recipe',
        'update',
        'EM, %',
        'corrections, %',
        'good form, %',
        'entropy',
        'gradient norm',
        'groups without spread, %',
        'tokens',
      ],
      rows,
    ),
    '![Exact match of both](reproduction/collapse-em.svg)',
    '![Entropy of both](reproduction/collapse-entropy.svg)',
  ].join('\n\n');
}

/** Points of EM within which a change counts as none. */
const SAME = 0.03;

export function ablationTable(results: StudyResults): string {
  const base = unchanged(results);
  const emOf = (runs: readonly Trained[]): number => mean(runs.map(({ after }) => after.musique.em));
  const rows = ablations.flatMap(({ name, expected, source }) => {
    const runs = results.variations.get(name);
    if (!runs || runs.length === 0) return [];
    const change = emOf(runs) - emOf(base);
    const moved: Direction = Math.abs(change) < SAME ? 'same' : change > 0 ? 'up' : 'down';
    return [
      [
        name,
        `${percent(mean(runs.map(({ before }) => before.musique.em)))} → ${percent(emOf(runs))}`,
        signed(change),
        moved,
        expected === undefined ? source : `${expected} (${source})`,
        expected === undefined ? '–' : moved === expected ? 'yes' : 'no',
      ],
    ];
  });
  return [
    '## One thing changed',
    `${seedsOf(results)}, the recipe’s own evaluation (200 questions of MuSiQue’s shape, 220 pages); without a change ${percent(emOf(base))} % of the answers are right after training. A change of less than ${String(100 * SAME)} points counts as none.`,
    table(['change', 'greedy EM, %', 'points', 'direction', 'the literature', 'agrees'], rows),
  ].join('\n\n');
}
