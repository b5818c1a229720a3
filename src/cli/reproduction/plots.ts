import { collapses } from './ablations.ts';
import { linePlot, plotColours } from './plot.ts';
import type { Step, StudyResults } from './results.ts';
import { bandOf } from './statistics.ts';

const percent = (y: number): string => `${(100 * y).toFixed(0)} %`;
const plain = (y: number): string => y.toFixed(1);

/** The plots of the report: file names and their SVG. */
export function studyPlots(results: StudyResults): (readonly [name: string, svg: string])[] {
  const runs = results.training.map(({ steps }) => steps);
  const over = (title: string, y: string, value: (step: Step) => number, format: (y: number) => string) =>
    linePlot({
      title,
      x: 'update',
      y,
      format,
      lines: [{ name: 'trained', colour: plotColours[0], points: bandOf(runs, value) }],
    });
  const both = (title: string, y: string, value: (step: Step) => number, format: (y: number) => string) =>
    linePlot({
      title,
      x: 'update',
      y,
      format,
      lines: [
        { name: 'the study’s', colour: plotColours[0], points: bandOf(runs, value) },
        ...collapses.map(({ name }, i) => ({
          name,
          colour: plotColours[1 + i] ?? plotColours[0],
          dashed: true,
          points: bandOf(
            (results.variations.get(name) ?? []).map(({ steps }) => steps),
            value,
          ),
        })),
      ],
    });
  const plots: (readonly [string, string])[] = [
    ['searches.svg', over('Searches', 'a rollout', (step) => step.searches, plain)],
    [
      'corrections.svg',
      over('Self-correction', 'share of rollouts', (step) => step.selfCorrections, percent),
    ],
    ['em.svg', over('Exact match', 'sampled, training questions', (step) => step.em, percent)],
  ];
  if (collapses.every(({ name }) => (results.variations.get(name)?.length ?? 0) > 0)) {
    plots.push(
      ['collapse-em.svg', both('Exact match', 'sampled, training questions', (step) => step.em, percent)],
      ['collapse-entropy.svg', both('Entropy', 'nats a token', (step) => step.entropy, plain)],
    );
  }
  return plots;
}
