import { describe, expect, it } from 'vitest';
import type { TextEnd, TextRequest } from '../../../src/policy/textPolicy.ts';
import { WebllmPolicy } from '../../../src/policy/webllmPolicy.ts';
import { RECORD, ScriptedWebllm, servedFiles, textError, type Stretch } from './scriptedWebllm.ts';
import { workerOfTest, type WorkerOfTest } from './webllmInWorker.ts';

/** The page's end of web-llm's worker, against web-llm's own handler over a scripted engine. */

const REQUEST: TextRequest = {
  text: 'p',
  stop: { opening: '<search>', closing: '</search>' },
  seed: 1,
  temperature: 1,
  topP: 1,
  maxTokens: 50,
};

async function loaded(
  script: readonly Stretch[],
): Promise<{ scripted: ScriptedWebllm; worker: WorkerOfTest; policy: WebllmPolicy }> {
  const scripted = new ScriptedWebllm(script);
  const worker = workerOfTest(scripted);
  const policy = await WebllmPolicy.load(worker.engine, RECORD, { fetch: servedFiles() });
  return { scripted, worker, policy };
}

async function read(
  policy: WebllmPolicy,
  onPiece: () => void = () => undefined,
  change: Partial<TextRequest> = {},
): Promise<{ text: string; end: TextEnd }> {
  const stream = policy.write({ ...REQUEST, ...change });
  let text = '';
  for (;;) {
    const next = await stream.next();
    if (next.done === true) return { text, end: next.value };
    text += next.value;
    onPiece();
  }
}

const loading = (worker: WorkerOfTest, change: Parameters<typeof WebllmPolicy.load>[2] = {}) =>
  WebllmPolicy.load(worker.engine, RECORD, { fetch: servedFiles(), ...change });

describe('loading over the worker', () => {
  it('hands the record over and tells progress', async () => {
    const scripted = new ScriptedWebllm();
    const told: string[] = [];
    await loading(workerOfTest(scripted), { onProgress: ({ text }) => told.push(text) });
    expect(scripted.appConfig).toEqual({ model_list: [RECORD] });
    expect(scripted.calls).toEqual([`reload ${RECORD.model_id}`]);
    expect(told).toEqual(['Fetching param cache[1/2]', 'Finish loading']);
  });

  it('is cancelled at once when the worker is ended, although web-llm would go on', async () => {
    const scripted = new ScriptedWebllm();
    scripted.loading = () => new Promise(() => undefined);
    const worker = workerOfTest(scripted);
    const stop = new AbortController();
    stop.signal.addEventListener('abort', () => worker.close());
    const load = loading(worker, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(load).rejects.toMatchObject({ name: 'AbortError' });
  });

  it.each([
    ['no f16', 'ShaderF16SupportError: This model requires', /q4f32/],
    ['a library that is a page', 'CompileError: expected magic word', /model_lib is no WebAssembly library/],
    ['a device lost meanwhile', 'Engine.unload() is called.', /graphics device was lost/],
  ])('translates the texts that its errors become: %s', async (_, thrown, message) => {
    const scripted = new ScriptedWebllm();
    scripted.loading = () => Promise.reject(textError(thrown));
    await expect(loading(workerOfTest(scripted))).rejects.toThrow(message);
  });

  it('says that the worker could not be started, and refuses all that is asked later', async () => {
    const worker = workerOfTest(new ScriptedWebllm());
    worker.connection.breakOff('Its worker could not be started.');
    await expect(loading(worker)).rejects.toThrow(/Load the model again.*could not be started/);
  });
});

describe('writing over the worker', () => {
  it('streams up to the stop and completes it', async () => {
    const { policy } = await loaded([{ tokens: ['<search>', ' Cholwis', '</', 'search', '>', 'more'] }]);
    expect(await read(policy)).toEqual({
      text: '<search> Cholwis</search>',
      end: { stopped: 'stop', tokens: 5 },
    });
  });

  it('is interrupted between two tokens', async () => {
    const { policy } = await loaded([{ tokens: ['a', 'b', 'c', 'd'] }]);
    const stop = new AbortController();
    const { text, end } = await read(policy, () => stop.abort(), { signal: stop.signal });
    expect(end.stopped).toBe('aborted');
    expect(text.length).toBeLessThan(3);
  });

  it('tells a full window', async () => {
    const refused = textError('ContextWindowSizeExceededError: Prompt tokens exceed context window size');
    const { policy } = await loaded([{ tokens: [], refused }]);
    expect((await read(policy)).end).toEqual({ stopped: 'context', tokens: 0 });
  });

  it('says that the device was lost, before and during a request, and closes the stream', async () => {
    const { policy, worker } = await loaded([{ tokens: ['a'], then: textError('Error: Device was lost') }]);
    await expect(read(policy)).rejects.toThrow(/Load the model again/);
    expect(worker.sent.at(-1)?.kind).toBe('completionStreamReturn');
    const gone = await loaded([{ tokens: ['a'] }]);
    gone.scripted.loseDevice();
    await expect(read(gone.policy)).rejects.toThrow(/graphics device was lost/);
  });

  it('does not wait for a worker that is gone', async () => {
    const { policy, worker } = await loaded([{ tokens: ['a', 'b', 'c'] }]);
    await expect(read(policy, () => worker.close())).rejects.toThrow(/The model was unloaded/);
  });

  it('leaves a stream that is not read to its end closed', async () => {
    const { worker, policy } = await loaded([{ tokens: ['a', 'b', 'c'] }]);
    const stream = policy.write(REQUEST);
    await stream.next();
    await stream.return({ stopped: 'aborted', tokens: 1 });
    expect(worker.sent.map(({ kind }) => kind).slice(-2)).toEqual([
      'completionStreamNextChunk',
      'completionStreamReturn',
    ]);
  });
});
