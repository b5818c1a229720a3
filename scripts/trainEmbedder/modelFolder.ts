import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ReadModelFile } from '../../src/retrieval/embedderFiles.ts';
import { trainBpe } from '../../src/text/bpeTrainer.ts';
import type { TokenizerJson } from '../../src/text/tokenizerJson.ts';

/** Case and accents say little about which entity is meant, and a typed query often lacks them. */
const NORMALIZER = {
  type: 'Sequence',
  normalizers: [{ type: 'NFD' }, { type: 'StripAccents' }, { type: 'Lowercase' }],
};

const normalise = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();

/** A byte-level BPE over texts without case and accents. It adds no special tokens. */
export function trainTokenizer(texts: readonly string[], vocabularySize: number): TokenizerJson {
  const json = trainBpe(texts.map(normalise), { vocabularySize, addedTokens: [] });
  return { ...json, normalizer: NORMALIZER };
}

/** Reads a model's folder from disk. */
export function readModelFromFolder(folder: string): ReadModelFile {
  return async (path) => {
    try {
      return new Uint8Array(await readFile(join(folder, path)));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  };
}

export interface ModelFolder {
  readonly model: Uint8Array;
  readonly tokenizer: TokenizerJson;
  readonly dimension: number;
  readonly maxTokens: number;
}

/** Writes the layout of sentence-transformers: mean pooling, then normalisation; no prompts. */
export async function writeModelFolder(
  folder: string,
  { model, tokenizer, dimension, maxTokens }: ModelFolder,
): Promise<void> {
  const module = (idx: number, path: string, type: string) => ({
    idx,
    name: String(idx),
    path,
    type: `sentence_transformers.models.${type}`,
  });
  const json: Record<string, unknown> = {
    'modules.json': [
      module(0, '', 'Transformer'),
      module(1, '1_Pooling', 'Pooling'),
      module(2, '2_Normalize', 'Normalize'),
    ],
    '1_Pooling/config.json': {
      word_embedding_dimension: dimension,
      pooling_mode_cls_token: false,
      pooling_mode_mean_tokens: true,
      pooling_mode_max_tokens: false,
      pooling_mode_mean_sqrt_len_tokens: false,
    },
    'sentence_bert_config.json': { max_seq_length: maxTokens, do_lower_case: false },
    'config_sentence_transformers.json': {
      prompts: { query: '', passage: '' },
      similarity_fn_name: 'cosine',
    },
    'tokenizer_config.json': {
      tokenizer_class: 'PreTrainedTokenizerFast',
      model_max_length: maxTokens,
      clean_up_tokenization_spaces: false,
    },
  };
  const files: [string, string | Uint8Array][] = [
    ['model.onnx', model],
    ['tokenizer.json', JSON.stringify(tokenizer)],
    ...Object.entries(json).map(([path, value]): [string, string] => [
      path,
      `${JSON.stringify(value, null, 2)}\n`,
    ]),
  ];
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}
