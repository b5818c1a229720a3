import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desk } from './terminal.ts';

let desk: Desk;
beforeAll(async () => {
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  desk = await Desk.open({
    'cut-short': { 'model.safetensors': text('not yet downloaded') },
    'other-tokenizer': { 'tokenizer.json': text('{"model": {"type": "Unknown"}}') },
  });
});
afterAll(() => desk.remove());

const train = (model: string): Promise<string> =>
  desk.refused('train', '--recipe', 'tiny', '--retriever', 'lexical', '--model', model);

describe('train refuses a model', () => {
  it('folder that is not there, naming the file it looked for', async () => {
    const folder = desk.modelNamed('nowhere');
    expect(await train(folder)).toMatch(
      /^train: \S*nowhere\/config\.json cannot be read .*Hugging Face layout/,
    );
  });

  it('whose weights are another kind of file', async () => {
    expect(await train(desk.modelNamed('cut-short'))).toMatch(
      /^train: model\.safetensors: .*Download the file again/m,
    );
  });

  it('whose tokenizer is unknown', async () => {
    expect(await train(desk.modelNamed('other-tokenizer'))).toMatch(/^train: tokenizer\.json/);
  });
});
