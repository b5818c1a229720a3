import { describe, expect, it } from 'vitest';
import { rewardOf } from '../../../src/research/reward.ts';
import { exactMatch, f1Score } from '../../../src/research/score.ts';
import { writeTraces } from '../../../src/traces/jsonl.ts';
import { passagesIn } from '../../../src/traces/readers/passages.ts';
import { readTraceFile } from '../../../src/traces/readers/readTraceFile.ts';
import { spansOf } from '../../../src/traces/readers/spans.ts';
import type { Trace } from '../../../src/traces/trace.ts';
import { traceSchema } from '../../../src/traces/traceSchema.ts';
import { makeTrace, right } from '../app/traces.ts';

const scorer = { em: exactMatch, f1: f1Score, paper: rewardOf };
const read = (text: string, name = 'file.jsonl') => readTraceFile(text, name, scorer);
const lines = (...rows: readonly unknown[]): string => rows.map((row) => JSON.stringify(row)).join('\n');

/** The traces of a file; each must itself be one that this page writes and reads. */
function tracesOf(text: string): readonly Trace[] {
  const traces = read(text).groups.flatMap((group) => group.traces);
  for (const trace of traces) expect(traceSchema.safeParse(trace).error?.issues ?? []).toEqual([]);
  return traces;
}

const kinds = ({ segments }: Trace): string[] => segments.map(({ kind }) => kind);
const textOf = ({ tokens }: Trace): string => tokens.texts.join('');

const RESPONSE =
  '<think>I look for it.</think> <search> author of Cholwis </search> <result>\n"Cholwis"\nA book by Mara Tolven.\n\n"Cholwis (film)"\nA film. </a> <answer>no</answer>\n</result> <think>Found.</think> <answer>The answer is \\boxed{Mara Tolven}</answer>';

describe('spansOf', () => {
  it('loses no letter, and gives a result to the search before it', () => {
    const spans = spansOf(`\n${RESPONSE}\n`);
    expect(spans.map(({ text }) => text).join('')).toBe(`\n${RESPONSE}\n`);
    expect(spans.map(({ kind, generated }) => [kind, generated])).toEqual([
      ['think', true],
      ['search', true],
      ['result', false],
      ['think', true],
      ['answer', true],
    ]);
  });

  it('reads what is met in the wild', () => {
    const shape = (text: string) => spansOf(text).map(({ kind, closed }) => `${kind}${closed ? '' : '…'}`);
    expect(shape('I think so. </think> <answer> Yes </answer>')).toEqual(['think', 'answer']);
    expect(shape('<think>a</think><think>b</think>')).toEqual(['think', 'think']);
    expect(shape('<think>a<search>b</search>')).toEqual(['think…', 'search']);
    expect(
      shape('x <|begin_of_query|> q <|end_of_query|>\n<|begin_of_documents|>\n(1)T\nd<|end_of_documents|> y'),
    ).toEqual(['text', 'search', 'result', 'text']);
    expect(shape('<answer>a</answer> or <answer>b')).toEqual(['answer', 'text', 'answer…']);
    expect(shape('no tags, <nowiki> here')).toEqual(['text']);
  });

  it('takes a result that no search asked for as written by the policy', () => {
    expect(spansOf('<think>a</think><result>made up</result>').map(({ generated }) => generated)).toEqual([
      true,
      true,
    ]);
  });
});

describe('passagesIn', () => {
  it('reads the layouts of published result blocks', () => {
    const titles = (text: string) => passagesIn(text).map(({ title, text: body }) => [title, body]);
    expect(titles('"A"\none\n\nB\ntwo')).toEqual([
      ['A', 'one'],
      ['B', 'two'],
    ]);
    expect(titles('Doc 1(Title: "A") one\nDoc 2(Title: "B") two')).toEqual([
      ['A', 'one'],
      ['B', 'two'],
    ]);
    expect(titles('(1)A\none\n(2)B\ntwo')).toEqual([
      ['A', 'one'],
      ['B', 'two'],
    ]);
    expect(titles('nothing found')).toEqual([['', 'nothing found']]);
    expect(titles(' ')).toEqual([]);
  });
});

describe('readTraceFile', () => {
  it('reads ReSearch’s training, finds the branch again, and works out advantages by group', () => {
    const prompt =
      '<|im_start|>system\nAnswer in <answer>\\boxed{}</answer>.<|im_end|>\n<|im_start|>user\nWho wrote Cholwis?<|im_end|>\n<|im_start|>assistant\n';
    const row = (response: string, score: number) => ({
      data_source: 'musique',
      sequences_str: prompt + response,
      ground_truth: { target: ['Mara Tolven'] },
      score,
      reason: 'as the file says',
    });
    const file = read(
      lines(
        row(`${RESPONSE}<|im_end|><|endoftext|><|endoftext|>`, 1),
        row('<think>x</think><answer>\\boxed{no}</answer><|im_end|>', 0.1),
        row('<answer>\\boxed{no}</answer><|im_end|>', 0),
        row('<think>x</think><answer>\\boxed{no}</answer><|im_end|>', 0.7),
      ),
    );
    expect(file).toMatchObject({
      format: 'rollouts of ReSearch’s training',
      advantagesWorkedOut: true,
      problems: [],
    });
    expect(file.groups).toHaveLength(1);
    const traces = file.groups[0]?.traces ?? [];
    expect(traces.map(({ reward }) => reward?.branch)).toEqual([
      'right answer, F1',
      'wrong answer, good format',
      'no think',
      'not told',
    ]);
    expect(traces[0]).toMatchObject({
      question: { text: 'Who wrote Cholwis?', golds: ['Mara Tolven'] },
      searches: [
        { query: 'author of Cholwis', passages: [{ title: 'Cholwis' }, { title: 'Cholwis (film)' }] },
      ],
      stop: 'eos',
      pieces: 'words',
    });
    // The paper's example of the tags, in the prompt, is no answer of the policy's.
    expect(kinds(traces[0] ?? makeTrace({}))).toEqual([
      'think',
      'search',
      'result',
      'think',
      'answer',
      'text',
    ]);
    const sum = traces.reduce((total, { advantage }) => total + (advantage ?? NaN), 0);
    expect(sum).toBeCloseTo(0);
    expect(traces[0]?.advantage).toBeGreaterThan(0.5);
  });

  it('reads verl, and groups by the sample of its uid', () => {
    const row = (uid: string, score: number) => ({
      input: 'Question: Who?',
      output: RESPONSE,
      gts: 'Ada',
      score,
      step: 4,
      uid,
    });
    const file = read(lines(row('a_0_0', 1), row('b_0_0', 0), row('a_1_0', 0)));
    expect(file.groups.map(({ traces }) => traces.length)).toEqual([2, 1]);
    expect(file.groups[0]?.traces[0]).toMatchObject({ step: 4, question: { text: 'Who?', golds: ['Ada'] } });
  });

  it('reads verifiers: messages, tool calls as JSON in strings, groups by example', () => {
    const completion = [
      {
        role: 'assistant',
        content: '',
        tool_calls: [
          '{"id":"1","type":"function","function":{"name":"search","arguments":"{\\"query\\": \\"Cholwis\\"}"}}',
        ],
      },
      { role: 'tool', content: 'A book by Mara Tolven.', tool_calls: null },
      { role: 'assistant', content: 'It is <answer>Mara Tolven</answer>', tool_calls: null },
    ];
    const prompt = [
      { role: 'system', content: 'Search.' },
      { role: 'user', content: 'Who wrote it?' },
    ];
    const row = { id: 0, prompt, completion, answer: 'Mara Tolven', reward: 1 };
    const [first, second] = tracesOf(lines(row, { ...row, reward: 2.5 }));
    expect(first).toMatchObject({
      question: { text: 'Who wrote it?' },
      reward: { value: 1, branch: 'not told', em: 1, answer: 'Mara Tolven' },
      searches: [{ query: 'Cholwis', passages: [{ text: 'A book by Mara Tolven.' }] }],
    });
    expect(kinds(first ?? makeTrace({}))).toEqual(['search', 'result', 'text', 'answer']);
    expect(second).toMatchObject({ group: 0, rollout: 1, reward: { value: 2.5 } });
  });

  it('reads traces of verifiers 1 along the last branch of the tree', () => {
    const say = (role: string, content: string) => ({ role, content });
    const nodes = [
      { parent: null, message: say('user', 'Who?'), sampled: false },
      { parent: 0, message: say('assistant', '<answer>left</answer>'), sampled: true },
      { parent: 0, message: say('assistant', '<answer>right</answer>'), sampled: true },
    ];
    const [trace] = tracesOf(
      lines({
        id: 'e',
        task: 't',
        group: { id: 'g' },
        traces: [{ nodes, rewards: { a: { score: 0.5, weight: 2 }, b: { score: 1 } } }],
      }),
    );
    expect(trace).toMatchObject({ question: { text: 'Who?' }, reward: { value: 2, answer: 'right' } });
  });

  it('reads FlashRAG, R1-Searcher, TRL, Inspect and chats', () => {
    const flashrag = [
      {
        id: 'q',
        question: 'Who?',
        golden_answers: ['Mara Tolven'],
        output: { final_response: RESPONSE, pred: 'Mara Tolven', metric_score: { em: 1, f1: 1 } },
      },
    ];
    expect(tracesOf(JSON.stringify(flashrag))[0]).toMatchObject({ reward: { value: 1, em: 1 } });
    const r1 = {
      question: 'Can they?',
      answer: 'Yes',
      pred_ans: ' Yes ',
      stop_reason_final: 'finished',
      gen_text_store: ' They can. </think>\n\n <answer> Yes </answer>',
    };
    expect(kinds(tracesOf(lines(r1))[0] ?? makeTrace({}))).toEqual(['think', 'answer']);
    const trl = {
      step: 3,
      prompt: 'Who?',
      completion: RESPONSE,
      format_reward: 0.5,
      f1_reward: 0.25,
      advantage: -0.3,
    };
    const file = read(lines(trl, trl));
    expect(file.advantagesWorkedOut).toBe(false);
    expect(file.groups[0]?.traces[0]).toMatchObject({ advantage: -0.3, reward: { value: 0.75 }, step: 3 });
    const messages = [
      { role: 'user', content: 'Who?' },
      { role: 'assistant', content: [{ type: 'text', text: 'Ada' }] },
    ];
    const inspect = {
      samples: [
        { id: 1, input: 'Who?', target: 'Ada', messages, scores: { match: { value: 'C', answer: 'Ada' } } },
      ],
    };
    expect(tracesOf(JSON.stringify(inspect))[0]).toMatchObject({ reward: { value: 1, em: 1 } });
    expect(tracesOf(lines({ messages }))[0]).toMatchObject({ question: { text: 'Who?' } });
    expect(tracesOf(lines({ messages }))[0]?.reward).toBeUndefined();
  });

  it('keeps the tokens that UNIPO and RLLoggingBoard tell', () => {
    const texts = ['<think>', 'a', '</think>', '<answer>', 'b', '</answer>'];
    const tokens = {
      ids: [1, 2, 3, 4, 5, 6],
      strings: texts,
      log_probs: texts.map(() => -0.5),
      old_log_probs: texts.map(() => -1),
      token_kl: texts.map(() => 0.1),
    };
    const responses = [{ id: 0, reward: 1, advantage: 0.5, response_text: texts.join(''), tokens }];
    const [trace] = tracesOf(
      JSON.stringify({ header: {}, entries: [{ step: 2, prompts: [{ prompt_text: 'Who?', responses }] }] }),
    );
    expect(trace?.tokens).toMatchObject({
      ids: tokens.ids,
      texts,
      logprobs: tokens.old_log_probs,
      kls: tokens.token_kl,
    });
    expect(trace?.tokens.ratios?.[0]).toBeCloseTo(Math.exp(0.5));
    expect(trace?.segments.map(({ start, end }) => [start, end])).toEqual([
      [0, 3],
      [3, 6],
    ]);
    const board = {
      prompt: 'Who?',
      response: texts.join(''),
      response_tokens: texts,
      logprobs: texts.map(() => -2),
      reward: 0.5,
      step: 1,
    };
    expect(tracesOf(lines(board))[0]).toMatchObject({
      pieces: 'texts',
      tokens: { logprobs: board.logprobs },
    });
    expect(() => read(lines({ ...board, logprobs: [-1] }))).toThrow(
      'row 1: tokens: logprobs has 1 entries, but there are 6 tokens',
    );
  });

  it('reads its own traces and runs again, and plain text', () => {
    const traces = [makeTrace({ reward: right }), makeTrace({})];
    const file = read(writeTraces(traces));
    expect(file.format).toBe('traces of this page');
    expect(file.groups.flatMap((group) => group.traces).map(({ id }) => id)).toEqual(['trace', 'trace']);
    const run = JSON.stringify({ groups: [{ step: 1, groups: [{ traces }] }], pairs: [] });
    expect(read(run)).toMatchObject({ format: 'a run of this page' });
    const text = tracesOf(RESPONSE)[0];
    expect(text === undefined ? '' : textOf(text)).toBe(RESPONSE);
  });

  it('keeps good rows, and names the line of the others', () => {
    const good = JSON.stringify({ input: 'Who?', output: RESPONSE, score: 1 });
    const file = read(
      [good, '{"input": "cut o', '{"input": 3, "output": "", "score": 0}', '[]', good].join('\n'),
    );
    expect(file.groups.flatMap(({ traces }) => traces)).toHaveLength(2);
    expect(file.problems.map(({ where }) => where)).toEqual(['line 2', 'line 3', 'line 4']);
    expect(file.problems[1]?.message).toContain('field "input"');
  });

  it('refuses in words what it cannot read', () => {
    expect(() => read('  ')).toThrow('file.jsonl is empty');
    expect(() => read('just a story', 'a.txt')).toThrow('nor a text with tags');
    expect(() => read(lines({ a: 1, b: 2 }))).toThrow('fields a, b; that is none of the layouts');
    expect(() => read(lines({ token_ids: [1] }))).toThrow('token ids and no text');
    expect(() => read('{"input": ')).toThrow('neither JSON nor JSON Lines');
    expect(() => read(lines({ input: 'a', output: 'b', score: 'high' }))).toThrow('row 1: field "score"');
  });

  it('gives no rollout a field of the file that reaches a prototype', () => {
    const [trace] = tracesOf(
      '{"input":"Who?","output":"<answer>a</answer>","score":1,"__proto__":{"polluted":1}}',
    );
    expect(trace).toBeDefined();
    expect('polluted' in {}).toBe(false);
  });
});
