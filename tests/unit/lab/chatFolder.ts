import { decoderTensors } from '../../../src/engine/decoderTensors.ts';
import { Decoder } from '../../../src/engine/decoder.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { modelFiles } from '../../../src/lab/modelFiles.ts';
import { trainBpe } from '../../../src/text/bpeTrainer.ts';
import { loadHfTokenizer } from '../../../src/text/hfTokenizer.ts';
import { makeTokenizerConfig } from '../../../src/text/tokenizerJson.ts';
import { openBackend } from '../engine/openBackend.ts';
import { tinyConfig } from './tinyPolicy.ts';

const template =
  "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n";

/** A small random Llama with a chat template, as a folder's files. */
export async function chatFolder(): Promise<ReadonlyMap<string, Uint8Array>> {
  const json = trainBpe(['Who wrote the film? A river flows through the city.'], {
    vocabularySize: 300,
    addedTokens: ['<|im_end|>', '<|im_start|>'],
  });
  const tokenizerConfig = makeTokenizerConfig('<|im_end|>', template);
  const tokenizer = loadHfTokenizer(json, tokenizerConfig);
  const backend = await openBackend();
  try {
    const config = {
      ...tinyConfig,
      modelType: 'llama' as const,
      qkNorm: false,
      maxPositions: 2048,
      vocabSize: tokenizer.vocabularySize,
    };
    const parameters = new Parameters(backend, decoderTensors(config));
    parameters.initialise(4);
    const files = await modelFiles(new Decoder(config, parameters), json, tokenizer);
    files.set('tokenizer_config.json', new TextEncoder().encode(JSON.stringify(tokenizerConfig)));
    return files;
  } finally {
    backend.dispose();
  }
}
