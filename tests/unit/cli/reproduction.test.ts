import { describe, expect, it } from 'vitest';
import { Args } from '../../../src/cli/args.ts';
import { evaluateOptions } from '../../../src/cli/evaluate.ts';
import { ablations, collapses, type Ablation } from '../../../src/cli/reproduction/ablations.ts';
import {
  studyRecipe,
  studyTasks,
  untrainedMethods,
  type StudyOptions,
} from '../../../src/cli/reproduction/plan.ts';
import { linePlot } from '../../../src/cli/reproduction/plot.ts';
import { studyPlots } from '../../../src/cli/reproduction/plots.ts';
import { reportOf } from '../../../src/cli/reproduction/report.ts';
import type { StudyResults } from '../../../src/cli/reproduction/results.ts';
import type { Evaluated, Trained } from '../../../src/cli/reproduction/results.ts';
import { bandOf, meanInterval } from '../../../src/cli/reproduction/statistics.ts';
import { trainOptions } from '../../../src/cli/train.ts';
import { completeRecipe } from '../../../src/lab/presets.ts';
import { generatedSets } from '../../../src/world/types.ts';

const options: StudyOptions = {
  work: 'w',
  backend: 'wasm',
  seeds: [1, 2, 3],
  ablationSeeds: [1],
  n: 50,
  pages: 300,
  samples: ['d/musique.jsonl'],
  record: { run: 'run.json', weights: 'weights.safetensors', collapse: 'collapse.json' },
};

describe('the tasks of the study', () => {
  const tasks = studyTasks(options);

  it('are commands that the terminal takes, each with a file of its own to tell that it is done', () => {
    expect(new Set(tasks.map(({ output }) => output)).size).toBe(tasks.length);
    for (const { argv, output } of tasks) {
      const [name, ...rest] = argv;
      const args = new Args(rest, name === 'train' ? trainOptions : evaluateOptions);
      expect(args.text('json')).toBe(output);
    }
  });

  it('evaluate weights that an earlier one wrote', () => {
    const written = new Set<string>();
    let evaluated = 0;
    for (const { argv } of tasks) {
      const after = (option: string): string | undefined =>
        argv.includes(option) ? argv[argv.indexOf(option) + 1] : undefined;
      const policy = after('--policy');
      if (policy !== undefined) {
        expect(written.has(policy), policy).toBe(true);
        evaluated++;
      }
      const saved = after('--save');
      if (saved !== undefined) written.add(saved);
    }
    expect(evaluated).toBe(3);
  });

  it('ask a trained and an untrained policy the same questions, every seed others', () => {
    const asked = tasks
      .filter(({ argv }) => argv.includes('--sets'))
      .map(({ argv }) => argv.slice(argv.indexOf('--sets'), argv.indexOf('--json')).join(' '));
    expect(asked).toHaveLength(6);
    expect(new Set(asked).size).toBe(3);
  });

  it('change one thing of a recipe that stays valid', () => {
    const recipeOf = ({ name, change }: Pick<Ablation, 'name' | 'change'>): string =>
      JSON.stringify(completeRecipe(change(studyRecipe), name));
    const changed = ablations.map(recipeOf);
    expect(new Set([JSON.stringify(studyRecipe), ...changed]).size).toBe(changed.length + 1);
    for (const collapse of collapses) expect(recipeOf(collapse)).not.toBe(JSON.stringify(studyRecipe));
  });
});

describe('intervals over seeds', () => {
  it('are Student’s', () => {
    // scipy.stats.t.interval(0.95, 4, loc=3, scale=sem([1, 2, 3, 4, 5]))
    const { mean, low, high } = meanInterval([1, 2, 3, 4, 5]);
    expect(mean).toBe(3);
    expect(low).toBeCloseTo(1.0368, 3);
    expect(high).toBeCloseTo(4.9632, 3);
    expect(meanInterval([0.4])).toEqual({ mean: 0.4, low: 0.4, high: 0.4 });
    expect(() => meanInterval(Array<number>(20).fill(1))).toThrow('20 seeds');
  });

  it('band the steps that all runs have', () => {
    expect(
      bandOf(
        [
          [1, 2, 3],
          [3, 4],
        ],
        (x) => x,
      ),
    ).toEqual([
      { x: 1, y: 2, low: 1, high: 3 },
      { x: 2, y: 3, low: 2, high: 4 },
    ]);
  });
});

const steps = Array.from({ length: 8 }, (_, i) => ({
  step: i + 1,
  reward: 0.1 * i,
  em: 0.1 * i,
  searches: 1 + 0.2 * i,
  selfCorrections: 0.05 * i,
  responseTokens: 40,
  entropy: 0.5,
  formatRate: 1,
  zeroSpreadGroups: 0.2,
  gradNorm: 0.4,
}));

const trainedTo = (em: number): Trained => {
  const scores = (value: number) => ({ em: value, emSampled: value, searches: 2, selfCorrections: 0.1 });
  return { seconds: 60, before: { musique: scores(0.05) }, after: { musique: scores(em) }, steps };
};

function rowsOf(methods: readonly Evaluated['rows'][number]['method'][], em: number): Evaluated {
  const numbers = { n: 50, em, f1: em, searches: 2, ci95: [em, em] as [number, number] };
  return {
    seconds: 1,
    rows: generatedSets.flatMap((set) =>
      methods.map((method) => ({
        ...numbers,
        method,
        set,
        selfCorrections: em / 2,
        searchesByHops: em,
        byHops: { '2': numbers },
      })),
    ),
  };
}

const results: StudyResults = {
  command: 'npm run -s cli -- reproduce',
  n: 50,
  pages: 300,
  seeds: [1, 2],
  ablationSeeds: [1],
  training: [trainedTo(0.8), trainedTo(0.7)],
  untrained: [rowsOf(untrainedMethods, 0.1), rowsOf(untrainedMethods, 0.12)],
  trained: [rowsOf(['research'], 0.78), rowsOf(['research'], 0.8)],
  variations: new Map(
    [...ablations, ...collapses].map(({ name }, i) => [name, [trainedTo(0.8 - 0.1 * i)]] as const),
  ),
  samples: [],
};

describe('the report', () => {
  it('says the margin over the best prompt baseline, and whether the intervals touch', () => {
    const text = reportOf(results);
    expect(text).toContain('| musique | 79.0 [66.3, 91.7] |');
    expect(text).toContain('+68.0 points');
    expect(text).toContain('passed');
    expect(text).toContain('the intervals are apart on 4 of 4 sets');
    const close = reportOf({ ...results, trained: [rowsOf(['research'], 0.1), rowsOf(['research'], 0.2)] });
    expect(close).toContain('not reached');
    expect(close).toContain('the intervals are apart on 0 of 4 sets');
  });

  it('tells the direction of each ablation against the same seeds unchanged', () => {
    const text = reportOf(results);
    const [same, down] = ablations;
    expect(text).toMatch(new RegExp(`\\| ${same?.name ?? ''} \\| 5\\.0 → 80\\.0 \\| \\+0\\.0 \\| same \\|`));
    expect(text).toMatch(new RegExp(`\\| ${down?.name ?? ''} \\| 5\\.0 → 70\\.0 \\| −10\\.0 \\| down \\|`));
  });

  it('refuses results with a hole', () => {
    expect(() => reportOf({ ...results, trained: [{ seconds: 1, rows: [] }] })).toThrow(
      'no row for research',
    );
  });

  it('has a plot for every picture that it names', () => {
    const drawn = studyPlots(results).map(([name]) => name);
    const named = [...reportOf(results).matchAll(/reproduction\/([\w-]+\.svg)/g)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(3);
    for (const name of named) expect(drawn).toContain(name);
  });
});

describe('a plot', () => {
  it('escapes its words, and refuses to draw nothing', () => {
    const points = [{ x: 1, y: 1, low: 0, high: 2 }];
    const svg = linePlot({
      title: 'a < b & c',
      x: 'x',
      y: 'y',
      format: String,
      lines: [{ name: '<i>', colour: '#000', points }],
    });
    expect(svg).toContain('a &lt; b &amp; c');
    expect(svg).not.toContain('<i>');
    expect(() => linePlot({ title: 't', x: 'x', y: 'y', format: String, lines: [] })).toThrow('no points');
  });
});
