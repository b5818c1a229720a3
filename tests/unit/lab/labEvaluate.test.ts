import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EvaluationPlan } from '../../../src/lab/evaluationPlan.ts';
import { makePublicFolder, type PublicFolder } from './nodeSurroundings.ts';
import { recipeWith } from './tinyPolicy.ts';
import { errorIn, WatchedLab } from './watchedLab.ts';

let folder: PublicFolder;
let lab: WatchedLab;
beforeAll(async () => {
  folder = await makePublicFolder();
});
afterAll(() => folder.remove());
beforeEach(async () => {
  lab = new WatchedLab(folder);
  await lab.load(recipeWith({ rollout: { maxTokens: 100 } }));
});

const plan: EvaluationPlan = {
  methods: ['naive-generation', 'naive-rag', 'research'],
  sets: ['musique', 'bamboogle'],
  n: 3,
  worldSeed: 5,
  policy: 'current',
};

describe('an evaluation in the lab', () => {
  it('tells its cells with their rollouts, and when it is done', async () => {
    const events = await lab.ask({ type: 'evaluate', id: 4, plan });
    const cells = events.filter((event) => event.type === 'evaluationCell');
    expect(cells.map(({ id, cell: { row } }) => [id, row.method, row.set, row.n])).toEqual(
      plan.sets.flatMap((set) => plan.methods.map((method) => [4, method, set, 3])),
    );
    for (const { cell } of cells) expect(cell.traces).toHaveLength(3);
    expect(events.at(-1)).toMatchObject({ type: 'evaluationDone', id: 4 });
    expect(lab.all('evaluationProgress').at(-1)?.progress).toMatchObject({ done: 3, total: 3 });
  });

  it('stops between two cells or within one, and what was told stays', async () => {
    lab.onEvent = ({ type }) => {
      if (type === 'evaluationCell') void lab.ask({ type: 'cancel', id: 5 });
    };
    const events = await lab.ask({ type: 'evaluate', id: 5, plan });
    expect(errorIn(events)).toMatchObject({ request: 'evaluate', id: 5, message: 'Stopped.' });
    expect(lab.all('evaluationCell')).toHaveLength(1);
    expect(lab.all('evaluationDone')).toEqual([]);
  });

  it('refuses the trained policy where there is none', async () => {
    const events = await lab.ask({ type: 'evaluate', id: 6, plan: { ...plan, policy: 'trained' } });
    expect(errorIn(events).message).toMatch(/no trained checkpoint/);
  });
});
