import type { Backend } from '../engine/backend.ts';
import { parseDecoderConfig } from '../engine/config.ts';
import { readSafetensors } from '../engine/safetensors.ts';
import { SentenceEncoder } from '../engine/sentenceEncoder.ts';
import type { Embedder } from '../retrieval/embedder.ts';
import {
  embeddingRecipe,
  loadEmbedderTexts,
  readModelJson,
  type EmbedderTexts,
  type ReadModelFile,
} from '../retrieval/embedderFiles.ts';
import { encodeText, openTokenizer } from '../retrieval/textEncoding.ts';

/** Beside a model's ONNX file: the same network for the engine, which runs it in a fraction of the time. */
export const ENCODER_CONFIG = 'encoder.json';
export const ENCODER_WEIGHTS = 'encoder.safetensors';

export interface EncoderFiles extends EmbedderTexts {
  readonly config: unknown;
  readonly weights: Uint8Array;
}

/** Tokens in one run: enough to keep the matrices busy, little enough to stay in the cache. */
const TOKENS_PER_RUN = 2048;

/** A folder's files for the engine, or undefined where it has none. Throws, naming the file, what is incomplete. */
export async function loadEncoderFiles(name: string, read: ReadModelFile): Promise<EncoderFiles | undefined> {
  const config = await readModelJson(name, ENCODER_CONFIG, read);
  if (config === undefined) return undefined;
  const [texts, weights] = await Promise.all([loadEmbedderTexts(name, read), read(ENCODER_WEIGHTS)]);
  if (weights === undefined) {
    throw new Error(`Embedding model "${name}": ${ENCODER_WEIGHTS} is missing beside ${ENCODER_CONFIG}.`);
  }
  return { ...texts, config, weights };
}

/**
 * A sentence encoder on the engine. The backend is the embedder's own from then on: `dispose` disposes of it, and so
 * does an error.
 */
export function createEngineEmbedder(files: EncoderFiles, backend: Backend): Embedder {
  try {
    const { pooling, queryPrefix, passagePrefix, maxTokens } = embeddingRecipe(files);
    const tokenizer = openTokenizer(files);
    const config = parseDecoderConfig(files.config, `${files.name}/${ENCODER_CONFIG}`);
    if (pooling !== 'mean' || maxTokens > config.maxPositions) {
      throw new Error(
        `Embedding model "${files.name}": the engine takes means of up to ${config.maxPositions} tokens, not ` +
          `${pooling} of up to ${maxTokens}.`,
      );
    }
    const encoder = new SentenceEncoder(backend, config);
    const weights = `${files.name}/${ENCODER_WEIGHTS}`;
    encoder.parameters.load(readSafetensors(files.weights, weights).tensors, weights);
    return {
      name: files.name,
      dimension: config.hiddenSize,
      maxTokens,
      embed: (texts, kind) => {
        const prefix = kind === 'query' ? queryPrefix : passagePrefix;
        return embedAll(
          encoder,
          texts.map((text) => encodeText(tokenizer, prefix + text, maxTokens)),
        );
      },
      dispose: () => {
        backend.dispose();
        return Promise.resolve();
      },
    };
  } catch (error) {
    backend.dispose();
    throw error;
  }
}

/** Unit vectors of texts as tokens, run after run; zeros for a text without any. */
async function embedAll(
  encoder: SentenceEncoder,
  texts: readonly (readonly number[])[],
): Promise<Float32Array> {
  const dimension = encoder.config.hiddenSize;
  const vectors = new Float32Array(texts.length * dimension);
  let rows: number[] = [];
  let tokens = 0;
  const flush = async (): Promise<void> => {
    if (rows.length === 0) return;
    const batch = rows;
    rows = [];
    tokens = 0;
    const found = await encoder.embed(batch.map((row) => texts[row] ?? []));
    batch.forEach((row, i) => {
      vectors.set(found.subarray(i * dimension, (i + 1) * dimension), row * dimension);
    });
  };
  for (const [row, { length }] of texts.entries()) {
    if (length === 0) continue;
    if (tokens + length > TOKENS_PER_RUN) await flush();
    rows.push(row);
    tokens += length;
  }
  await flush();
  return vectors;
}
