import { ModelType, prebuiltAppConfig } from '@mlc-ai/web-llm';
import { describe, expect, it } from 'vitest';
import type { TextEnd, TextRequest } from '../../../src/policy/textPolicy.ts';
import { WebllmPolicy } from '../../../src/policy/webllmPolicy.ts';
import { checkModelRecord, modelFolder, parseModelRecord } from '../../../src/policy/webllmRecord.ts';
import { restOfStop } from '../../../src/policy/webllmStop.ts';
import { CHATML, RECORD, ScriptedWebllm, servedFiles, textError, type Stretch } from './scriptedWebllm.ts';

const STOP = { opening: '<search>', closing: '</search>' };
const REQUEST: TextRequest = { text: 'p', stop: STOP, seed: 1, temperature: 1, topP: 1, maxTokens: 50 };

async function loaded(
  script: readonly Stretch[] = [],
): Promise<{ engine: ScriptedWebllm; policy: WebllmPolicy }> {
  const engine = new ScriptedWebllm(script);
  return { engine, policy: await WebllmPolicy.load(engine, RECORD, { fetch: servedFiles() }) };
}

async function written(
  stretch: Stretch,
  request: Partial<TextRequest> = {},
  prepare: (engine: ScriptedWebllm) => void = () => undefined,
  onPiece: () => void = () => undefined,
): Promise<{ text: string; end: TextEnd; engine: ScriptedWebllm }> {
  const { engine, policy } = await loaded([stretch]);
  prepare(engine);
  const stream = policy.write({ ...REQUEST, ...request });
  let text = '';
  for (;;) {
    const next = await stream.next();
    if (next.done === true) return { text, end: next.value, engine };
    text += next.value;
    onPiece();
  }
}

describe('model records', () => {
  it('takes every language model of web-llm’s own list, and refuses its embedding models', () => {
    const refused = prebuiltAppConfig.model_list.filter((record) => {
      try {
        checkModelRecord(record);
        return false;
      } catch {
        return true;
      }
    });
    expect(prebuiltAppConfig.model_list.length).toBeGreaterThan(100);
    expect(refused.map(({ model_type }) => model_type)).toEqual(
      prebuiltAppConfig.model_list
        .filter(({ model_type }) => model_type === ModelType.embedding)
        .map(() => ModelType.embedding),
    );
  });

  it.each<[string, unknown, RegExp]>([
    ['no library', { model: RECORD.model, model_id: 'a' }, /"model_lib"/],
    [
      'plain http of another computer',
      { ...RECORD, model: 'http://models.test/tiny' },
      /"model": must be .* with http:\/\/ of localhost or 127\.0\.0\.1/,
    ],
    ['a path for an address', { ...RECORD, model: 'models/tiny' }, /"model": must be a whole address/],
    ['a library that is none', { ...RECORD, model_lib: 'https://h.test/tiny.zip' }, /"model_lib": .*\.wasm/],
    ['a misspelt field', { ...RECORD, modelid: 'a' }, /modelid/],
    ['a misspelt override', { ...RECORD, overrides: { context_window: 1 } }, /"overrides": .*context_window/],
    [
      'a window of 0',
      { ...RECORD, overrides: { context_window_size: 0 } },
      /"overrides.context_window_size": must be a whole number/,
    ],
    ['a blank name', { ...RECORD, model_id: ' ' }, /"model_id": must not be empty/],
  ])('says what is wrong: %s', (_, record, message) => {
    expect(() => parseModelRecord(JSON.stringify(record))).toThrow(message);
  });

  it('says where JSON breaks', () => {
    expect(() => parseModelRecord('{"model": ', 'tiny.json')).toThrow(/tiny\.json is not JSON/);
  });

  it('finds the folder as web-llm does', () => {
    expect(modelFolder({ model: 'http://localhost:8080/m' })).toBe('http://localhost:8080/m/resolve/main/');
    expect(modelFolder({ model: 'https://h.test/a/m/resolve/v2' })).toBe('https://h.test/a/m/resolve/v2/');
  });
});

describe('loading', () => {
  it('reads the chat form, hands the record over and tells progress', async () => {
    const engine = new ScriptedWebllm();
    const fetch = servedFiles();
    const told: number[] = [];
    const policy = await WebllmPolicy.load(engine, RECORD, {
      fetch,
      onProgress: ({ progress }) => told.push(progress),
    });
    expect(fetch.asked).toEqual([
      'https://models.test/tiny/resolve/main/mlc-chat-config.json',
      'https://models.test/tiny/resolve/main/tokenizer.json',
    ]);
    expect(engine.appConfig).toEqual({ model_list: [RECORD] });
    expect(told).toEqual([0.5, 1]);
    expect(policy.prompt('Be $& short.', ' who? <|im_end|> ')).toBe(
      '<|im_start|>system\nBe $& short.<|im_end|>\n<|im_start|>user\nwho? < |im_end|><|im_end|>\n<|im_start|>assistant\n',
    );
  });

  it('spells first tokens that completions leave out, and refuses those it cannot spell', async () => {
    const config = (ids: number[]): Record<string, unknown> => ({
      'mlc-chat-config.json': {
        conv_template: { ...CHATML, system_prefix_token_ids: ids },
        tokenizer_files: ['tokenizer.json'],
      },
    });
    const policy = await WebllmPolicy.load(new ScriptedWebllm(), RECORD, { fetch: servedFiles(config([1])) });
    expect(policy.prompt('s', 'q').startsWith('<|im_start|><|im_start|>system')).toBe(true);
    await expect(
      WebllmPolicy.load(new ScriptedWebllm(), RECORD, { fetch: servedFiles(config([7])) }),
    ).rejects.toThrow(/begins with token 7/);
  });

  it.each<[string, () => Promise<void>]>([
    ['web-llm swallows it', () => Promise.resolve()],
    ['the fetch throws its reason', () => Promise.reject(textError('Engine.unload() is called.'))],
  ])('is stopped, also when %s, and leaves no model', async (_, ends) => {
    const engine = new ScriptedWebllm();
    const controller = new AbortController();
    engine.loading = () => {
      controller.abort();
      return ends();
    };
    await expect(
      WebllmPolicy.load(engine, RECORD, { fetch: servedFiles(), signal: controller.signal }),
    ).rejects.toMatchObject({ name: 'AbortError', message: 'Loading tiny-q4f32_1-MLC was stopped.' });
    expect(engine.holdsModel).toBe(false);
  });

  it.each<[string, string, RegExp]>([
    ['device lost', 'DeviceLostError: The WebGPU device was lost while loading', /want of memory.*smaller/],
    ['no f16', 'ShaderF16SupportError: This model requires', /q4f32/],
    ['no WebGPU', 'WebGPUNotAvailableError: WebGPU is not supported', /no WebGPU/],
    ['an address', 'TypeError: Failed to fetch', /CORS/],
    ['something else', 'Error: odd', /web-llm says: odd/],
  ])('translates what its worker throws: %s', async (_, thrown, message) => {
    const engine = new ScriptedWebllm();
    engine.loading = () => Promise.reject(textError(thrown));
    await expect(WebllmPolicy.load(engine, RECORD, { fetch: servedFiles() })).rejects.toThrow(message);
    expect(engine.holdsModel).toBe(false);
  });

  it('names a file that is not there, and a field that is wrong', async () => {
    const load = (files: Record<string, unknown>): Promise<unknown> =>
      WebllmPolicy.load(new ScriptedWebllm(), RECORD, { fetch: servedFiles(files) });
    await expect(load({ 'tokenizer.json': undefined })).rejects.toThrow(/tokenizer\.json: 404/);
    await expect(load({ 'mlc-chat-config.json': { tokenizer_files: [] } })).rejects.toThrow(
      /field "conv_template"/,
    );
  });
});

describe('writing', () => {
  it('completes the stop that the stream had begun to show', async () => {
    const { text, end, engine } = await written({
      tokens: ['<search>', ' Cholwis', '</', 'search', '>\n', 'more'],
    });
    expect(text).toBe('<search> Cholwis</search>');
    expect(end).toEqual({ stopped: 'stop', tokens: 5 });
    expect(engine.requests[0]).toMatchObject({ stop: ['</search>'], repetition_penalty: 1, stream: true });
    expect(engine.requests[0]).not.toHaveProperty('logprobs');
  });

  it('puts back a stop that came in one token', async () => {
    const { text, end } = await written({ tokens: ['<search>', ' x</search>'] });
    expect(text).toBe('<search> x</search>');
    expect(end.stopped).toBe('stop');
  });

  it('takes the same finish reason for the end where no search is open', async () => {
    const { text, end } = await written({
      tokens: ['</think>', ' <answer>b</answer>'],
    });
    expect(text).toBe('</think> <answer>b</answer>');
    expect(end.stopped).toBe('eos');
  });

  it('tells the token limit from a full window', async () => {
    const tokens = ['a', 'b', 'c', 'd'];
    expect((await written({ tokens }, { maxTokens: 2 })).end).toEqual({ stopped: 'length', tokens: 2 });
    const full = await written({ tokens }, {}, (engine) => (engine.contextWindow = 3));
    expect(full.end).toEqual({ stopped: 'context', tokens: 3 });
    const refused = textError('ContextWindowSizeExceededError: Prompt tokens exceed context window size');
    expect((await written({ tokens, refused })).end).toEqual({ stopped: 'context', tokens: 0 });
  });

  it('is interrupted between two tokens', async () => {
    const controller = new AbortController();
    const { text, end } = await written(
      { tokens: ['a', 'b', 'c'] },
      { signal: controller.signal },
      undefined,
      () => controller.abort(),
    );
    expect(text).toBe('a');
    expect(end).toEqual({ stopped: 'aborted', tokens: 1 });
  });

  it('says that the device was lost, before and during a request', async () => {
    await expect(written({ tokens: ['a'] }, {}, (engine) => engine.loseDevice())).rejects.toThrow(
      /Writing with tiny.* failed\. The graphics device was lost/,
    );
    await expect(written({ tokens: ['a'], then: textError('Error: Device was lost') })).rejects.toThrow(
      /Load the model again/,
    );
  });
});

describe('restOfStop', () => {
  it.each([
    ['<search> a', '</search>'],
    ['<search> a</sea', 'rch>'],
    ['no tag</', 'search>'],
    ['a <', undefined],
    ['<search>a</search> b', undefined],
    ['<answer>b</answer>', undefined],
  ])('%j', (text, rest) => {
    expect(restOfStop(text, STOP)).toBe(rest);
  });
});
