import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LabRequest } from '../../../src/lab/protocol.ts';
import { NANO_FORMAT } from '../../../src/research/format.ts';
import type { Question } from '../../../src/world/types.ts';
import { makePublicFolder, type PublicFolder } from './nodeSurroundings.ts';
import { recipeWith, tokenizer } from './tinyPolicy.ts';
import { errorIn, WatchedLab } from './watchedLab.ts';

const question: Question = { id: 'q', set: 'musique', text: 'Who wrote Cholwis?', golds: ['Mara Tolven'] };
const passages = [{ id: 'p', title: 'Cholwis', text: 'Cholwis is a book. Mara Tolven wrote it.' }];

let folder: PublicFolder;
let lab: WatchedLab;
beforeAll(async () => {
  folder = await makePublicFolder();
});
afterAll(() => folder.remove());
beforeEach(async () => {
  lab = new WatchedLab(folder);
  await lab.load(recipeWith({ rollout: { maxTokens: 300 } }));
});

const own = (given = passages): LabRequest => ({
  type: 'corpus',
  id: lab.nextId(),
  corpus: { kind: 'own', name: 'mine', passages: given },
});
const ask = (change: Partial<Extract<LabRequest, { type: 'play' }>> = {}): LabRequest & { id: number } => ({
  type: 'play',
  id: lab.nextId(),
  question,
  policy: 'base',
  temperature: 1,
  seed: 1,
  ...change,
});

describe('Play', () => {
  it('opens a generated world with questions, and passages of one’s own', async () => {
    await lab.ask({ type: 'corpus', id: 71, corpus: { kind: 'generated', worldSeed: 3 } });
    await lab.ask(own());
    const [world, mine] = lab.all('corpus');
    expect(world).toMatchObject({ id: 71, name: 'Generated world 3' });
    expect(world && 'passages' in world ? world.passages.length : 0).toBeGreaterThanOrEqual(60);
    expect(world?.questions.length).toBeGreaterThan(20);
    expect(mine).toMatchObject({ name: 'mine', passages, questions: [] });
    const choice = { kind: 'own', name: 'set', passages, questions: [question] } as const;
    await lab.ask({ type: 'corpus', id: 72, corpus: choice });
    expect(lab.all('corpus').at(-1)).toMatchObject({ id: 72, name: 'set', questions: [question] });
  });

  it('draws a map of the open corpus, of the newest one after another was opened', async () => {
    expect(errorIn(await lab.ask({ type: 'map', id: 1 }))).toMatchObject({ request: 'map', id: 1 });
    await lab.ask(own());
    const two = [...passages, { id: 'r', title: 'Ombry', text: 'The Ombry is a river.' }];
    await lab.ask(own(two));
    await lab.ask({ type: 'map', id: 2 });
    await lab.ask({ type: 'near', id: 3, to: [{ query: 'river Ombry' }, { passage: 'r' }], k: 2 });
    expect(lab.all('map').map(({ id, at }) => [id, at.length])).toEqual([[2, 4]]);
    const [near] = lab.all('near');
    expect(near?.found[0]?.passages.map(({ id }) => id).sort()).toEqual(['p', 'r']);
    expect(near?.found[1]?.passages.map(({ id }) => id)).toEqual(['p']);
  });

  it('answers token by token, and finds what it searches', async () => {
    await lab.ask(own());
    const request = ask();
    const events = (await lab.ask(request)).filter((event) => event.type === 'play');
    expect(events.length).toBeGreaterThan(1);
    expect(events.map(({ done }) => done)).toEqual([...events.slice(1).map(() => false), true]);
    const last = events.at(-1)?.trace;
    for (const { id, trace } of events) {
      expect(id).toBe(request.id);
      expect(last?.tokens.ids.slice(0, trace.tokens.ids.length)).toEqual(trace.tokens.ids);
    }
    expect(last?.prompt.ids).toEqual(NANO_FORMAT.prompt.build(question.text, tokenizer));
    expect(last).toMatchObject({ policy: 'base', seed: 1, question: { golds: question.golds } });
    expect(last?.reward).toBeDefined();
    const searches = [];
    for (let seed = 1; searches.length === 0 && seed < 20; seed++) {
      searches.push(...(await lab.play('base', question, { seed })).searches);
    }
    expect(searches.flatMap((search) => search.passages).every(({ id }) => id === 'p')).toBe(true);
  });

  it('gives base and policy in training the same draws, and other draws for another seed', async () => {
    await lab.ask(own());
    const [base, current, other] = [
      await lab.play('base', question),
      await lab.play('current', question),
      await lab.play('base', question, { seed: 2 }),
    ];
    expect(current.tokens.ids).toEqual(base.tokens.ids);
    expect(other.tokens.ids).not.toEqual(base.tokens.ids);
    await lab.ask({ type: 'step' });
    expect((await lab.play('base', question)).tokens.ids).toEqual(base.tokens.ids);
    expect((await lab.play('current', question)).tokens.ids).not.toEqual(base.tokens.ids);
  });

  it('answers two questions at once as it answers one', async () => {
    await lab.ask(own());
    const alone = await lab.play('base', question);
    const [first, second] = await Promise.all([lab.play('base', question), lab.play('current', question)]);
    expect(first.tokens.ids).toEqual(alone.tokens.ids);
    expect(second.tokens.ids).toEqual(alone.tokens.ids);
  });

  it('keeps the weights it began with while an update changes them', async () => {
    await lab.ask(own());
    await lab.ask({ type: 'step' });
    const before = await lab.play('current', question);
    expect(before.tokens.ids.length).toBeGreaterThan(50);
    const step = lab.ask({ type: 'step' });
    for (let phase = await lab.next('phase'); phase.done < phase.total;) phase = await lab.next('phase');
    // All is rolled out; the gradient takes fewer turns than the answer has tokens.
    const during = await lab.play('current', question);
    await step;
    expect(during.tokens.ids).toEqual(before.tokens.ids);
    expect((await lab.play('current', question)).tokens.ids).not.toEqual(before.tokens.ids);
  });

  it('tells the likeliest tokens after a prefix', async () => {
    const prefix = NANO_FORMAT.prompt.build(question.text, tokenizer);
    await lab.ask({ type: 'alternatives', id: 5, prefix, policy: 'base', k: 4 });
    const [told] = lab.all('alternatives');
    const probabilities = told?.tokens.map(({ probability }) => probability) ?? [];
    expect(told).toMatchObject({ id: 5, tokens: { length: 4 } });
    expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a));
    expect(probabilities.every((p) => p > 1 / tokenizer.vocabularySize && p < 1)).toBe(true);
  });

  it('says what is missing, and keeps the corpus that was open', async () => {
    expect(errorIn(await lab.ask(ask())).message).toMatch(/^No corpus is open/);
    await lab.ask(own());
    const before = await lab.play('base', question);
    expect(errorIn(await lab.ask(own([]))).message).toMatch(/^mine: there is no passage/);
    expect(errorIn(await lab.ask(ask({ policy: 'trained' }))).message).toMatch(/no trained checkpoint/);
    expect((await lab.play('base', question)).tokens.ids).toEqual(before.tokens.ids);
  });
});

describe('cancel', () => {
  it('breaks off a rollout with what it has written', async () => {
    await lab.ask(own());
    const whole = await lab.play('base', question);
    const request = ask();
    const playing = lab.ask(request);
    await lab.next('play');
    await lab.ask({ type: 'cancel', id: request.id });
    const last = (await playing).at(-1);
    expect(last).toMatchObject({ type: 'play', id: request.id, done: true, trace: { stop: 'aborted' } });
    const ids = last?.type === 'play' ? last.trace.tokens.ids : [];
    expect(ids.length).toBeLessThan(whole.tokens.ids.length);
    expect(ids).toEqual(whole.tokens.ids.slice(0, ids.length));
    expect((await lab.play('base', question)).tokens.ids).toEqual(whole.tokens.ids);
  });

  it('breaks off one rollout and not the other', async () => {
    await lab.ask(own());
    const whole = await lab.play('base', question);
    const [cancelled, kept] = [ask(), ask({ policy: 'current' })];
    const both = [lab.ask(cancelled), lab.ask(kept)];
    await lab.ask({ type: 'cancel', id: cancelled.id });
    await Promise.all(both);
    const end = lab.all('play').find((event) => event.id === kept.id && event.done);
    expect(end?.trace.tokens.ids).toEqual(whole.tokens.ids);
    expect(errorIn(lab.events)).toMatchObject({ request: 'play', id: cancelled.id });
  });

  it('leaves the corpus that was open', async () => {
    await lab.ask(own());
    const before = await lab.play('base', question);
    const id = lab.nextId();
    const opening = lab.ask({ type: 'corpus', id, corpus: { kind: 'generated', worldSeed: 1 } });
    await lab.ask({ type: 'cancel', id });
    expect(errorIn(await opening)).toEqual({ type: 'error', request: 'corpus', id, message: 'Stopped.' });
    expect((await lab.play('base', question)).tokens.ids).toEqual(before.tokens.ids);
  });

  it('of what is over, or never was, does nothing', async () => {
    expect(await lab.ask({ type: 'cancel', id: 999 })).toEqual([]);
  });
});
