import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LabRequest } from '../../../src/lab/protocol.ts';
import { beginningOf } from '../../../src/traces/beginning.ts';
import type { Trace } from '../../../src/traces/trace.ts';
import type { Question } from '../../../src/world/types.ts';
import { makePublicFolder, type PublicFolder } from './nodeSurroundings.ts';
import { recipeWith } from './tinyPolicy.ts';
import { errorIn, WatchedLab } from './watchedLab.ts';

const question: Question = { id: 'q', set: 'musique', text: 'Who wrote Cholwis?', golds: ['Mara Tolven'] };
const passages = [{ id: 'p', title: 'Cholwis', text: 'Cholwis is a book. Mara Tolven wrote it.' }];
const recipe = recipeWith({ rollout: { maxTokens: 300 } });

let folder: PublicFolder;
let lab: WatchedLab;
beforeAll(async () => {
  folder = await makePublicFolder();
});
afterAll(() => folder.remove());
beforeEach(async () => {
  lab = new WatchedLab(folder);
  await lab.load(recipe);
});

type ForkRequest = Extract<LabRequest, { type: 'fork' }>;

const forkOf = (trace: Trace, at: number, change: Partial<ForkRequest> = {}): ForkRequest => ({
  type: 'fork',
  id: lab.nextId(),
  question,
  begun: beginningOf(trace, at),
  token: trace.tokens.ids[at] ?? 0,
  place: { kind: 'open corpus' },
  policy: 'base',
  temperature: 1,
  seed: 1,
  ...change,
});

async function fork(request: ForkRequest): Promise<Trace> {
  const last = (await lab.ask(request)).at(-1);
  if (last?.type !== 'play' || !last.done) throw new Error(`The fork ended with ${JSON.stringify(last)}`);
  return last.trace;
}

const openOwn = () =>
  lab.ask({ type: 'corpus', id: lab.nextId(), corpus: { kind: 'own', name: 'mine', passages } });

/** A token of the policy's own in the middle. */
const middle = ({ tokens }: Trace): number => {
  const own = tokens.ids.flatMap((_, i) => (tokens.generated[i] === true ? [i] : []));
  return own[Math.floor(own.length / 2)] ?? 0;
};

describe('fork', () => {
  it('writes the same where the same token is taken with the same dice, another thing after another', async () => {
    await openOwn();
    const whole = await lab.play('base', question);
    const at = middle(whole);
    const same = await fork(forkOf(whole, at));
    expect(same.tokens.ids).toEqual(whole.tokens.ids);
    expect(same.tokens.generated).toEqual(whole.tokens.generated);
    expect(same.searches).toEqual(whole.searches);
    expect(same.tokens.logprobs?.[at]).toBeCloseTo(whole.tokens.logprobs?.[at] ?? 0, 3);
    const prefix = [...whole.prompt.ids, ...whole.tokens.ids.slice(0, at)];
    await lab.ask({ type: 'alternatives', id: 900, prefix, policy: 'base', k: 2 });
    const other = lab
      .all('alternatives')
      .at(-1)
      ?.tokens.find(({ id }) => id !== whole.tokens.ids[at]);
    const forked = await fork(forkOf(whole, at, { token: other?.id ?? 0 }));
    expect(forked.tokens.ids.slice(0, at)).toEqual(whole.tokens.ids.slice(0, at));
    expect(forked.tokens.texts[at]).toBe(other?.text);
    expect(Math.exp(forked.tokens.logprobs?.[at] ?? 0)).toBeCloseTo(other?.probability ?? 0, 3);
    expect(forked.policy).toBe('base');
  });

  it('of a run searches the world that the rollout searched', async () => {
    await lab.ask({ type: 'step' });
    const traces = lab.all('update')[0]?.groups.flatMap((group) => group.traces) ?? [];
    // Its draw number is 0, as a fork's is: with the same seed it must write the same, if its results are the same.
    const first = traces[0];
    if (first === undefined) throw new Error('no rollout');
    const at = first.tokens.generated.indexOf(true);
    const place = { kind: 'run', recipe, updates: first.step ?? -1 } as const;
    const group = lab.all('update')[0]?.groups[0];
    const again = await fork(
      forkOf(first, at, {
        place,
        question: group?.question ?? question,
        seed: first.seed ?? 0,
        temperature: recipe.rollout.temperature,
      }),
    );
    expect(again.tokens.ids).toEqual(first.tokens.ids);
    expect(again.searches).toEqual(first.searches);
    expect(again.reward).toEqual(first.reward);
  });

  it('is streamed and can be broken off', async () => {
    await openOwn();
    const whole = await lab.play('base', question);
    const request = forkOf(whole, 1);
    const forking = lab.ask(request);
    const first = await lab.next('play');
    expect(first).toMatchObject({ id: request.id, done: false });
    await lab.ask({ type: 'cancel', id: request.id });
    expect((await forking).at(-1)).toMatchObject({ done: true, trace: { stop: 'aborted' } });
  });

  it('says what is missing', async () => {
    const play = await openOwn().then(() => lab.play('base', question));
    const other = { kind: 'run', recipe: { ...recipe, model: 'other' }, updates: 0 } as const;
    expect(errorIn(await lab.ask(forkOf(play, 1, { place: other }))).message).toContain('of the model other');
    const foreign = forkOf(play, 3);
    const otherText = { ...foreign.begun, text: 'another' };
    expect(errorIn(await lab.ask({ ...foreign, begun: otherText })).message).toContain(
      'not those of the loaded',
    );
    const fresh = new WatchedLab(folder);
    await fresh.load(recipe);
    expect(errorIn(await fresh.ask(forkOf(play, 1))).message).toMatch(/^No corpus is open/);
  });
});
