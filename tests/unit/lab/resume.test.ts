import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCheckpoint, type RunCheckpoint } from '../../../src/lab/checkpoint.ts';
import { makePublicFolder, type PublicFolder } from './nodeSurroundings.ts';
import { recipeWith, tinyRecipe } from './tinyPolicy.ts';
import { errorIn, WatchedLab } from './watchedLab.ts';

let folder: PublicFolder;
beforeAll(async () => {
  folder = await makePublicFolder();
});
afterAll(() => folder.remove());

async function opened(recipe = tinyRecipe): Promise<WatchedLab> {
  const lab = new WatchedLab(folder);
  await lab.load(recipe);
  return lab;
}

async function checkpointOf(lab: WatchedLab): Promise<RunCheckpoint> {
  const [event] = (await lab.ask({ type: 'checkpoint', id: lab.nextId() })).filter(
    ({ type }) => type === 'checkpoint',
  );
  if (event?.type !== 'checkpoint') throw new Error('no checkpoint');
  return parseCheckpoint(event.checkpoint, 'the test');
}

const rows = (lab: WatchedLab) =>
  lab.all('update').map(({ metrics: { secondsRollout: _r, secondsTrain: _t, ...metrics } }) => metrics);

describe('a run that goes on', () => {
  it('is the run that never stopped, bit by bit, in another lab', async () => {
    const straight = await opened();
    await straight.ask({ type: 'start' });

    const first = await opened();
    await first.ask({ type: 'step' });
    const checkpoint = await checkpointOf(first);
    expect(checkpoint).toMatchObject({
      updates: 1,
      adamStep: 1,
      evaluatedBefore: true,
      evaluatedAfter: false,
    });

    const second = await opened();
    await second.ask({ type: 'resume', checkpoint });
    expect(second.state).toBe('paused');
    await second.ask({ type: 'start' });
    expect(second.state).toBe('done');
    expect(rows(second)).toEqual(rows(straight).slice(1));
    // What was measured before it stopped is not measured again.
    expect(second.all('evaluated').map(({ when }) => when)).toEqual(['after']);
    expect(second.all('evaluated')[0]?.scores).toEqual(straight.all('evaluated').at(-1)?.scores);
    expect(await checkpointOf(second)).toEqual(await checkpointOf(straight));
  });

  it('is kept after the update that is under way, and not when it is stopped before', async () => {
    const lab = await opened();
    const running = lab.ask({ type: 'start' });
    await lab.next('phase');
    const during = checkpointOf(lab);
    await lab.next('update');
    expect((await during).updates).toBe(1);
    await lab.next('phase');
    const late = lab.ask({ type: 'checkpoint', id: lab.nextId() });
    await lab.ask({ type: 'stop' });
    await running;
    expect(errorIn(await late).message).toMatch(/ended before it could be kept/);
    expect(errorIn(await lab.ask({ type: 'checkpoint', id: lab.nextId() })).message).toMatch(
      /no run to keep/,
    );
  });

  it('of another model is refused, and nothing is changed', async () => {
    const lab = await opened(recipeWith({ evaluation: { questions: 0 } }));
    await lab.ask({ type: 'step' });
    const checkpoint = await checkpointOf(lab);
    const cut = (values: Float32Array): Float32Array => values.slice(0, 64);
    const { weights, m, v } = checkpoint;
    const other = { ...checkpoint, weights: cut(weights), m: cut(m), v: cut(v) };
    expect(errorIn(await lab.ask({ type: 'resume', checkpoint: other })).message).toMatch(
      /policy that trains 64 numbers/,
    );
    expect(lab.state).toBe('ready');
    await lab.ask({ type: 'resume', checkpoint });
    expect((await checkpointOf(lab)).updates).toBe(1);
  });
});

describe('a checkpoint from elsewhere', () => {
  const good: RunCheckpoint = {
    version: 1,
    updates: 1,
    weights: new Float32Array([1, 2]),
    m: new Float32Array(2),
    v: new Float32Array(2),
    adamStep: 1,
    evaluatedBefore: true,
    evaluatedAfter: false,
  };
  it.each([
    ['another version', { version: 2 }],
    ['moments of another size', { m: new Float32Array(3) }],
    ['a weight that is no number', { weights: new Float32Array([1, NaN]) }],
    ['no list of floats', { weights: [1, 2] }],
  ])('is refused by name: %s', (_name, change) => {
    expect(parseCheckpoint(good, 'x')).toEqual(good);
    expect(() => parseCheckpoint({ ...good, ...change }, 'the file')).toThrow(
      /^the file cannot be gone on with/,
    );
  });
});
