import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changedFields, takesEffect } from '../../../src/lab/turning.ts';
import { makePublicFolder, type PublicFolder } from './nodeSurroundings.ts';
import { recipeWith, tinyRecipe } from './tinyPolicy.ts';
import { errorIn, WatchedLab } from './watchedLab.ts';

let folder: PublicFolder;
beforeAll(async () => {
  folder = await makePublicFolder();
});
afterAll(() => folder.remove());

const short = recipeWith({ evaluation: { questions: 0 }, grpo: { steps: 2 } });

async function opened(): Promise<WatchedLab> {
  const lab = new WatchedLab(folder);
  await lab.load(short);
  return lab;
}

const withGrpo = (change: Partial<typeof short.grpo>) => ({ ...short, grpo: { ...short.grpo, ...change } });

describe('dials turned while a run goes on', () => {
  it('act from the next update on', async () => {
    const lab = await opened();
    const running = lab.ask({ type: 'start' });
    await lab.next('phase');
    await lab.ask({ type: 'turn', recipe: withGrpo({ groupSize: 2 }) });
    expect(lab.all('turned')).toEqual([]);
    await running;
    expect(lab.all('turned').map(({ step }) => step)).toEqual([1]);
    expect(lab.all('update').map(({ groups }) => groups.map(({ traces }) => traces.length))).toEqual([
      [3, 3, 3],
      [2, 2, 2],
    ]);
  });

  it('let a finished run go on, when there are more updates to make', async () => {
    const lab = await opened();
    await lab.ask({ type: 'start' });
    expect(lab.state).toBe('done');
    await lab.ask({ type: 'turn', recipe: withGrpo({ steps: 3 }) });
    expect(lab.state).toBe('paused');
    await lab.ask({ type: 'start' });
    expect(lab.all('update').map(({ metrics }) => metrics.step)).toEqual([1, 2, 3]);
    expect(lab.state).toBe('done');
  });

  it('are refused where they need a new run, and the run stays as it is', async () => {
    const lab = await opened();
    await lab.ask({ type: 'step' });
    const recipe = { ...withGrpo({ groupSize: 2 }), seed: 9 };
    expect(errorIn(await lab.ask({ type: 'turn', recipe })).message).toMatch(/^seed: needs a new run/);
    await lab.ask({ type: 'step' });
    expect(lab.all('turned')).toEqual([]);
    expect(lab.all('update').at(-1)?.groups[0]?.traces).toHaveLength(3);
  });
});

describe('what a dial takes', () => {
  it('is a new run for whatever is opened with the run', () => {
    const fields = ['grpo.learningRate', 'reward.floor', 'rollout.maxTokens', 'evaluation.every'];
    expect(fields.map(takesEffect)).toEqual(fields.map(() => 'next update'));
    const others = ['seed', 'model', 'world.passages', 'rollout.retriever', 'evaluation.questions'];
    expect(others.map(takesEffect)).toEqual(others.map(() => 'new run'));
  });

  it('is asked of the fields that differ', () => {
    expect(changedFields(tinyRecipe, tinyRecipe)).toEqual([]);
    expect(changedFields(short, { ...withGrpo({ clipHigh: 1 }), seed: 3 })).toEqual([
      'seed',
      'grpo.clipHigh',
    ]);
  });
});
