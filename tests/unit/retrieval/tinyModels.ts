import type { EmbedderFiles } from '../../../src/retrieval/embedderFiles.ts';
import { OnnxWriter, type ElementType } from '../../../scripts/trainEmbedder/onnxWriter.ts';

export const VOCABULARY = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'red', 'green', 'blue', 'query', ':'] as const;

/** The vector of each token of the tiny models, [V, 2]. */
export const TOKEN_VECTORS: readonly (readonly [number, number])[] = [
  [100, -100], // padding: shows in any result that lets it in
  [0, 0],
  [8, 6],
  [3, 4],
  [1, 0],
  [0, 1],
  [-2, 1],
  [5, 12],
  [0, 0],
];

/** WordPiece over whole words, wrapped in [CLS] … [SEP] as BERT does. */
export const tinyTokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]'].map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [
      { SpecialToken: { id: '[CLS]', type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '[SEP]', type_id: 0 } },
    ],
    pair: [],
    special_tokens: {
      '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
      '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
    },
  },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(VOCABULARY.map((token, id) => [token, id])),
  },
};

export interface TinyModelOptions {
  readonly inputs?: readonly string[];
  readonly inputType?: ElementType;
  /** `sentence_embedding`: pooled inside, by the first token. `logits`: a number a token, and so no embedding. */
  readonly output?: 'last_hidden_state' | 'sentence_embedding' | 'logits';
}

/** An ONNX file that looks each token's vector up. */
export function tinyModel(options: TinyModelOptions = {}): Uint8Array {
  const {
    inputs = ['input_ids', 'attention_mask'],
    inputType = 'int64',
    output = 'last_hidden_state',
  } = options;
  const onnx = new OnnxWriter('tiny');
  for (const name of inputs) onnx.input(name, inputType, ['batch', 'sequence']);
  const table = onnx.weight('table', [TOKEN_VECTORS.length, 2], Float32Array.from(TOKEN_VECTORS.flat()));
  if (output === 'last_hidden_state') {
    onnx.node('Gather', [table, inputs[0]!], {}, output);
    onnx.output(output, 'float32', ['batch', 'sequence', 2]);
  } else if (output === 'logits') {
    const tokens = onnx.node('Gather', [table, inputs[0]!]);
    const first = onnx.node('Slice', [tokens, onnx.ints([0]), onnx.ints([1]), onnx.ints([2])]);
    onnx.node('Squeeze', [first, onnx.ints([2])], {}, output);
    onnx.output(output, 'float32', ['batch', 'sequence']);
  } else {
    const tokens = onnx.node('Gather', [table, inputs[0]!]);
    const first = onnx.node('Slice', [tokens, onnx.ints([0]), onnx.ints([1]), onnx.ints([1])]);
    onnx.node('Squeeze', [first, onnx.ints([1])], {}, output);
    onnx.output(output, 'float32', ['batch', 2]);
  }
  return onnx.finish('test');
}

export function tinyFiles(changes: Partial<EmbedderFiles> = {}): EmbedderFiles {
  return { name: 'tiny', model: tinyModel(), tokenizer: tinyTokenizer, ...changes };
}
