import { generatedSets } from '../../world/types.ts';
import { ablations, collapses, type Direction } from './ablations.ts';
import { untrainedMethods } from './plan.ts';
import type { Evaluated, Row, Step, Trained } from './results.ts';
import { mean, meanInterval, type Interval } from './statistics.ts';

/** Everything that the study's tasks wrote. */
export interface StudyResults {
  readonly command: string;
  readonly n: number;
  readonly pages: number;
  readonly seeds: readonly number[];
  readonly ablationSeeds: readonly number[];
  readonly training: readonly Trained[];
  readonly untrained: readonly Evaluated[];
  readonly trained: readonly Evaluated[];
  /** By the name of the ablation, or of the collapsing pair. */
  readonly variations: ReadonlyMap<string, readonly Trained[]>;
  readonly samples: readonly { readonly file: string; readonly evaluated: Evaluated }[];
}

const percent = (x: number): string => (100 * x).toFixed(1);
const signed = (x: number): string => `${x < 0 ? '−' : '+'}${Math.abs(100 * x).toFixed(1)}`;
const within = ({ mean: m, low, high }: Interval): string =>
  `${percent(m)} [${percent(Math.max(0, low))}, ${percent(Math.min(1, high))}]`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

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

/** The whole of docs/reproduction.md. */
export function reportOf(results: StudyResults): string {
  return [
    intro(results),
    mainTable(results),
    margins(results),
    hopsTable(results),
    searching(results),
    collapse(results),
    ablationTable(results),
    sampleTable(results),
  ].join('\n\n');
}

function intro({ command, n, pages, seeds, training }: StudyResults): string {
  const seconds = mean(training.map((run) => run.seconds));
  return [
    '# The study',
    `Tables and plots are written by this command from what its runs measured; the sentences around them are typed:`,
    `\`\`\`\n${command}\n\`\`\``,
    `The nano policy is trained by GRPO with the recipe \`study\` on questions of MuSiQue’s shape alone, once for each of the seeds ${seeds.join(', ')} (${seconds.toFixed(0)} s a run, its two evaluations included). Each is asked ${String(n)} questions of each set’s shape in a world of its own, of ${String(pages)} pages, that no training and no prior has met; the prompt baselines and the untrained policy are asked the same questions there, with the same retriever. All answers are greedy. An interval is Student’s 95 % interval over the seeds: it holds what the training, the world and the questions do. What the untrained policy has seen is printed on the page and in \`src/research/priorMixture.ts\`.`,
    'The baselines are asked of the untrained policy, as the paper asks them of models before its training. That policy is unskilled on purpose, also in their forms: three in ten of those transcripts of its prior reason to the end, and greedily it follows the other seven. So the margins below say what the reward adds to this policy, not what prompting is worth with an able one.',
  ].join('\n\n');
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

function mainTable(results: StudyResults): string {
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

function margins(results: StudyResults): string {
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

function hopsTable(results: StudyResults): string {
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

function searching(results: StudyResults): string {
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

const stepAt = (steps: readonly Step[], share: number): Step | undefined =>
  steps[Math.min(steps.length - 1, Math.round(share * steps.length))];

function collapse(results: StudyResults): string {
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

const seedsOf = ({ ablationSeeds }: StudyResults): string =>
  `${ablationSeeds.length === 1 ? 'Seed' : 'Seeds'} ${ablationSeeds.join(', ')}`;

/** Points of EM within which a change counts as none. */
const SAME = 0.03;

/** The main runs of the seeds that the ablations take. */
const unchanged = ({ training, seeds, ablationSeeds }: StudyResults): readonly Trained[] =>
  training.filter((_, i) => ablationSeeds.includes(seeds[i] ?? Number.NaN));

function ablationTable(results: StudyResults): string {
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

function sampleTable({ samples }: StudyResults): string {
  if (samples.length === 0) return '## Real files\n\nNone were given to this run (`--samples`).';
  const rows = samples.flatMap(({ file, evaluated }) =>
    evaluated.rows.map((row) => [
      file.split('/').pop() ?? file,
      `${String(evaluated.file?.questions ?? row.n)} of ${String(evaluated.file?.rows ?? row.n)}`,
      row.method,
      percent(row.em),
      percent(row.f1),
      row.searches.toFixed(2),
    ]),
  );
  return [
    '## Real files',
    'A few real rows of each set, with their own paragraphs as the corpus (`npm run -s cli -- evaluate --questions FILE`). The nano policy knows the English of its own worlds only: on pages of Wikipedia it copies names of unknown spelling badly, does not know the relations asked for, and the small embedding model has met none of these words.',
    table(['file', 'rows read', 'method', 'EM, %', 'F1, %', 'searches'], rows),
  ].join('\n\n');
}
