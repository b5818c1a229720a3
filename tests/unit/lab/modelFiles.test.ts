import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EngineError, type Backend } from '../../../src/engine/backend.ts';
import { writeSafetensors } from '../../../src/engine/safetensors.ts';
import { scoreSequences } from '../../../src/engine/scoring.ts';
import { loadModel, loadWeights, modelFiles, type FileReader } from '../../../src/lab/modelFiles.ts';
import { trainBpe } from '../../../src/text/bpeTrainer.ts';
import { openBackend } from '../engine/openBackend.ts';
import { tinyConfig, tinyDecoder, tokenizer, tokenizerJson, weightsOf } from './tinyPolicy.ts';

let backend: Backend;
let whole: ReadonlyMap<string, Uint8Array>;
/** The folder of each test: the whole one, changed as the test wants. */
let files: Map<string, Uint8Array>;

beforeAll(async () => {
  backend = await openBackend();
  const decoder = tinyDecoder(backend);
  whole = await modelFiles(decoder, tokenizerJson, tokenizer);
  decoder.parameters.dispose();
});
beforeEach(() => {
  files = new Map(whole);
});
afterAll(() => backend.dispose());

const read: FileReader = (name) => {
  const bytes = files.get(name);
  return bytes ? Promise.resolve(bytes) : Promise.reject(new EngineError(`${name} is not there`));
};
const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const json = (name: string): Record<string, unknown> =>
  JSON.parse(new TextDecoder().decode(files.get(name))) as Record<string, unknown>;
const weights = (): Uint8Array => files.get('model.safetensors') ?? new Uint8Array();

/** What `loadModel` says of the folder; device memory must be as it was. */
async function refusal(): Promise<string> {
  const before = backend.memory().bytes;
  const error: unknown = await loadModel(backend, read).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EngineError);
  expect(backend.memory().bytes).toBe(before);
  return error instanceof Error ? error.message : '';
}

describe('modelFiles and loadModel', () => {
  it('bring a policy back: same shape, same tokens, weights to half precision, finite scores', async () => {
    const decoder = tinyDecoder(backend);
    const back = await loadModel(backend, read);
    expect(back.decoder.config).toEqual(tinyConfig);
    expect(back.tokenizer.vocabularySize).toBe(tokenizer.vocabularySize);
    const text = '<|user|> Who wrote Cholwis?<|assistant|><search> Cholwis</search>';
    expect(back.tokenizer.encode(text)).toEqual(tokenizer.encode(text));
    expect(back.tokenizer.eosId).toBe(tokenizer.eosId);
    const [was, is] = await Promise.all([
      decoder.parameters.toTensors(),
      back.decoder.parameters.toTensors(),
    ]);
    expect([...is.keys()]).toEqual([...was.keys()]);
    for (const [name, tensor] of was) {
      const values = is.get(name)?.values() ?? new Float32Array();
      tensor.values().forEach((value, i) => {
        // Half precision: 11 bits of mantissa, and a floor of 2⁻²⁵ below the smallest normal number.
        const error = Math.abs((values[i] ?? NaN) - value);
        expect(error, `${name}[${i}]`).toBeLessThanOrEqual(Math.max(Math.abs(value) * 2 ** -11, 2 ** -25));
      });
    }
    const ids = tokenizer.encode(text);
    const [before] = await scoreSequences(decoder, [{ ids, from: 1 }], 1);
    const [after] = await scoreSequences(back.decoder, [{ ids, from: 1 }], 1);
    expect(after?.logprob).toHaveLength(ids.length - 1);
    after?.logprob.forEach((value, i) => expect(value).toBeCloseTo(before?.logprob[i] ?? NaN, 2));
    decoder.parameters.dispose();
    back.decoder.parameters.dispose();
  });

  it('write what was read, byte for byte', async () => {
    const { decoder } = await loadModel(backend, read);
    const again = await modelFiles(decoder, tokenizerJson, tokenizer);
    expect([...again.keys()]).toEqual([...whole.keys()]);
    for (const [name, bytes] of again) expect(bytes, name).toEqual(whole.get(name));
    decoder.parameters.dispose();
  });

  it('share config and tokenizer with a second set of weights', async () => {
    files.set('trained.safetensors', weights());
    const { decoder } = await loadModel(backend, read);
    const trained = await loadWeights(backend, decoder.config, read, 'trained.safetensors');
    expect(trained.parameters.flat).not.toBe(decoder.parameters.flat);
    expect(await weightsOf(trained)).toEqual(await weightsOf(decoder));
    files.set('trained.safetensors', weights().subarray(0, 1000));
    await expect(loadWeights(backend, decoder.config, read, 'trained.safetensors')).rejects.toThrow(
      /^trained\.safetensors: /,
    );
    for (const { parameters } of [decoder, trained]) parameters.dispose();
  });
});

describe('loadModel names the file and keeps nothing of', () => {
  it.each(['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'])(
    'a folder without %s',
    async (name) => {
      files.delete(name);
      expect(await refusal()).toBe(`${name} is not there`);
    },
  );

  it.each(['config.json', 'tokenizer.json', 'tokenizer_config.json'])(
    '%s that is no JSON, or the JSON of something else',
    async (name) => {
      files.set(name, new TextEncoder().encode('<!doctype html><title>Not found</title>'));
      expect(await refusal()).toMatch(new RegExp(`^${name} is not JSON .*Give the file as published`));
      files.set(name, encode(['nothing', 'of', 'the', 'kind']));
      expect(await refusal()).toMatch(new RegExp(`^${name}`));
    },
  );

  it('a configuration of another family, with the field', async () => {
    files.set('config.json', encode({ ...json('config.json'), model_type: 'mamba' }));
    expect(await refusal()).toMatch(/config\.json.*"model_type"/);
  });

  it('weights that are cut short, at any length', async () => {
    const all = weights();
    for (const length of [0, 7, 100, Math.floor(all.length / 2), all.length - 1]) {
      files.set('model.safetensors', all.subarray(0, length));
      expect(await refusal(), `${length} bytes`).toMatch(/^model\.safetensors: .*Download the file again/);
    }
  });

  it('weights that are another kind of file', async () => {
    files.set('model.safetensors', new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\n'));
    expect(await refusal()).toMatch(/^model\.safetensors: the header claims .*not safetensors/);
  });

  it('weights of another model, with what is missing and what does not belong', async () => {
    const tensors = new Map([['lm.weight', { shape: [2, 2], values: () => new Float32Array(4) }]]);
    files.set('model.safetensors', writeSafetensors(tensors, 'F32'));
    expect(await refusal()).toMatch(
      /^model\.safetensors: the weights do not fit the configuration: missing model\.embed_tokens\.weight/,
    );
    const wider = tinyDecoder(backend, 3, { ...tinyConfig, intermediateSize: 32 });
    files.set('model.safetensors', writeSafetensors(await wider.parameters.toTensors(), 'F16'));
    wider.parameters.dispose();
    expect(await refusal()).toMatch(/mlp\.gate_proj\.weight is \[32, 16\], expected \[24, 16\]/);
  });

  it('a tokenizer larger than the vocabulary', async () => {
    const larger = trainBpe(['some other words entirely'], {
      vocabularySize: tinyConfig.vocabSize + 60,
      addedTokens: ['<|end|>', ...Array.from({ length: 200 }, (_, i) => `<extra ${i}>`)],
    });
    files.set('tokenizer.json', encode(larger));
    expect(await refusal()).toMatch(
      /^tokenizer\.json has \d+ tokens, config\.json a vocab_size of \d+\. Use the tokenizer that belongs/,
    );
  });

  it('a tokenizer without a token that ends a response', async () => {
    files.set('tokenizer_config.json', encode({}));
    expect(await refusal()).toMatch(/^tokenizer_config\.json: eos_token is missing/);
  });
});
