import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { AddedTokenSplitter } from './addedTokens.ts';
import { Bpe } from './bpe.ts';
import { bytesOfToken, splitWords, textsOfBytes, toBytes } from './byteLevel.ts';
import type { TextPart, Tokenizer } from './tokenizer.ts';
import { chatTemplateOf, parseBpeModel, parseTokenizerConfig, parseTokenizerJson } from './tokenizerJson.ts';
import type { TokenizerConfig, TokenizerJson } from './tokenizerJson.ts';

/** The text of an id without a token, as Hugging Face's tokenizers leave it out. */
const NO_BYTES = new Uint8Array(0);

/** Turns a stretch of text without added tokens into ids. */
type TextEncoding = (text: string, ids: number[]) => void;

interface Model {
  readonly library: LibraryTokenizer;
  readonly encodeText: TextEncoding;
  /** Bytes of a token's text, added tokens included; undefined where the model is not byte-level. */
  readonly bytes: readonly (Uint8Array | undefined)[] | undefined;
  readonly idOf: (token: string) => number | undefined;
  readonly vocabularySize: number;
}

/** The parts of a pre_tokenizer, in order. */
function preTokenizerParts(
  json: TokenizerJson,
): readonly { readonly type: string; readonly [key: string]: unknown }[] {
  const root = json.pre_tokenizer;
  if (root === null || root === undefined) return [];
  const inner: unknown = root['pretokenizers'];
  if (root.type !== 'Sequence' || !Array.isArray(inner)) return [root];
  return inner.filter(
    (part): part is { type: string } => typeof part === 'object' && part !== null && 'type' in part,
  );
}

/**
 * `Digits` as a pattern: Hugging Face's tokenizers cut all numeric characters (², ¼, Ⅷ too), the library 0 to 9 and
 * their like alone.
 */
function withNumericDigits(json: TokenizerJson): TokenizerJson {
  const parts = preTokenizerParts(json);
  if (!parts.some(({ type }) => type === 'Digits')) return json;
  const pretokenizers = parts.map((part) => {
    if (part.type !== 'Digits') return part;
    const Regex = part['individual_digits'] === true ? '\\p{N}' : '\\p{N}+';
    return { type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false };
  });
  return { ...json, pre_tokenizer: { type: 'Sequence', pretokenizers } };
}

function isByteLevel(json: TokenizerJson): boolean {
  const parts = preTokenizerParts(json);
  return json.model.type === 'BPE' && parts.at(-1)?.type === 'ByteLevel';
}

/** Words of a text under any pre-tokeniser of the library, in plain text. */
function libraryWords(library: LibraryTokenizer, text: string): string[] {
  const normalized = library.normalizer === null ? text : library.normalizer(text);
  if (normalized.length === 0) return [];
  const words =
    library.pre_tokenizer === null ? [normalized] : library.pre_tokenizer(normalized, { section_index: 0 });
  return words.map((word) => {
    const bytes = bytesOfToken(word);
    return bytes === undefined ? word : (textsOfBytes([bytes])[0] ?? '');
  });
}

/** Byte-level BPE (ours, GPT-2, Llama 3, Qwen, SmolLM2): our own fast path, the library cuts unusual words. */
function byteLevelModel(json: TokenizerJson, config: TokenizerConfig): Model {
  const { vocab, merges, ignore_merges } = parseBpeModel(json.model);
  const vocabulary = new Map(Object.entries(vocab));
  const bpe = new Bpe({
    vocabulary,
    merges: merges.map((merge) => {
      if (typeof merge !== 'string') return merge;
      const space = merge.indexOf(' ', 1);
      return [merge.slice(0, space), merge.slice(space + 1)];
    }),
    reserved: new Set(json.added_tokens.map((token) => token.id)),
    ignoreMerges: ignore_merges ?? false,
  });
  // Without vocabulary the library is only normaliser and pre-tokeniser, and loads at once.
  const library = new LibraryTokenizer(
    { ...json, added_tokens: [], model: { type: 'BPE', vocab: {}, merges: [], unk_token: null } },
    config,
  );
  const parts = preTokenizerParts(json);
  const simple = parts.length === 1 && parts[0]?.['use_regex'] !== false && library.normalizer === null;
  const prefixSpace = parts[0]?.['add_prefix_space'] === true;
  const bytes: (Uint8Array | undefined)[] = [];
  for (const [token, id] of vocabulary) bytes[id] = bytesOfToken(token);
  for (const token of json.added_tokens) {
    bytes[token.id] = toBytes(token.content);
    vocabulary.set(token.content, token.id);
  }
  return {
    library,
    encodeText: (text, ids) => {
      const words = simple
        ? splitWords(prefixSpace && !text.startsWith(' ') ? ` ${text}` : text)
        : libraryWords(library, text);
      for (const word of words) {
        for (const id of bpe.encodeWord(word)) ids.push(id);
      }
    },
    bytes,
    idOf: (token) => vocabulary.get(token),
    vocabularySize: bytes.length,
  };
}

/** Everything else (WordPiece, Unigram, Metaspace BPE) is the library's. */
function libraryModel(json: TokenizerJson, config: TokenizerConfig): Model {
  const library = new LibraryTokenizer(json, config);
  const model = library.model;
  if (model === null) throw new Error('tokenizer.json: model: not known to @huggingface/tokenizers.');
  let vocabularySize = 0;
  for (const id of library.get_vocab().values()) vocabularySize = Math.max(vocabularySize, id + 1);
  return {
    library,
    encodeText: (text, ids) => {
      const normalized = library.normalizer === null ? text : library.normalizer(text);
      if (normalized.length === 0) return;
      const words =
        library.pre_tokenizer === null
          ? [normalized]
          : library.pre_tokenizer(normalized, { section_index: 0 });
      for (const token of model(words)) {
        const id = library.token_to_id(token) ?? model.unk_token_id;
        if (id === undefined) throw new Error(`tokenizer.json: no id for "${token}", and no unknown token.`);
        ids.push(id);
      }
    },
    bytes: undefined,
    idOf: (token) => library.token_to_id(token),
    vocabularySize,
  };
}

/** A Hugging Face tokenizer. `encode` adds no special tokens of its own (no BOS, no `[CLS]`). */
export class HfTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  /** The chat template of tokenizer_config.json (Jinja source), if there is one. */
  readonly chatTemplate: string | undefined;
  private readonly model: Model;
  private readonly splitter: AddedTokenSplitter;
  /** Texts of the tokens that begin a text and end a response, if the file names them. */
  readonly bosToken: string | undefined;
  readonly eosToken: string | undefined;

  constructor(given: TokenizerJson, config: TokenizerConfig) {
    const json = withNumericDigits(given);
    this.model = isByteLevel(json) ? byteLevelModel(json, config) : libraryModel(json, config);
    this.vocabularySize = this.model.vocabularySize;
    this.splitter = new AddedTokenSplitter(
      json.added_tokens.map((token) => ({ ...token, singleWord: token.single_word })),
    );
    this.bosToken = config.bos_token ?? undefined;
    this.eosToken = config.eos_token ?? undefined;
    this.chatTemplate = chatTemplateOf(config);
  }

  /** @throws if tokenizer_config.json names no eos_token, or one without an id. */
  get eosId(): number {
    const id = this.eosToken === undefined ? undefined : this.model.idOf(this.eosToken);
    if (id === undefined) {
      throw new Error(
        `tokenizer_config.json: eos_token ${this.eosToken === undefined ? 'is missing' : `"${this.eosToken}" is not in tokenizer.json`}. Name the token that ends a response.`,
      );
    }
    return id;
  }

  encode(text: string, options?: { readonly plain?: boolean }): number[] {
    const ids: number[] = [];
    if (options?.plain === true) {
      if (text.length > 0) this.model.encodeText(text, ids);
      return ids;
    }
    for (const piece of this.splitter.split(text)) {
      if ('id' in piece) ids.push(piece.id);
      else this.model.encodeText(piece.text, ids);
    }
    return ids;
  }

  encodeParts(parts: readonly TextPart[]): number[] {
    const ids: number[] = [];
    let stretch = '';
    const flush = (): void => {
      if (stretch.length > 0) this.model.encodeText(stretch, ids);
      stretch = '';
    };
    for (const { text, plain } of parts) {
      for (const piece of plain ? [{ text }] : this.splitter.split(text)) {
        if ('text' in piece) stretch += piece.text;
        else {
          flush();
          ids.push(piece.id);
        }
      }
    }
    flush();
    return ids;
  }

  decode(ids: ArrayLike<number>): string {
    return this.tokenTexts(ids).join('');
  }

  tokenTexts(ids: ArrayLike<number>): string[] {
    const { bytes, library } = this.model;
    const list = Array.from(ids);
    const wrong = list.find((id) => !Number.isInteger(id) || id < 0);
    if (wrong !== undefined) throw new Error(`Token id ${wrong} is not a whole number from 0 on.`);
    if (bytes !== undefined) return textsOfBytes(list.map((id) => bytes[id] ?? NO_BYTES));
    // The library decodes whole sequences only: a token's text is what it adds to the text before it.
    let before = '';
    const known: number[] = [];
    return list.map((id) => {
      if (library.id_to_token(id) === undefined) return '';
      known.push(id);
      const text = library.decode(known, { clean_up_tokenization_spaces: false });
      const added = text.startsWith(before) ? text.slice(before.length) : '';
      if (added !== '') before = text;
      return added;
    });
  }

  idOf(token: string): number | undefined {
    return this.model.idOf(token);
  }
}

/**
 * Reads a tokenizer.json (already parsed as JSON), and a tokenizer_config.json if there is one.
 * @throws Error naming the file and field that is wrong.
 */
export function loadHfTokenizer(json: unknown, config: unknown = {}): HfTokenizer {
  return new HfTokenizer(parseTokenizerJson(json), parseTokenizerConfig(config));
}
