/**
 * A worker in the place of web-llm's, as JavaScript: it answers the page's messages as web-llm's handler does, and
 * writes by script. A prompt with a result in it is answered, one without searches; a question that says “slowly” is
 * written until it is interrupted.
 */
export const scriptedWorker = `
let interrupted = false;
const streams = new Map();
const chunk = (text, finish_reason = null) => ({ choices: [{ text, finish_reason, index: 0 }] });
async function* write(prompt) {
  interrupted = false;
  const question = prompt.split('<|im_start|>user').at(-1);
  const slowly = question.includes('slowly');
  const tokens = slowly
    ? Array.from({ length: 5000 }, () => ' still')
    : question.includes('<result>')
      ? ['<think>', ' That', ' is', ' the', ' page', '</think>', ' <answer>', ' \\\\boxed{', 'Mara Tolven', '}', '</answer>']
      : ['<think>', ' I', ' look', '</think>', '<search>', ' Cholwis'];
  let reason = 'stop';
  let count = 0;
  for (const token of tokens) {
    if (interrupted) { reason = 'abort'; break; }
    if (slowly) await new Promise((done) => setTimeout(done, 5));
    count++;
    yield chunk(token);
  }
  yield chunk('', reason);
  yield { choices: [], usage: { completion_tokens: count } };
}
const answers = {
  setAppConfig: () => null,
  reload: () => {
    postMessage({ kind: 'initProgressCallback', uuid: '', content: { progress: 0.5, timeElapsed: 1, text: 'Fetching param cache[1/2]' } });
    return null;
  },
  unload: () => null,
  interruptGenerate: () => { interrupted = true; return null; },
  completionStreamInit: ({ request, streamId }) => { streams.set(streamId, write(request.prompt)); return null; },
  completionStreamNextChunk: async ({ streamId }) => (await streams.get(streamId).next()).value,
  completionStreamReturn: () => null,
};
addEventListener('message', async ({ data: { kind, uuid, content } }) => {
  postMessage({ kind: 'return', uuid, content: await answers[kind](content) });
});
`;
