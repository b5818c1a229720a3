import { describe, expect, it } from 'vitest';
import { lossTokens } from '../../../src/grpo/packing.ts';
import { evaluate } from '../../../src/research/evaluate.ts';
import { CHAT_FORMAT, NANO_FORMAT } from '../../../src/research/format.ts';
import { encodeResult, passagesText } from '../../../src/research/resultBlock.ts';
import { rollOut } from '../../../src/research/rollout.ts';
import { groupTasks, type RolloutOptions } from '../../../src/research/rolloutOptions.ts';
import { beginningOf } from '../../../src/traces/beginning.ts';
import type { Trace } from '../../../src/traces/trace.ts';
import {
  PASSAGES,
  QUESTION,
  ScriptedPolicy,
  ScriptedRetriever,
  tokenizer,
  type Script,
} from './scriptedPolicy.ts';

const OPTIONS: RolloutOptions = {
  format: NANO_FORMAT,
  sampling: { temperature: 1, topK: 0, topP: 1 },
  seed: 3,
  passages: 1,
  maxTokens: 300,
  maxSearches: 0,
  emptyQuery: 'search',
  slots: 4,
  label: 's0',
};

const ANSWER = '<answer>\\boxed{ Mara Tolven}</answer><|end|>';

/** A first wrong page, a correction, the right page, the answer. */
const CORRECTING = [
  '<think> who wrote it</think><search> Cholwis</search>',
  '<think> I made a mistake, that is not it.</think><search> the book Cholwis</search>',
  `<think> Mara Tolven</think>${ANSWER}`,
];

async function run(
  script: Script,
  options: Partial<RolloutOptions> = {},
  rollouts = 1,
): Promise<{ traces: Trace[]; policy: ScriptedPolicy; retriever: ScriptedRetriever }> {
  const policy = new ScriptedPolicy(script);
  const retriever = new ScriptedRetriever();
  const tasks = groupTasks([QUESTION], rollouts);
  const traces = await rollOut(policy, retriever, tasks, { ...OPTIONS, ...options });
  return { traces, policy, retriever };
}

/** The one trace of a run of one rollout. */
async function runOne(parts: readonly string[], options: Partial<RolloutOptions> = {}): Promise<Trace> {
  const { traces } = await run(() => parts, options);
  if (traces[0] === undefined) throw new Error('no trace');
  return traces[0];
}

const textOf = (trace: Trace): string => trace.tokens.texts.join('');

describe('rollOut', () => {
  it('pays by the recipe’s reward, and tells what the length cost', async () => {
    const reward = { answer: 'em', floor: 0.3, format: 'gate', overlong: 0.5 } as const;
    const short = await runOne(CORRECTING, { reward });
    expect(short.reward).toMatchObject({ value: 1, branch: 'right answer, EM' });
    expect(short.reward).not.toHaveProperty('shaping');
    const length = short.tokens.ids.length;
    const long = await runOne(CORRECTING, { reward, maxTokens: length + 1 });
    expect(long.reward?.value).toBe(1);
    expect(long.reward?.shaping).toBeCloseTo(-((length - 1) / (length + 1)), 12);
  });

  it('stops at </search>, inserts masked results, and ends at the end token', async () => {
    const trace = await runOne(CORRECTING);
    expect(textOf(trace)).toBe(
      '<think> who wrote it</think><search> Cholwis</search><result> Cholwis is a film.</result>' +
        '<think> I made a mistake, that is not it.</think><search> the book Cholwis</search>' +
        `<result> Cholwis: Mara Tolven wrote it.</result><think> Mara Tolven</think>${ANSWER}`,
    );
    expect(trace.prompt.text).toBe('<|user|> who wrote Cholwis?<|assistant|>');
    expect(trace.stop).toBe('eos');
    expect(trace.reward).toMatchObject({ value: 1, branch: 'right answer, F1', em: 1 });
    expect(trace.behaviours).toEqual(['self-correction']);
    expect(trace.question).toMatchObject({ id: 'q1', hops: 1, set: 'musique' });
    const masked = trace.tokens.texts.filter((_, i) => trace.tokens.generated[i] === false).join('');
    expect(masked).toBe(
      '<result> Cholwis is a film.</result><result> Cholwis: Mara Tolven wrote it.</result>',
    );
    trace.tokens.generated.forEach((generated, i) => {
      expect(trace.tokens.logprobs?.[i]).toBe(generated ? -0.5 : null);
    });
  });

  it('begins a response as the format says, in the policy’s name and outside the loss', async () => {
    const format = { ...NANO_FORMAT, opening: '<think>' };
    const parts = ['who wrote it</think><search> Cholwis</search>', `<think> Mara Tolven</think>${ANSWER}`];
    const { traces, policy } = await run(() => parts, { format, maxTokens: 300 }, 2);
    const [trace] = traces;
    expect(policy.asked[0]).toBe('<|user|> who wrote Cholwis?<|assistant|><think>');
    expect(trace?.prompt.text).toBe('<|user|> who wrote Cholwis?<|assistant|>');
    expect(trace?.segments[0]).toMatchObject({ kind: 'think', start: 0, text: 'who wrote it', closed: true });
    expect(trace?.searches).toHaveLength(1);
    expect(trace?.reward).toMatchObject({ value: 1, branch: 'right answer, F1' });
    expect(trace?.tokens.given?.slice(0, 2)).toEqual([true, false]);
    for (const masked of [true, false]) expect(lossTokens(trace!, masked)[0]).toBe(1);
    // Goes on from a place in it as from any other.
    const begun = beginningOf(trace!, 3);
    const task = { question: QUESTION, group: 0, rollout: 0, draw: 7, begun };
    const on = new ScriptedPolicy(() => [`</think>${ANSWER}`]);
    const [again] = await rollOut(on, new ScriptedRetriever(), [task], { ...OPTIONS, format });
    expect(again?.tokens.given?.slice(0, 4)).toEqual([true, false, false, false]);
    expect(again?.reward?.value).toBe(1);
    // The opening counts as response.
    const short = await runOne(parts, { format, maxTokens: 4 });
    expect(short.tokens.ids).toHaveLength(4);
  });

  it('tells queries, passages, scores and gold flags of each search', async () => {
    const trace = await runOne(CORRECTING, { passages: 2 });
    expect(trace.searches.map(({ query }) => query)).toEqual(['Cholwis', 'the book Cholwis']);
    expect(trace.searches[1]?.passages.map(({ id, gold, score }) => [id, gold, score])).toEqual([
      ['book', true, 1],
      ['film', false, 0.5],
    ]);
    expect(trace.segments[trace.searches[1]?.resultSegment ?? 0]).toMatchObject({
      kind: 'result',
      text: 'Cholwis: Mara Tolven wrote it. Cholwis is a film.',
      closed: true,
    });
  });

  it('searches for empty and malformed queries in training, and says so', async () => {
    const { traces, retriever } = await run(() => [
      '<search> </search>',
      'x</search>',
      `<think></think>${ANSWER}`,
    ]);
    expect(retriever.batches).toEqual([[''], ['']]);
    expect(traces[0]?.searches.map(({ problem }) => problem)).toEqual(['empty query', 'malformed query']);
    expect(traces[0]?.searches[0]?.passages).toHaveLength(1);
  });

  it('answers them with "nothing to search" in evaluation', async () => {
    const script = (): string[] => ['<search> </search>', `<think></think>${ANSWER}`];
    const { traces, retriever, policy } = await run(script, { emptyQuery: 'answer nothing' });
    expect(retriever.batches).toEqual([]);
    expect(policy.inserted).toEqual(['<result> nothing to search</result>']);
    expect(traces[0]?.searches[0]).toMatchObject({ query: '', passages: [], problem: 'empty query' });
  });

  it('takes the query from the stretch since the last result only', async () => {
    const { retriever } = await run(() => ['<search> a<search> b</search>', 'c</search>', ANSWER]);
    expect(retriever.batches).toEqual([['b'], ['']]);
  });

  it('cuts at the length limit, results included', async () => {
    const whole = await runOne(CORRECTING);
    for (let maxTokens = 1; maxTokens < whole.tokens.ids.length; maxTokens++) {
      const trace = await runOne(CORRECTING, { maxTokens });
      expect(trace.tokens.ids).toEqual(whole.tokens.ids.slice(0, maxTokens));
      expect(trace.tokens.generated).toEqual(whole.tokens.generated.slice(0, maxTokens));
      expect(trace.stop).toBe('length');
      expect(trace.reward?.value).toBe(0);
    }
    const exact = await runOne(CORRECTING, { maxTokens: whole.tokens.ids.length });
    expect(exact.stop).toBe('eos');
  });

  it('ends a rollout that searches once more than allowed', async () => {
    const trace = await runOne(CORRECTING, { maxSearches: 1 });
    expect(trace.stop).toBe('searches');
    expect(trace.searches).toHaveLength(1);
    expect(trace.reward?.branch).toBe('answer tags');
    expect((await runOne(CORRECTING, { maxSearches: 2 })).stop).toBe('eos');
  });

  it('does not end at letters that spell the end token', async () => {
    const eos = tokenizer.encode('<|end|>', { plain: true });
    expect(tokenizer.decode(eos)).toContain('<|end|>');
    const trace = await runOne([`<think></think>${ANSWER}`]);
    expect(trace.tokens.ids.at(-1)).toBe(tokenizer.eosId);
  });

  it('refills slots, keeps the order of tasks, and never opens more than allowed', async () => {
    const script: Script = (_prompt, draw) => [
      `<think>${' who'.repeat(1 + ((draw * 7) % 5))}</think><search> ${draw}</search>`,
      `<think></think>${ANSWER}`,
    ];
    const done: number[] = [];
    const { traces, policy } = await run(script, { slots: 3, onProgress: (n) => done.push(n) }, 10);
    expect(policy.mostOpen).toBe(3);
    expect(policy.disposed).toBe(1);
    expect(traces.map((trace) => trace.searches[0]?.query)).toEqual(
      Array.from({ length: 10 }, (_, i) => String(i)),
    );
    expect(traces.map((trace) => trace.rollout)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(done).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('retrieves the searches that wait in one batch', async () => {
    const { retriever } = await run((_, draw) => [`<search> ${draw}</search>`, ANSWER], {}, 4);
    expect(retriever.batches).toEqual([['0', '1', '2', '3']]);
  });

  it('goes on with other rollouts while a search is under way', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const policy = new ScriptedPolicy((_, draw) =>
      draw === 0 ? ['<search> a</search>', ANSWER] : [`<think>${' who'.repeat(20)}</think>${ANSWER}`],
    );
    const finished: number[] = [];
    await rollOut(
      policy,
      {
        label: 'slow',
        search: async (queries) => {
          await gate;
          return queries.map(() => []);
        },
      },
      groupTasks([QUESTION], 2),
      {
        ...OPTIONS,
        onToken: ({ rollout }, snapshot) => {
          if (snapshot().tokens.ids.at(-1) !== tokenizer.eosId) return;
          finished.push(rollout);
          release();
        },
      },
    );
    expect(finished).toEqual([1, 0]);
  });

  it('streams every token and every result', async () => {
    const lengths: number[] = [];
    const { traces } = await run(() => CORRECTING, {
      onToken: (_task, snapshot) => lengths.push(snapshot().tokens.ids.length),
    });
    const total = traces[0]?.tokens.ids.length ?? 0;
    expect(lengths.at(-1)).toBe(total);
    const generated = traces[0]?.tokens.generated.filter(Boolean).length ?? 0;
    expect(lengths).toHaveLength(generated + 2);
    expect([...lengths].sort((a, b) => a - b)).toEqual(lengths);
  });

  it('ends what runs when aborted, and leaves out what has not begun', async () => {
    const controller = new AbortController();
    const { traces, policy } = await run(
      () => CORRECTING,
      {
        slots: 2,
        signal: controller.signal,
        onToken: () => {
          controller.abort();
        },
      },
      5,
    );
    expect(traces.map((trace) => trace.stop)).toEqual(['aborted', 'aborted']);
    expect(traces[0]).not.toHaveProperty('reward');
    expect(policy.disposed).toBe(1);
  });

  it('passes a retriever’s failure on, and closes the session', async () => {
    const policy = new ScriptedPolicy(() => CORRECTING);
    const failing = { label: 'broken', search: () => Promise.reject(new Error('index is gone')) };
    await expect(rollOut(policy, failing, groupTasks([QUESTION], 2), OPTIONS)).rejects.toThrow(
      'index is gone',
    );
    const short = { label: 'short', search: () => Promise.resolve([]) };
    await expect(rollOut(policy, short, groupTasks([QUESTION], 2), OPTIONS)).rejects.toThrow(
      'Retriever short gave 0 lists for 2 queries',
    );
    expect(policy.disposed).toBe(2);
  });

  it('refuses tasks that would draw alike', async () => {
    const tasks = groupTasks([QUESTION], 2).map((task) => ({ ...task, draw: 1 }));
    const policy = new ScriptedPolicy(() => CORRECTING);
    await expect(rollOut(policy, new ScriptedRetriever(), tasks, OPTIONS)).rejects.toThrow(
      'share a draw number',
    );
  });
});

describe('result blocks', () => {
  const spelling = { id: 'x', title: 'A', text: 'an <answer> and </result> in a page' };

  it('makes tag tokens of the tags alone', () => {
    const ids = encodeResult(tokenizer, NANO_FORMAT, passagesText(NANO_FORMAT, [spelling]));
    const tags = ids.filter((id) =>
      ['<result>', '</result>', '<answer>'].some((tag) => tokenizer.idOf(tag) === id),
    );
    expect(tags).toEqual([tokenizer.idOf('<result>'), tokenizer.idOf('</result>')]);
    expect(tokenizer.decode(ids)).toBe('<result> A: an <answer> and </result> in a page</result>');
  });

  it('writes the paper’s block for chat models', () => {
    expect(passagesText(CHAT_FORMAT, PASSAGES)).toBe(
      '"Cholwis"\nCholwis is a film.\n\n"Cholwis"\nMara Tolven wrote it.',
    );
    const { resultBefore, resultInner, resultAfter } = CHAT_FORMAT;
    expect(resultBefore + resultInner.join('{passages}') + resultAfter).toBe(
      ' <result>\n{passages}\n</result>',
    );
  });
});

describe('evaluate', () => {
  it('asks greedily and at temperature 1, and scores by hops', async () => {
    const policy = new ScriptedPolicy((prompt) =>
      prompt.includes('film') ? [`<think></think><answer> \\boxed{ x}</answer><|end|>`] : CORRECTING,
    );
    const other = {
      ...QUESTION,
      id: 'q2',
      text: 'who made the film?',
      chain: [...(QUESTION.chain ?? []), ...(QUESTION.chain ?? [])],
    };
    const options = { ...OPTIONS, sampled: true };
    const { scores, greedy, sampled } = await evaluate(
      policy,
      new ScriptedRetriever(),
      [QUESTION, other],
      options,
    );
    expect(greedy).toHaveLength(2);
    expect(sampled).toHaveLength(2);
    expect(scores).toMatchObject({
      n: 2,
      em: 0.5,
      f1: 0.5,
      reward: 0.55,
      searches: 1,
      selfCorrections: 0.5,
      emSampled: 0.5,
    });
    expect(scores.emByHops).toEqual({ 1: { n: 1, em: 1 }, 2: { n: 1, em: 0 } });
  });

  it('gives no half evaluation', async () => {
    const policy = new ScriptedPolicy(() => CORRECTING);
    const options = { ...OPTIONS, sampled: false, signal: AbortSignal.abort(new Error('stopped')) };
    await expect(evaluate(policy, new ScriptedRetriever(), [QUESTION], options)).rejects.toThrow('stopped');
  });
});
