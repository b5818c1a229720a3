import { describe, expect, it } from 'vitest';
import { WebllmPolicy } from '../../../src/policy/webllmPolicy.ts';
import type { TextEnd } from '../../../src/policy/textPolicy.ts';
import { GREEDY } from '../../../src/policy/webllmKept.ts';
import { rollOutText } from '../../../src/research/textRollout.ts';
import { createLexicalRetriever } from '../../../src/retrieval/lexical.ts';
import { trainBpe } from '../../../src/text/bpeTrainer.ts';
import { loadHfTokenizer } from '../../../src/text/hfTokenizer.ts';
import { QUESTION } from '../research/scriptedPolicy.ts';
import { CHATML, RECORD, ScriptedWebllm, servedFiles, type Stretch } from './scriptedWebllm.ts';
import { workerOfTest } from './webllmInWorker.ts';

const passages = [
  { id: 'p1', title: 'Cholwis', text: 'Cholwis is a lake near Tirn. Its keeper is Mara Tolven, a painter.' },
  { id: 'p2', title: 'Tirn', text: 'Tirn is a town of two thousand people. Its mayor keeps bees.' },
];
const trained = trainBpe(
  passages.map(({ text }) => text),
  { vocabularySize: 400, addedTokens: ['<|pad|>', '<|im_start|>', '<|im_end|>'] },
);
/** As those of Qwen and Llama, which put no space before a text. */
const spaceless = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
const tokenizerJson = { ...trained, pre_tokenizer: spaceless, decoder: spaceless };
const tokenizer = loadHfTokenizer(tokenizerJson);

const config = { conv_template: CHATML, tokenizer_files: ['tokenizer.json'] };
const stop = { opening: '<search>', closing: '</search>' };
const twoSearches: readonly Stretch[] = [
  { tokens: ['<think>', ' I look', '</think>', '<search>', ' Cholwis', '</search>'] },
  { tokens: ['<think>', ' Tirn', '</think>', '<search>', ' Tirn mayor', '</search>'] },
  { tokens: ['<answer>', ' \\boxed{', 'Mara Tolven', '}', '</answer>'] },
];

async function load(
  script: readonly Stretch[],
  files: Readonly<Record<string, unknown>> = { 'tokenizer.json': tokenizerJson },
) {
  const engine = new ScriptedWebllm(script, tokenizer);
  const worker = workerOfTest(engine);
  const fetch = servedFiles({ 'mlc-chat-config.json': config, ...files });
  const policy = await WebllmPolicy.load(worker.engine, RECORD, { fetch });
  return { engine, policy, sent: worker.sent };
}

async function write(policy: WebllmPolicy, more: object = {}): Promise<TextEnd & { readonly text: string }> {
  const request = { text: 'Who?', stop, seed: 1, temperature: 0, topP: 1, maxTokens: 100, ...more };
  const stream = policy.write(request);
  let text = '';
  for (;;) {
    const next = await stream.next();
    if (next.done === true) return { ...next.value, text };
    text += next.value;
  }
}

async function rollout(temperature: number) {
  const { engine, policy } = await load(twoSearches);
  const [trace] = await rollOutText(
    policy,
    createLexicalRetriever(passages),
    [{ question: QUESTION, group: 0, rollout: 0, draw: 0 }],
    {
      sampling: { temperature, topK: 0, topP: 1 },
      seed: 3,
      passages: 2,
      maxSearches: 4,
      emptyQuery: 'search',
      label: 'test',
      maxTokens: 200,
    },
  );
  if (trace === undefined) throw new Error('no trace');
  return { engine, prompt: trace.prompt.text, text: trace.tokens.texts.join(''), trace };
}

describe('greedy texts of web-llm', () => {
  it('after a search read the result alone; completions read everything anew', async () => {
    const kept = await rollout(0);
    const simple = await rollout(1);
    expect(kept.text).toBe(simple.text);
    expect(kept.trace.searches).toHaveLength(2);
    expect(kept.engine.requests).toEqual([]);
    expect(simple.engine.requests).toHaveLength(3);

    const count = (text: string): number => tokenizer.encode(text).length;
    const whole = kept.prompt + kept.text;
    const places = (tag: RegExp): number[] =>
      [...kept.text.matchAll(tag)].map(({ index, 0: text }) => kept.prompt.length + index + text.length);
    const starts = places(/<\/search>/g);
    const ends = places(/<\/result>\s*/g);
    // The last token drawn before a result is read with it: web-llm has not read it yet.
    const results = ends.map((end, i) => count(whole.slice(starts[i], end)) + 1);
    expect(kept.engine.prefilled).toBe(count(kept.prompt) + results.reduce((sum, n) => sum + n, 0));
    expect(simple.engine.prefilled).toBe(
      count(kept.prompt) + ends.reduce((sum, end) => sum + count(whole.slice(0, end)), 0),
    );
    expect(kept.engine.prefilled).toBeLessThan(simple.engine.prefilled / 2);
    // What it has read by then is the whole text, in order.
    expect(tokenizer.decode(kept.engine.cache)).toBe(
      tokenizer.decode(tokenizer.encode(kept.prompt)) + kept.text,
    );
  });

  it('are drawn by the options of the load: the likeliest token, no penalties', async () => {
    const { engine } = await load(twoSearches);
    expect(engine.options).toEqual(GREEDY);
  });

  it('end at an end token, an end text, the length and a full window', async () => {
    expect(await write((await load([{ tokens: ['Mara'] }])).policy)).toMatchObject({
      stopped: 'eos',
      text: 'Mara',
    });
    const named = { ...config, conv_template: { ...CHATML, stop_str: ['.'] } };
    const files = { 'tokenizer.json': tokenizerJson, 'mlc-chat-config.json': named };
    expect(await write((await load([{ tokens: ['Mara. Tirn'] }], files)).policy)).toMatchObject({
      stopped: 'eos',
      text: 'Mara',
    });
    const long = [{ tokens: ['Cholwis is a lake near Tirn'] }];
    expect(await write((await load(long)).policy, { maxTokens: 3 })).toMatchObject({
      stopped: 'length',
      tokens: 3,
    });
    const window = tokenizer.encode('Who?').length + 2;
    const small = {
      'tokenizer.json': tokenizerJson,
      'mlc-chat-config.json': { ...config, context_window_size: window },
    };
    expect(await write((await load(long, small)).policy)).toMatchObject({ stopped: 'context', tokens: 3 });
    const { engine, policy } = await load(long, small);
    expect(await write(policy, { text: 'Who keeps Cholwis and the town of Tirn?' })).toEqual({
      stopped: 'context',
      tokens: 0,
      text: '',
    });
    expect(engine.prefilled).toBe(0);
  });

  it('stop between two tokens, and begin anew afterwards', async () => {
    const { engine, policy } = await load([{ tokens: ['Cholwis is a lake'] }, { tokens: ['Mara'] }]);
    const stopper = new AbortController();
    const stream = policy.write({
      text: 'Who?',
      stop,
      seed: 1,
      temperature: 0,
      topP: 1,
      maxTokens: 100,
      signal: stopper.signal,
    });
    await stream.next();
    stopper.abort();
    expect(await stream.next()).toMatchObject({ done: true, value: { stopped: 'aborted', tokens: 1 } });
    expect(await write(policy)).toMatchObject({ stopped: 'eos', text: 'Mara' });
    expect(tokenizer.decode(engine.cache)).toBe('Who?Mara');
  });

  it('begin anew after a completion, which has emptied the cache, and where the text is another', async () => {
    const search: Stretch = { tokens: ['<search>', ' a', '</search>'] };
    const { engine, policy } = await load([search, search, search, { tokens: ['b'] }]);
    const first = await write(policy);
    expect(first).toMatchObject({ stopped: 'stop', text: '<search> a</search>' });
    await write(policy, { temperature: 1 });
    expect((await write(policy)).text).toBe(first.text);
    await write(policy, { text: 'Where?' });
    expect(tokenizer.decode(engine.cache)).toBe('Where?b');
  });

  it('leave out a token that says more than the closing tag', async () => {
    const joint = trainBpe(['>\n'], {
      vocabularySize: 300,
      addedTokens: ['<|pad|>', '<|im_start|>', '<|im_end|>', '>!'],
    });
    const json = { ...joint, pre_tokenizer: spaceless, decoder: spaceless };
    const own = loadHfTokenizer(json);
    const engine = new ScriptedWebllm([{ tokens: ['<search> a</search>!'] }, { tokens: ['b'] }], own);
    const fetch = servedFiles({ 'mlc-chat-config.json': config, 'tokenizer.json': json });
    const policy = await WebllmPolicy.load(engine, RECORD, { fetch });
    expect(await write(policy)).toMatchObject({ stopped: 'stop', text: '<search> a</search>' });
    await write(policy, { text: 'Who?<search> a</search> found' });
    expect(own.decode(engine.cache)).toBe('Who?<search> a</search> foundb');
  });

  it.each([
    ['puts a space before a text', { 'tokenizer.json': trained }],
    ['this page cannot read', {}],
    [
      'stands beside a sliding window',
      { 'tokenizer.json': tokenizerJson, 'mlc-chat-config.json': { ...config, sliding_window_size: 1024 } },
    ],
  ])('are completions where the tokenizer %s', async (_, files) => {
    const { engine, policy } = await load([{ tokens: ['Mara'] }], files);
    expect(await write(policy)).toMatchObject({ stopped: 'eos', text: 'Mara' });
    expect(engine.requests).toHaveLength(1);
  });
});
