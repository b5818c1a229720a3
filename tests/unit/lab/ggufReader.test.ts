import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../../src/engine/backend.ts';
import { joined } from '../../../src/engine/pieces.ts';
import { ggufModel } from '../../../src/lab/ggufModel.ts';
import { placeModel } from '../../../src/lab/modelFiles.ts';
import { readModel } from '../../../src/lab/readModel.ts';
import { ggufTokenizer } from '../../../src/text/ggufTokenizer.ts';
import { openBackend } from '../engine/openBackend.ts';
import { tinyConfig, tinyDecoder, tokenizer, tokenizerJson, weightsOf } from './tinyPolicy.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend();
});
afterAll(() => {
  backend.dispose();
});

describe('a GGUF file', () => {
  it('opens what ggufModel wrote: weights, configuration, tokens and what ends a response', async () => {
    const decoder = tinyDecoder(backend, 3);
    const bytes = joined(
      ggufModel(
        {
          name: 'tiny',
          config: decoder.config,
          tensors: await decoder.parameters.toTensors(),
          tokenizer: { json: tokenizerJson, eosId: tokenizer.eosId, chatTemplate: '{{ messages }}' },
        },
        'f32',
      ),
    );
    const opened = await readModel({ kind: 'gguf', file: 'tiny.gguf', read: () => Promise.resolve(bytes) });
    const back = await placeModel(backend, opened);
    expect(back.config).toEqual({ ...tinyConfig, normEps: Math.fround(tinyConfig.normEps) });
    expect(await weightsOf(back)).toEqual(await weightsOf(decoder));
    expect(opened.tokenizer.eosId).toBe(tokenizer.eosId);
    expect(opened.tokenizer.chatTemplate).toBe('{{ messages }}');
    const text = '<|user|> Who wrote the 1984 film Cholwis?<|assistant|><think> It is';
    expect(opened.tokenizer.encode(text)).toEqual(tokenizer.encode(text));
    expect(opened.tokenizer.decode(opened.tokenizer.encode(text))).toBe(text);
  });

  it('names a tokenizer that it cannot read out of the file', () => {
    const metadata = new Map([['tokenizer.ggml.model', 'llama']]);
    expect(() => ggufTokenizer(metadata, 'a.gguf')).toThrow(
      /^a\.gguf: a tokenizer of kind "llama", "gpt-2" is not read .*Put the model's tokenizer\.json beside it\.$/,
    );
    expect(() => ggufTokenizer(new Map([['tokenizer.ggml.model', 'gpt2']]), 'a.gguf')).toThrow(
      'a.gguf: tokenizer.ggml.tokens is missing',
    );
  });
});
