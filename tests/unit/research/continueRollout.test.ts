import { describe, expect, it } from 'vitest';
import { continueRollout } from '../../../src/research/continueRollout.ts';
import { NANO_FORMAT } from '../../../src/research/format.ts';
import { rollOut } from '../../../src/research/rollout.ts';
import type { RolloutOptions } from '../../../src/research/rolloutOptions.ts';
import { beginningOf } from '../../../src/traces/beginning.ts';
import type { Trace } from '../../../src/traces/trace.ts';
import { QUESTION, ScriptedPolicy, ScriptedRetriever, tokenizer } from './scriptedPolicy.ts';

const OPTIONS: RolloutOptions = {
  format: NANO_FORMAT,
  sampling: { temperature: 1, topK: 0, topP: 1 },
  seed: 3,
  passages: 1,
  maxTokens: 300,
  maxSearches: 0,
  emptyQuery: 'search',
  slots: 1,
  label: 'fork',
};
const TASK = { question: QUESTION, group: 0, rollout: 0, draw: 0 };
const ANSWER = '<answer>\\boxed{ Mara Tolven}</answer><|end|>';

async function original(): Promise<Trace> {
  const policy = new ScriptedPolicy(() => [
    '<think> who wrote it</think><search> Cholwis</search>',
    `<think> the film</think>${ANSWER}`,
  ]);
  const [trace] = await rollOut(policy, new ScriptedRetriever(), [TASK], OPTIONS);
  if (trace === undefined) throw new Error('no trace');
  return trace;
}

/** The place of the last token that reads so. */
const lastAt = (trace: Trace, text: string): number => trace.tokens.texts.lastIndexOf(text);

async function forked(
  trace: Trace,
  at: number,
  token: string,
  parts: readonly string[],
  options: Partial<RolloutOptions> = {},
) {
  const prompts: string[] = [];
  const policy = new ScriptedPolicy((prompt) => {
    prompts.push(prompt);
    return parts;
  });
  const retriever = new ScriptedRetriever();
  const [id] = tokenizer.encode(token);
  if (id === undefined) throw new Error(`no token ${token}`);
  const task = { ...TASK, begun: beginningOf(trace, at) };
  const taken = { id, logprob: -2.5 };
  const fork = await continueRollout(policy, retriever, task, taken, { ...OPTIONS, ...options });
  return { fork, prompts, retriever };
}

describe('continueRollout', () => {
  it('keeps the beginning as it was, takes the token, and lets the policy go on after it', async () => {
    const trace = await original();
    const at = lastAt(trace, '</think>');
    const { fork, prompts } = await forked(trace, at, '<search>', [' the book</search>', ANSWER]);
    expect(fork.tokens.ids.slice(0, at)).toEqual(trace.tokens.ids.slice(0, at));
    expect(fork.tokens.logprobs?.slice(0, at)).toEqual(trace.tokens.logprobs?.slice(0, at));
    expect(fork.tokens.generated.slice(0, at)).toEqual(trace.tokens.generated.slice(0, at));
    expect(fork.tokens.texts[at]).toBe('<search>');
    expect(fork.tokens.logprobs?.[at]).toBe(-2.5);
    expect(prompts).toEqual([trace.prompt.text + trace.tokens.texts.slice(0, at).join('') + '<search>']);
    expect(fork.searches.map(({ query, passages }) => [query, passages[0]?.id])).toEqual([
      ['Cholwis', 'film'],
      ['the book', 'book'],
    ]);
    expect(fork.searches[0]?.passages).toEqual(trace.searches[0]?.passages);
    expect(fork.reward).toMatchObject({ em: 1 });
    expect(fork.stop).toBe('eos');
  });

  it('searches at once where the token taken closes a search', async () => {
    const trace = await original();
    const at = trace.tokens.texts.indexOf('</search>');
    const { fork, retriever } = await forked(trace, at, '</search>', [ANSWER]);
    expect(retriever.batches).toEqual([['Cholwis']]);
    expect(fork.tokens.ids.slice(0, at + 1)).toEqual(trace.tokens.ids.slice(0, at + 1));
    expect(fork.searches).toHaveLength(1);
    expect(fork.segments.map(({ kind }) => kind)).toEqual(['think', 'search', 'result', 'answer', 'text']);
  });

  it('ends where the token taken ends the rollout, and asks the policy for nothing', async () => {
    const trace = await original();
    const { fork, prompts } = await forked(trace, 2, '<|end|>', []);
    expect(fork.stop).toBe('eos');
    expect(fork.tokens.ids).toHaveLength(3);
    expect(prompts).toEqual([]);
  });

  it('ends at the most tokens, the beginning counted', async () => {
    const trace = await original();
    const { fork } = await forked(trace, 2, '<think>', [ANSWER], { maxTokens: 6 });
    expect(fork.stop).toBe('length');
    expect(fork.tokens.ids).toHaveLength(6);
    await expect(forked(trace, 4, '<think>', [ANSWER], { maxTokens: 4 })).rejects.toThrow(
      'has 4 tokens at that place, and may have 4',
    );
  });

  it('is broken off with what there is', async () => {
    const trace = await original();
    const { fork } = await forked(trace, 2, '<think>', [ANSWER], { signal: AbortSignal.abort() });
    expect(fork).toMatchObject({ stop: 'aborted', tokens: { ids: { length: 3 } } });
    expect(fork.reward).toBeUndefined();
  });
});

describe('beginningOf', () => {
  it('refuses a token that the policy did not write, and words of a file', async () => {
    const trace = await original();
    const inserted = trace.tokens.generated.indexOf(false);
    expect(() => beginningOf(trace, inserted)).toThrow(`Token ${inserted} was not written by the policy`);
    expect(() => beginningOf({ ...trace, pieces: 'words' }, 2)).toThrow('without token ids');
  });
});
