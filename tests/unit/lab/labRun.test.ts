import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabEvent } from '../../../src/lab/protocol.ts';
import { generateWorld } from '../../../src/world/generate.ts';
import { makePublicFolder, type PublicFolder } from './nodeSurroundings.ts';
import { recipeWith, tinyRecipe } from './tinyPolicy.ts';
import { errorIn, WatchedLab } from './watchedLab.ts';

let folder: PublicFolder;
beforeAll(async () => {
  folder = await makePublicFolder();
});
afterAll(() => folder.remove());

const [question] = generateWorld({ seed: 1, questions: 1, ...tinyRecipe.world }).questions;
if (!question) throw new Error('the world has no question');

async function opened(recipe = tinyRecipe): Promise<WatchedLab> {
  const lab = new WatchedLab(folder);
  await lab.load(recipe);
  await lab.ask({ type: 'corpus', id: lab.nextId(), corpus: { kind: 'generated', worldSeed: 1 } });
  return lab;
}

const kinds = (events: readonly LabEvent[]): string[] =>
  events
    .filter(({ type }) => type !== 'phase' && type !== 'progress')
    .map((event) => {
      if (event.type === 'state') return event.state;
      if (event.type === 'update') return `update ${event.metrics.step}`;
      return event.type === 'evaluated' ? `evaluated ${event.when}` : event.type;
    });

/** What base and policy in training say to the same draws; `same` if word for word the same. */
async function answers(lab: WatchedLab): Promise<{ base: readonly number[]; same: boolean }> {
  const base = await lab.play('base', question as NonNullable<typeof question>);
  const current = await lab.play('current', question as NonNullable<typeof question>);
  return { base: base.tokens.ids, same: base.tokens.ids.join() === current.tokens.ids.join() };
}

describe('a lab’s run', () => {
  it('loads, steps, pauses, goes on to its end, and stops with the base weights back', async () => {
    const lab = new WatchedLab(folder);
    const loading = await lab.load();
    expect(kinds(loading)).toEqual(['loading', 'loaded', 'ready']);
    expect(lab.all('loaded')[0]?.info).toMatchObject({ backend: 'wasm', hasTrained: false });
    await lab.ask({ type: 'corpus', id: lab.nextId(), corpus: { kind: 'generated', worldSeed: 1 } });
    const fresh = await answers(lab);
    expect(fresh.same).toBe(true);

    expect(kinds(await lab.ask({ type: 'step' }))).toEqual([
      'running',
      'evaluated before',
      'update 1',
      'paused',
    ]);
    const stepped = await answers(lab);
    expect(stepped).toEqual({ base: fresh.base, same: false });

    const running = lab.ask({ type: 'start' });
    await lab.next('phase');
    await lab.ask({ type: 'pause' });
    expect(kinds(await running)).toEqual(['running', 'pausing', 'update 2', 'paused']);

    expect(kinds(await lab.ask({ type: 'start' }))).toEqual([
      'running',
      'update 3',
      'evaluated after',
      'done',
    ]);
    expect(kinds(await lab.ask({ type: 'stop' }))).toEqual(['ready']);
    expect(await answers(lab)).toEqual({ base: fresh.base, same: true });
    expect(lab.all('error')).toEqual([]);
  });

  it('is the same run whether stepped, paused or straight, and again after a stop', async () => {
    const lab = await opened();
    const weightsSay = async (): Promise<string> =>
      (await lab.play('current', question)).tokens.logprobs?.join() ?? '';
    await lab.ask({ type: 'start' });
    const straight = await weightsSay();
    await lab.ask({ type: 'stop' });
    for (let step = 0; step < 3; step++) await lab.ask({ type: 'step' });
    expect(lab.state).toBe('done');
    expect(await weightsSay()).toBe(straight);
    const reward = lab.all('update').map(({ metrics }) => [metrics.step, metrics.entropy, metrics.gradNorm]);
    expect(reward.slice(3)).toEqual(reward.slice(0, 3));
  });

  it('stops in the middle of an update, and begins anew', async () => {
    const lab = await opened();
    const run = lab.ask({ type: 'start' });
    await lab.next('update');
    await lab.next('phase');
    await lab.ask({ type: 'stop' });
    await run;
    expect(lab.state).toBe('ready');
    expect((await answers(lab)).same).toBe(true);
    expect(kinds(await lab.ask({ type: 'step' }))).toEqual([
      'running',
      'evaluated before',
      'update 1',
      'paused',
    ]);
    expect(lab.all('error')).toEqual([]);
  });

  it('begins anew when start is asked for while it is being stopped', async () => {
    const lab = await opened(recipeWith({ grpo: { steps: 1 } }));
    const run = lab.ask({ type: 'start' });
    await lab.next('phase');
    const stop = lab.ask({ type: 'stop' });
    const again = lab.ask({ type: 'start' });
    await Promise.all([run, stop, again]);
    expect(kinds(lab.events).slice(-5)).toEqual([
      'running',
      'evaluated before',
      'update 1',
      'evaluated after',
      'done',
    ]);
    expect(lab.all('error')).toEqual([]);
  });

  it('evaluates between updates as often as the recipe says, and not at all for no questions', async () => {
    const often = await opened(recipeWith({ evaluation: { every: 1 }, grpo: { steps: 2 } }));
    expect(kinds(await often.ask({ type: 'start' }))).toEqual([
      'running',
      'evaluated before',
      'update 1',
      'evaluated during',
      'update 2',
      'evaluated after',
      'done',
    ]);
    const never = await opened(recipeWith({ evaluation: { questions: 0, every: 1 }, grpo: { steps: 1 } }));
    expect(kinds(await never.ask({ type: 'start' }))).toEqual(['running', 'update 1', 'done']);
  });

  it('fails with a message, not in silence', async () => {
    const lab = await opened(recipeWith({ rollout: { temperature: 0 } }));
    const events = await lab.ask({ type: 'step' });
    expect(errorIn(events)).toMatchObject({
      request: 'step',
      message: expect.stringMatching(/rollout\.temperature is 0/) as string,
    });
    expect(lab.state).toBe('failed');
  });

  it.each(['start', 'step', 'pause', 'stop'] as const)('tells that nothing is loaded to %s', async (type) => {
    const lab = new WatchedLab(folder);
    expect(errorIn(await lab.ask({ type }))).toEqual({
      type: 'error',
      request: type,
      message: 'The engine is not loaded yet.',
    });
  });
});
