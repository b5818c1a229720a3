import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WebllmState } from '../../../src/lab/webllmProtocol.ts';
import type { Question } from '../../../src/world/types.ts';
import { ADDED, CHATML, RECORD, ScriptedWebllm, textError, type Stretch } from '../policy/scriptedWebllm.ts';
import { workerOfTest, type WorkerOfTest } from '../policy/webllmInWorker.ts';
import { makePublicFolder, type PublicFolder } from './nodeSurroundings.ts';
import { recipeWith } from './tinyPolicy.ts';
import { errorIn, WatchedLab } from './watchedLab.ts';

/** A model of web-llm's beside the page's own engine: loaded, asked over the open corpus, given back. */

const question: Question = { id: 'q', set: 'musique', text: 'Who wrote Cholwis?', golds: ['Mara Tolven'] };
const passages = [{ id: 'p', title: 'Cholwis', text: 'Cholwis is a book. Mara Tolven wrote it.' }];
const SEARCHING: Stretch = { tokens: ['<search>', ' Cholwis', '</', 'search', '>'] };
const ANSWERING: Stretch = { tokens: ['<answer>', ' \\boxed{', 'Mara Tolven', '}', '</answer>'] };

/** A record whose small files come without a network. */
const dataUrl = (value: unknown): string =>
  `data:application/json,${encodeURIComponent(JSON.stringify(value))}`;
const files: Readonly<Record<string, unknown>> = {
  'mlc-chat-config.json': { conv_template: CHATML, tokenizer_files: ['tokenizer.json'] },
  'tokenizer.json': { added_tokens: ADDED },
};

let folder: PublicFolder;
const realFetch = globalThis.fetch;
beforeAll(async () => {
  folder = await makePublicFolder();
  globalThis.fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const file = url.startsWith(RECORD.model) ? files[url.split('/').at(-1) ?? ''] : undefined;
    return realFetch(file === undefined ? input : dataUrl(file), init);
  };
});
afterAll(async () => {
  globalThis.fetch = realFetch;
  await folder.remove();
});

let workers: WorkerOfTest[];
let scripts: ScriptedWebllm[];
let lab: WatchedLab;
beforeEach(() => {
  workers = [];
  scripts = [];
  lab = new WatchedLab(folder, {
    open: () => {
      const scripted = scripts.shift();
      if (scripted === undefined) throw new Error('another worker was opened');
      const worker = workerOfTest(scripted);
      workers.push(worker);
      return worker;
    },
    caches: () => {
      throw new Error('no folder was dropped');
    },
  });
});

const states = (): WebllmState[] => lab.all('webllm').map(({ state }) => state);
const load = (scripted = new ScriptedWebllm()) => {
  scripts.push(scripted);
  return lab.ask({ type: 'webllm-load', record: { ...RECORD, vram_required_MB: 100 } });
};

async function loadedWith(...script: Stretch[]): Promise<ScriptedWebllm> {
  const scripted = new ScriptedWebllm(script);
  await lab.load(recipeWith({ rollout: { maxTokens: 100 } }));
  const corpus = { kind: 'own', name: 'mine', passages } as const;
  await lab.ask({ type: 'corpus', id: lab.nextId(), corpus });
  await load(scripted);
  return scripted;
}
const ask = () => ({ type: 'webllm-play', id: lab.nextId(), question, temperature: 1, seed: 3 }) as const;

describe('loading a model of web-llm', () => {
  it('needs no engine, tells how far it is, and what it needs', async () => {
    await load();
    expect(states().map(({ status }) => status)).toEqual(['loading', 'loading', 'loading', 'ready']);
    expect(states()[1]).toMatchObject({ model: RECORD.model_id, progress: 0.5 });
    expect(states().at(-1)).toMatchObject({ model: RECORD.model_id, vramMegabytes: 100 });
  });

  it('gives the one before back first', async () => {
    await load();
    await load();
    expect(workers.map((worker) => worker.closed())).toEqual([true, false]);
    await lab.ask({ type: 'webllm-unload' });
    expect(workers.map((worker) => worker.closed())).toEqual([true, true]);
    expect(states().at(-1)).toEqual({ status: 'none' });
  });

  it('is cancelled by an unload, and says nothing more of it', async () => {
    const scripted = new ScriptedWebllm();
    scripted.loading = () => new Promise(() => undefined);
    const loading = load(scripted);
    await lab.next('webllm');
    await lab.ask({ type: 'webllm-unload' });
    await loading;
    expect(states().at(-1)).toEqual({ status: 'none' });
    expect(workers[0]?.closed()).toBe(true);
    await load();
    expect(states().at(-1)?.status).toBe('ready');
  });

  it('that fails says why, and ends the worker', async () => {
    const scripted = new ScriptedWebllm();
    scripted.loading = () => Promise.reject(textError('DeviceLostError: lost'));
    await load(scripted);
    const told = states().at(-1);
    expect(told).toMatchObject({ status: 'failed', model: RECORD.model_id });
    expect(told?.status === 'failed' && told.message).toMatch(/want of memory/);
    expect(workers[0]?.closed()).toBe(true);
  });
});

describe('asking it', () => {
  it('searches the open corpus, is paid, and tells pieces without logprobs', async () => {
    await loadedWith(SEARCHING, ANSWERING);
    const request = ask();
    const last = (await lab.ask(request)).at(-1);
    if (last?.type !== 'play') throw new Error(JSON.stringify(last));
    expect(last).toMatchObject({ id: request.id, done: true });
    const { trace } = last;
    expect(trace.pieces).toBe('texts');
    expect(trace.tokens).not.toHaveProperty('logprobs');
    expect(trace.searches[0]).toMatchObject({ query: 'Cholwis', passages: [{ id: 'p' }] });
    expect(trace.reward).toMatchObject({ em: 1 });
    expect(trace.policy).toBe(RECORD.model_id);
  });

  it('stops in the middle and keeps what it has written', async () => {
    const scripted = await loadedWith({ tokens: Array.from({ length: 400 }, () => ' a') }, ANSWERING);
    const request = ask();
    const playing = lab.ask(request);
    await lab.next('play');
    await lab.ask({ type: 'cancel', id: request.id });
    const last = (await playing).findLast((event) => event.type === 'play');
    expect(last).toMatchObject({ done: true, trace: { stop: 'aborted' } });
    expect(last?.trace.tokens.texts.length).toBeLessThan(400);
    expect(scripted.holdsModel).toBe(true);
    expect((await lab.ask(ask())).at(-1)).toMatchObject({ done: true, trace: { reward: { em: 1 } } });
  });

  it('writes one answer after the other', async () => {
    const scripted = await loadedWith({ tokens: ['one'] }, { tokens: ['two'] });
    const [first, second] = [ask(), ask()];
    await Promise.all([lab.ask(first), lab.ask(second)]);
    const texts = lab.all('play').flatMap((event) => (event.done ? [event.trace.tokens.texts.join('')] : []));
    expect(texts).toEqual(['one', 'two']);
    expect(scripted.requests).toHaveLength(2);
  });

  it('ends with the model when that is unloaded', async () => {
    await loadedWith({ tokens: Array.from({ length: 400 }, () => ' a') });
    const playing = lab.ask(ask());
    await lab.next('play');
    await lab.ask({ type: 'webllm-unload' });
    expect(errorIn(await playing)).toMatchObject({
      request: 'webllm-play',
      message: 'The model was unloaded.',
    });
    expect(errorIn(await lab.ask(ask())).message).toMatch(/No web-llm model is loaded/);
  });

  it('says when the device was lost, and that the model is gone', async () => {
    const scripted = await loadedWith({ tokens: ['a'] });
    scripted.loseDevice();
    expect(errorIn((await lab.ask(ask())).filter(({ type }) => type === 'error')).message).toMatch(
      /graphics device was lost/,
    );
    expect(states().at(-1)).toMatchObject({ status: 'lost', model: RECORD.model_id });
    expect(workers[0]?.closed()).toBe(true);
  });
});

describe('evaluating it', () => {
  const plan = { sets: ['musique', 'hotpotqa'], n: 2, worldSeed: 5, model: 'm' } as const;

  it('asks every question of every set greedily, a cell a set', async () => {
    const scripted = await loadedWith(...Array.from({ length: 4 }, () => ANSWERING));
    await lab.ask({ type: 'webllm-evaluate', id: 50, plan });
    const cells = lab.all('evaluationCell');
    expect(cells.map(({ id, cell }) => [id, cell.row.set, cell.row.n])).toEqual([
      [50, 'musique', 2],
      [50, 'hotpotqa', 2],
    ]);
    expect(cells[0]?.cell.traces.every(({ pieces }) => pieces === 'texts')).toBe(true);
    expect(scripted.requests.every(({ temperature }) => temperature === 0)).toBe(true);
    expect(lab.all('evaluationDone')).toMatchObject([{ id: 50 }]);
  });

  it('keeps finished cells when stopped', async () => {
    await loadedWith(ANSWERING, ANSWERING, { tokens: Array.from({ length: 400 }, () => ' a') }, ANSWERING);
    const evaluating = lab.ask({ type: 'webllm-evaluate', id: 51, plan });
    await lab.next('evaluationCell');
    await lab.ask({ type: 'cancel', id: 51 });
    expect(errorIn((await evaluating).filter(({ type }) => type === 'error'))).toMatchObject({ id: 51 });
    expect(lab.all('evaluationCell')).toHaveLength(1);
    expect(lab.all('evaluationDone')).toEqual([]);
  });
});
