import { describe, expect, it } from 'vitest';
import { runBaseline } from '../../../src/research/baselines/runBaseline.ts';
import type { BaselineOptions } from '../../../src/research/baselines/baselineOptions.ts';
import { NANO_FORMAT } from '../../../src/research/format.ts';
import type { BaselineName } from '../../../src/research/methodNames.ts';
import { groupTasks } from '../../../src/research/rolloutOptions.ts';
import { readTraces, writeTraces } from '../../../src/traces/jsonl.ts';
import type { Trace } from '../../../src/traces/trace.ts';
import { QUESTION, ScriptedPolicy, ScriptedRetriever, type Script } from './scriptedPolicy.ts';

async function ask(method: BaselineName, script: Script, options: Partial<BaselineOptions> = {}, n = 1) {
  const policy = new ScriptedPolicy(script);
  const retriever = new ScriptedRetriever();
  const questions = Array.from({ length: n }, (_, i) => ({ ...QUESTION, id: `q${i}` }));
  const traces = await runBaseline(policy, retriever, groupTasks(questions, 1), {
    method,
    format: NANO_FORMAT,
    sampling: { temperature: 0, topK: 0, topP: 1 },
    seed: 1,
    maxTokens: 400,
    slots: 2,
    label: method,
    ...options,
  });
  const [trace] = traces;
  if (trace === undefined) throw new Error('no trace');
  return { traces, trace, policy, retriever, text: textOf(trace) };
}

const textOf = (trace: Trace): string => trace.tokens.texts.join('');
const FILM = 'Cholwis is a film.';
const BOOK = 'Cholwis: Mara Tolven wrote it.';

describe('naive generation', () => {
  it('answers at once, in a box that it did not open itself', async () => {
    const { trace, text, policy, retriever } = await ask('naive-generation', () => [
      ' Mara Tolven}</answer>',
    ]);
    expect(policy.asked).toEqual(['<|user|> who wrote Cholwis?<|assistant|><answer>\\boxed{']);
    expect(text).toBe('<answer>\\boxed{ Mara Tolven}</answer>');
    expect(retriever.batches).toEqual([]);
    expect(trace.reward).toEqual({
      value: 1,
      branch: 'right answer, F1',
      em: 1,
      f1: 1,
      answer: 'Mara Tolven',
    });
    expect(trace.segments.map(({ kind, closed }) => [kind, closed])).toEqual([['answer', true]]);
    expect(trace.method).toBe('naive-generation');
  });

  it('marks the opening as given: neither the policy’s own nor a result', async () => {
    const { trace } = await ask('naive-generation', () => [' Mara}</answer>']);
    const opening = trace.tokens.given?.filter(Boolean).length;
    expect(opening).toBe(2);
    expect(trace.tokens.generated.slice(0, 2)).toEqual([false, false]);
    expect(trace.tokens.generated.slice(2).every(Boolean)).toBe(true);
    expect(readTraces(writeTraces([trace]), 'a file')).toEqual([trace]);
  });

  it('gives nothing for an answer that never ends, and cuts it', async () => {
    const { trace } = await ask('naive-generation', () => [' who wrote it'.repeat(40)]);
    expect(trace.reward).toMatchObject({ value: 0, em: 0, f1: 0, branch: 'over length' });
    expect(trace.stop).toBe('length');
    expect(trace.tokens.generated.filter(Boolean)).toHaveLength(32);
  });
});

describe('naive RAG', () => {
  it('searches once by the question and puts the pages before the answer', async () => {
    const { trace, text, retriever } = await ask('naive-rag', () => [' a film}</answer>']);
    expect(retriever.batches).toEqual([[QUESTION.text]]);
    expect(text).toBe(`<result> ${FILM} ${BOOK}</result><answer>\\boxed{ a film}</answer>`);
    expect(trace.searches).toHaveLength(1);
    expect(trace.searches[0]).toMatchObject({ query: QUESTION.text, resultSegment: 0 });
    expect(trace.searches[0]?.passages.map(({ gold }) => gold)).toEqual([false, true]);
    expect(trace.reward).toMatchObject({ value: 0, em: 0, branch: 'wrong answer, good format' });
  });

  it('shows as many pages as asked for', async () => {
    const { text } = await ask('naive-rag', () => [' a film}</answer>'], { passages: 1 });
    expect(text).toContain(`<result> ${FILM}</result>`);
  });

  it('leaves out whole pages where there is no room for them', async () => {
    const long = { id: 'long', title: '', text: 'who wrote Cholwis '.repeat(30) };
    const retriever = new ScriptedRetriever();
    retriever.search = (queries) =>
      Promise.resolve(
        queries.map(() => [
          { passage: long, score: 1 },
          { passage: long, score: 0 },
        ]),
      );
    const options = {
      method: 'naive-rag',
      format: NANO_FORMAT,
      sampling: { temperature: 0, topK: 0, topP: 1 },
      seed: 1,
      maxTokens: 220,
      slots: 1,
      label: 'l',
    } as const;
    const policy = new ScriptedPolicy(() => [' x}</answer>']);
    const [trace] = await runBaseline(policy, retriever, groupTasks([QUESTION], 1), options);
    expect(trace?.searches[0]?.passages).toHaveLength(1);
    expect(trace && textOf(trace)).toContain('</result><answer>\\boxed{ x}</answer>');
  });
});

describe('Iter-RetGen', () => {
  const script: Script = (prompt) =>
    prompt.includes(BOOK) ? [' Mara Tolven wrote it.</think>'] : [' the book</think>', ' it}</answer>'];

  it('searches by its generation and the question, begins anew each time, and answers in the third', async () => {
    const { trace, text, policy, retriever } = await ask('iter-retgen', script, { passages: 1 });
    expect(retriever.batches).toEqual([
      [QUESTION.text],
      [`the book ${QUESTION.text}`],
      [`Mara Tolven wrote it. ${QUESTION.text}`],
    ]);
    const prompt = '<|user|> who wrote Cholwis?<|assistant|>';
    expect(policy.asked).toEqual([
      `${prompt}<result> ${FILM}</result><think>`,
      `${prompt}<result> ${BOOK}</result><think>`,
      `${prompt}<result> ${FILM}</result><think>`,
    ]);
    expect(trace.searches).toHaveLength(3);
    expect(trace.restarts).toHaveLength(2);
    const second = trace.restarts?.[0] ?? 0;
    expect(trace.segments.find(({ start }) => start === second)?.kind).toBe('result');
    expect(text.endsWith('<think> the book</think><answer>\\boxed{ it}</answer>')).toBe(true);
    expect(trace.reward?.answer).toBe('it');
  });
});

describe('IRCoT', () => {
  it('searches by each thought, shows no page twice, and answers once a thought concludes', async () => {
    const { trace, text, policy, retriever } = await ask(
      'ircot',
      () => [
        ' Cholwis is the book.</think>',
        ' that is not it</think>',
        ' So the answer is Mara Tolven.</think>',
        ' Mara Tolven}</answer>',
      ],
      { passages: 1 },
    );
    expect(retriever.batches).toEqual([[QUESTION.text], ['Cholwis is the book.'], ['that is not it']]);
    expect(text).toBe(
      `<result> ${FILM}</result><think> Cholwis is the book.</think>` +
        `<result> ${BOOK}</result><think> that is not it</think>` +
        '<result> </result><think> So the answer is Mara Tolven.</think>' +
        '<answer>\\boxed{ Mara Tolven}</answer>',
    );
    expect(trace.searches.map(({ passages }) => passages.length)).toEqual([1, 1, 0]);
    expect(trace.reward?.em).toBe(1);
    // One context going on: opened once.
    expect(policy.asked).toHaveLength(1);
  });

  it('stops thinking after eight steps', async () => {
    const { trace, retriever } = await ask(
      'ircot',
      () => [...Array.from({ length: 8 }, (_, i) => ` it is not ${i}</think>`), ' it}</answer>'],
      { maxTokens: 900 },
    );
    expect(retriever.batches).toHaveLength(8);
    expect(trace.segments.filter(({ kind }) => kind === 'think')).toHaveLength(8);
    expect(trace.reward?.answer).toBe('it');
  });

  it('answers from what it has where the context is full', async () => {
    const { trace, text } = await ask(
      'ircot',
      () => [...Array.from({ length: 8 }, () => ` ${'wrote '.repeat(12)}</think>`), ' it}</answer>'],
      { maxTokens: 180 },
    );
    expect(text).toContain('</think><answer>\\boxed{');
    expect(trace.tokens.ids.length).toBeLessThanOrEqual(180);
    expect(trace.segments.at(-1)?.kind).toBe('answer');
  });

  it('closes a thought that the policy ended the response in, and goes on', async () => {
    const { text, policy } = await ask('ircot', (prompt) =>
      prompt.endsWith('<think>') && !prompt.includes('that is')
        ? [' that is the answer is it<|end|>']
        : [' it}</answer>'],
    );
    expect(text).toContain(' that is the answer is it</think><answer>\\boxed{ it}</answer>');
    expect(text).not.toContain('<|end|>');
    expect(policy.asked).toHaveLength(2);
  });
});

describe('runBaseline', () => {
  it('keeps the order of the tasks with fewer slots than questions', async () => {
    const { traces, policy } = await ask('naive-rag', () => [' it}</answer>'], {}, 5);
    expect(traces.map(({ question }) => question.id)).toEqual(['q0', 'q1', 'q2', 'q3', 'q4']);
    expect(policy.mostOpen).toBe(2);
    expect(policy.disposed).toBe(1);
  });

  it('ends what runs when aborted, unscored, and leaves out what has not begun', async () => {
    const controller = new AbortController();
    let steps = 0;
    const { traces } = await ask(
      'naive-rag',
      () => [' who wrote Cholwis, the book}</answer>'],
      {
        signal: controller.signal,
        breathe: () => {
          if (++steps === 3) controller.abort();
          return Promise.resolve();
        },
      },
      5,
    );
    expect(traces).toHaveLength(2);
    expect(traces.every(({ stop, reward }) => stop === 'aborted' && reward === undefined)).toBe(true);
  });

  it('refuses a context too short for an answer', async () => {
    await expect(ask('ircot', () => [], { positions: 80 })).rejects.toThrow(
      /behind a question of \d+ are too few/,
    );
  });
});
