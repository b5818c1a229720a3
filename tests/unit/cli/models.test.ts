import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModelAt } from '../../../src/cli/models.ts';
import { NANO_CHAT_TEMPLATE } from '../../../src/text/chatTemplate.ts';
import { Desk } from './terminal.ts';

let desk: Desk;
beforeAll(async () => {
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  desk = await Desk.open({
    'cut-short': { 'model.safetensors': text('not yet downloaded') },
    'own-template': { 'chat_template.jinja': text('{{ messages }} alone') },
    'other-tokenizer': { 'tokenizer.json': text('{"model": {"type": "Unknown"}}') },
  });
});
afterAll(() => desk.remove());

const train = (model: string): Promise<string> =>
  desk.refused('train', '--recipe', 'tiny', '--retriever', 'lexical', '--model', model);

it('a folder’s chat template that stands alone goes before the one in tokenizer_config.json', async () => {
  const { tokenizer } = await readModelAt(desk.modelNamed('own-template'));
  expect(tokenizer.chatTemplate).toBe('{{ messages }} alone');
  expect((await readModelAt(desk.model)).tokenizer.chatTemplate).toBe(NANO_CHAT_TEMPLATE);
});

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
