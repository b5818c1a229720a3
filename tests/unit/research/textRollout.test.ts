import { describe, expect, it } from 'vitest';
import { WebllmPolicy } from '../../../src/policy/webllmPolicy.ts';
import { rollOutText, type TextRolloutOptions } from '../../../src/research/textRollout.ts';
import { readTraces, writeTraces } from '../../../src/traces/jsonl.ts';
import type { Trace } from '../../../src/traces/trace.ts';
import { RECORD, ScriptedWebllm, servedFiles, textError, type Stretch } from '../policy/scriptedWebllm.ts';
import { QUESTION, ScriptedRetriever } from './scriptedPolicy.ts';

const OPTIONS: TextRolloutOptions = {
  sampling: { temperature: 1, topK: 0, topP: 1 },
  seed: 3,
  passages: 1,
  maxTokens: 300,
  maxSearches: 0,
  emptyQuery: 'search',
  label: 's0',
};
const SEARCHING: Stretch = {
  tokens: ['<think>', ' who', '</think>', ' <search>', ' the book Cholwis', '</', 'search', '>'],
};
const ANSWERING: Stretch = {
  tokens: ['<think>', ' her', '</think>', '<answer>', ' \\boxed{', 'Mara Tolven', '}', '</answer>'],
};

async function run(
  script: readonly Stretch[],
  options: Partial<TextRolloutOptions> = {},
): Promise<{ traces: Trace[]; engine: ScriptedWebllm; retriever: ScriptedRetriever }> {
  const engine = new ScriptedWebllm(script);
  const policy = await WebllmPolicy.load(engine, RECORD, { fetch: servedFiles() });
  const retriever = new ScriptedRetriever();
  const tasks = [{ question: QUESTION, group: 0, rollout: 0, draw: 0 }];
  return {
    traces: await rollOutText(policy, retriever, tasks, { ...OPTIONS, ...options }),
    engine,
    retriever,
  };
}

async function runOne(script: readonly Stretch[], options: Partial<TextRolloutOptions> = {}): Promise<Trace> {
  const [trace] = (await run(script, options)).traces;
  if (trace === undefined) throw new Error('no trace');
  return trace;
}

describe('rollOutText', () => {
  it('stops at the search, inserts the result, resumes from the whole text, and is paid', async () => {
    const { traces, engine, retriever } = await run([SEARCHING, ANSWERING]);
    const [trace] = traces;
    expect(retriever.batches).toEqual([['the book Cholwis']]);
    expect(trace?.segments.map(({ kind }) => kind)).toEqual(['think', 'search', 'result', 'think', 'answer']);
    expect(trace?.searches[0]).toMatchObject({
      query: 'the book Cholwis',
      passages: [{ id: 'book', gold: true }],
    });
    expect(trace?.stop).toBe('eos');
    expect(trace?.reward).toMatchObject({ value: 1, branch: 'right answer, F1', em: 1 });
    const [first, second] = engine.requests;
    expect(second?.prompt).toBe(
      `${first?.prompt ?? ''}<think> who</think> <search> the book Cholwis</search> <result>\n"Cholwis"\nMara Tolven wrote it.\n</result>`,
    );
    expect(first?.seed).not.toBe(second?.seed);
    expect(second?.max_tokens).toBe(300 - 8);
  });

  it('leaves out what web-llm does not tell, and its trace is read back', async () => {
    const trace = await runOne([SEARCHING, ANSWERING]);
    expect(trace.pieces).toBe('texts');
    expect(trace.tokens).not.toHaveProperty('logprobs');
    expect(trace.tokens).not.toHaveProperty('entropies');
    expect(new Set(trace.tokens.ids)).toEqual(new Set([0]));
    expect(trace.tokens.generated.filter((own) => !own)).toHaveLength(7);
    const [read] = readTraces(writeTraces([trace]), 't.jsonl');
    expect(read).toEqual(trace);
  });

  it('ends by length where the window is full, and refuses a question that does not fit', async () => {
    const refused = textError('ContextWindowSizeExceededError: Prompt tokens exceed context window size');
    const trace = await runOne([SEARCHING, { tokens: [], refused }]);
    expect(trace.stop).toBe('length');
    expect(trace.reward?.value).toBe(0);
    expect(trace.segments.at(-1)?.kind).toBe('result');
    await expect(run([{ tokens: [], refused }])).rejects.toThrow(/does not fit into the window/);
  });

  it('ends at the search limit and at the token limit', async () => {
    expect((await runOne([SEARCHING, SEARCHING], { maxSearches: 1 })).stop).toBe('searches');
    expect((await runOne([SEARCHING], { maxTokens: 8 })).stop).toBe('length');
  });

  it('keeps what was written when stopped, without a reward', async () => {
    const controller = new AbortController();
    const trace = await runOne([SEARCHING], {
      signal: controller.signal,
      onPiece: (_, snapshot) => {
        if (snapshot().tokens.texts.length === 2) controller.abort();
      },
    });
    expect(trace.stop).toBe('aborted');
    expect(trace.tokens.texts).toEqual(['<think>', ' who']);
    expect(trace).not.toHaveProperty('reward');
  });

  it('answers an empty query as the paper’s evaluation does, and refuses top-k', async () => {
    const empty: Stretch = { tokens: ['<search>', ' ', '</search>'] };
    const { traces, retriever } = await run([empty, ANSWERING], { emptyQuery: 'answer nothing' });
    expect(retriever.batches).toEqual([]);
    expect(traces[0]?.searches[0]).toMatchObject({ query: '', problem: 'empty query', passages: [] });
    await expect(run([], { sampling: { temperature: 1, topK: 5, topP: 1 } })).rejects.toThrow(/no top-k/);
  });
});
