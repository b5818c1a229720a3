import { Tokenizer } from '@huggingface/tokenizers';
import { embeddingRecipe, type EmbedderFiles, type Pooling } from './embedderFiles.ts';
import type { Embedder, TextKind } from './embedder.ts';
import { openSession, type Provider, type ProviderChoice } from './onnxSession.ts';
import { normaliseRows, poolTokens } from './pooling.ts';

export interface OnnxEmbedderOptions {
  /** What runs it, WebAssembly by default. */
  readonly provider?: ProviderChoice;
  /** Threads of the WebAssembly runtime, 1 by default. Counts for the first model of the page or process only. */
  readonly threads?: number;
  /** Refuse a model of another dimension, such as that of an existing index. */
  readonly expectedDimension?: number;
}

export interface OnnxEmbedder extends Embedder {
  readonly pooling: Pooling | 'in the model';
  readonly provider: Provider;
  /** Every assumption made for want of a file that says it, and why it does not run where that was asked for. */
  readonly notices: readonly string[];
}

/** Padded tokens in one run: enough to keep the matrices busy, little enough to stay in the cache. */
const TOKENS_PER_RUN = 2048;

const SENTENCE_OUTPUTS = ['sentence_embedding', 'sentence_embeddings', 'embedding', 'embeddings', 'pooled'];
const TOKEN_OUTPUTS = ['last_hidden_state', 'token_embeddings', 'hidden_states'];
const KNOWN_INPUTS = ['input_ids', 'attention_mask', 'token_type_ids', 'position_ids'];

/** Opens the file and says which inputs and which output to use, or throws naming what is wrong. */
async function openNetwork(files: EmbedderFiles, provider: ProviderChoice, threads: number) {
  const opened = await openSession(files, provider, threads);
  const { session } = opened;
  const { name } = files;
  const unknown = session.inputNames.filter((input) => !KNOWN_INPUTS.includes(input));
  if (unknown.length > 0 || !session.inputNames.includes('input_ids')) {
    await session.release();
    throw new Error(
      `Embedding model "${name}": its inputs are ${session.inputNames.join(', ')}; ` +
        `a text encoder has input_ids and may have ${KNOWN_INPUTS.slice(1).join(', ')}.`,
    );
  }
  const pick = (names: readonly string[]) => names.find((output) => session.outputNames.includes(output));
  const output = pick(SENTENCE_OUTPUTS) ?? pick(TOKEN_OUTPUTS) ?? session.outputNames[0]!;
  const inputs = session.inputMetadata.map((input) => ({
    name: input.name,
    type: input.isTensor && input.type === 'int32' ? ('int32' as const) : ('int64' as const),
  }));
  return { ...opened, inputs, output };
}

/** Token ids of a text with the model's special tokens, at most `maxTokens` of them: the text is cut, not they. */
function encodeText(tokenizer: Tokenizer, text: string, maxTokens: number): number[] {
  const { ids } = tokenizer.encode(text);
  if (ids.length <= maxTokens) return ids;
  const plain = tokenizer.encode(text, { add_special_tokens: false }).ids;
  const special = ids.length - plain.length;
  const before = tokenizer.encode('').ids.findIndex((id, i) => id !== ids[i]);
  const head = special === 0 ? 0 : before === -1 ? special : before;
  return [...ids.slice(0, head), ...plain.slice(0, maxTokens - special), ...ids.slice(head + plain.length)];
}

function openTokenizer({ name, tokenizer, tokenizerConfig }: EmbedderFiles): Tokenizer {
  try {
    return new Tokenizer(tokenizer, tokenizerConfig ?? {});
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Embedding model "${name}": tokenizer.json cannot be used. ${reason}`, { cause: error });
  }
}

/**
 * Any sentence-transformers model as an ONNX file, run by onnxruntime-web on WebAssembly in a worker, a page or
 * Node. Pooling, prompts and length come from the model's files (`embeddingRecipe`); vectors are L2-normalised.
 * Throws, and leaves nothing open, when a file cannot be read or the dimension is not the expected one.
 */
export async function createOnnxEmbedder(
  files: EmbedderFiles,
  options: OnnxEmbedderOptions = {},
): Promise<OnnxEmbedder> {
  const { name } = files;
  const recipe = embeddingRecipe(files);
  const tokenizer = openTokenizer(files);
  const network = await openNetwork(files, options.provider ?? 'wasm', options.threads ?? 1);
  const { session, inputs, output, provider, intTensor } = network;

  /** Sentence vectors of token sequences of at least one token each, padded to the longest. */
  const run = async (rows: readonly number[][]) => {
    const B = rows.length;
    const T = rows.reduce((longest, ids) => Math.max(longest, ids.length), 0);
    const ids = new Int32Array(B * T);
    const mask = new Int32Array(B * T);
    const positions = Int32Array.from({ length: B * T }, (_, i) => i % T);
    rows.forEach((row, b) => {
      ids.set(row, b * T);
      mask.fill(1, b * T, b * T + row.length);
    });
    const byName: Record<string, Int32Array> = {
      input_ids: ids,
      attention_mask: mask,
      token_type_ids: new Int32Array(B * T),
      position_ids: positions,
    };
    const feeds = Object.fromEntries(
      inputs.map((input) => [input.name, intTensor(input.type, byName[input.name]!, [B, T])]),
    );
    const outputs = await session.run(feeds, [output]).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(
        `Embedding model "${name}": it cannot be run on tokens of this tokenizer.json; use the one that belongs to ` +
          `the model. ${reason}`,
        { cause: error },
      );
    });
    const result = outputs[output]!;
    const { dims, data } = result;
    const dimension = dims.at(-1) ?? 0;
    if (
      !(data instanceof Float32Array) ||
      dims[0] !== B ||
      !(dims.length === 2 || (dims.length === 3 && dims[1] === T))
    ) {
      throw new Error(
        `Embedding model "${name}": the output ${output} is ${result.type} of shape [${dims.join(', ')}]; expected ` +
          `float32 of shape [${B}, dimension] or [${B}, ${T}, dimension].`,
      );
    }
    const pooled = dims.length === 3;
    const lengths = rows.map((row) => row.length);
    const vectors = pooled ? poolTokens(data, lengths, T, dimension, recipe.pooling) : new Float32Array(data);
    normaliseRows(vectors, dimension);
    result.dispose();
    return { vectors, dimension, pooled };
  };

  let probe;
  try {
    probe = await run([encodeText(tokenizer, 'a', recipe.maxTokens)]);
    const longer = await run([encodeText(tokenizer, 'a a a', recipe.maxTokens)]);
    if (longer.dimension !== probe.dimension) {
      throw new Error(
        `Embedding model "${name}": its output ${output} has dimension ${probe.dimension} for one text and ` +
          `${longer.dimension} for another; a sentence's vector has one dimension. Export the model so that it ` +
          'outputs sentence_embedding or last_hidden_state.',
      );
    }
    if (options.expectedDimension !== undefined && probe.dimension !== options.expectedDimension) {
      throw new Error(
        `Embedding model "${name}" gives vectors of dimension ${probe.dimension}, not ${options.expectedDimension}; ` +
          'choose a model of that dimension or rebuild the index with this one.',
      );
    }
  } catch (error) {
    await session.release();
    throw error;
  }
  const { dimension } = probe;

  const embedAll = async (texts: readonly string[], kind: TextKind): Promise<Float32Array> => {
    const prefix = kind === 'query' ? recipe.queryPrefix : recipe.passagePrefix;
    const encoded = texts.map((text, row) => ({
      row,
      ids: encodeText(tokenizer, prefix + text, recipe.maxTokens),
    }));
    const vectors = new Float32Array(texts.length * dimension);
    // Texts of like length share a run, so little is spent on padding.
    const queue = encoded.filter(({ ids }) => ids.length > 0).sort((a, b) => b.ids.length - a.ids.length);
    for (let start = 0; start < queue.length;) {
      const rows = Math.max(1, Math.floor(TOKENS_PER_RUN / queue[start]!.ids.length));
      const batch = queue.slice(start, start + rows);
      const result = await run(batch.map(({ ids }) => ids));
      batch.forEach(({ row }, b) => {
        vectors.set(result.vectors.subarray(b * dimension, (b + 1) * dimension), row * dimension);
      });
      start += rows;
    }
    return vectors;
  };

  // A session runs one batch at a time: calls wait for each other.
  let last: Promise<unknown> = Promise.resolve();
  return {
    name,
    dimension,
    maxTokens: recipe.maxTokens,
    pooling: probe.pooled ? recipe.pooling : 'in the model',
    provider,
    notices: [...recipe.notices, ...network.notices],
    embed(texts, kind) {
      const result = last.then(() => embedAll(texts, kind));
      last = result.catch(() => undefined);
      return result;
    },
    async dispose() {
      await last;
      await session.release();
    },
  };
}
