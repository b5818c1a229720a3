/** Whether stored files are a model that this engine runs; the same words for a download and for a folder. */
import { EngineError } from '../../engine/backend.ts';
import { byteSource, type ByteSource } from '../../engine/byteSource.ts';
import { parseDecoderConfig, type DecoderConfig } from '../../engine/config.ts';
import { decoderTensors } from '../../engine/decoderTensors.ts';
import { peekGguf } from '../../engine/ggufFile.ts';
import { readSafetensors, type SafeTensor } from '../../engine/safetensors.ts';
import type { NamedTensors } from '../../engine/tensors.ts';
import { loadHfTokenizer } from '../../text/hfTokenizer.ts';
import { ggufConfig } from '../ggufConfig.ts';
import { ggufParts } from '../ggufReader.ts';
import { readWeights, type FileOpener } from '../shards.ts';
import type { PolicyLayout } from './layout.ts';

/** Numbers that weights are read from. */
const DTYPES = ['F32', 'F16', 'BF16'];
/** llama.cpp's numbers of files whose tensors are read here (`general.file_type`), and what it calls them. */
export const GGUF_TYPES: ReadonlyMap<number, string> = new Map([
  [0, 'F32'],
  [1, 'F16'],
  [2, 'Q4_0'],
  [3, 'Q4_1'],
  [7, 'Q8_0'],
  [14, 'Q4_K_S'],
  [15, 'Q4_K_M'],
  [18, 'Q6_K'],
  [32, 'BF16'],
]);
/** A published vocabulary is padded by far less than this share of it. */
const MOST_PADDING = 0.1;

/** The configuration of a folder, if the tokenizer is the model's own. Needs no weights. */
export async function checkSmallFiles(open: FileOpener): Promise<DecoderConfig> {
  const json = async (name: string): Promise<unknown> => parseJson(await open(name), name);
  const config = parseDecoderConfig(await json('config.json'), 'config.json');
  const size = vocabularyOf(await json('tokenizer.json'), await json('tokenizer_config.json'));
  if (size > config.vocabSize || size < (1 - MOST_PADDING) * config.vocabSize) {
    throw new EngineError(
      `tokenizer.json has ${size} tokens, config.json a vocab_size of ${config.vocabSize}: they are of two models. Use the tokenizer that belongs to the model.`,
    );
  }
  return config;
}

/** The configuration of a model whose every tensor is there, in its shape and a type that is read here. */
export async function checkModel(layout: PolicyLayout, open: FileOpener): Promise<DecoderConfig> {
  if (layout.kind === 'gguf') {
    const file = layout.files[0] ?? '';
    return ggufParts(await open(file), file).config;
  }
  const config = await checkSmallFiles(open);
  const tensors = await readWeights(open, 'model.safetensors');
  checkShapes(config, tensors);
  return config;
}

/**
 * What the beginning of a file of weights says against the model, before the rest has come. It need not be long enough
 * to say anything.
 */
export function checkBeginning(head: Uint8Array, bytes: number, file: string): void {
  const length =
    head.length < 8 ? Infinity : Number(new DataView(head.buffer, head.byteOffset).getBigUint64(0, true));
  if (8 + length > head.length) return;
  const { tensors } = readSafetensors({ size: bytes, read: (begin, end) => head.subarray(begin, end) }, file);
  checkDtypes(tensors, file);
}

/** What the beginning of a GGUF file says of its model. Heads are taken to be tied: the tensors are not listed yet. */
export function ggufBeginning(head: Uint8Array, file: string): DecoderConfig {
  const { metadata, lengths } = peekGguf(head, file);
  const type = metadata.get('general.file_type');
  if (typeof type === 'number' && !GGUF_TYPES.has(type)) {
    throw new EngineError(
      `${file} is quantised in a way that is not read here (general.file_type ${type}). Choose F16, Q8_0, Q4_0, Q4_1, Q4_K or Q6_K.`,
    );
  }
  const vocabulary = lengths.get('tokenizer.ggml.tokens');
  const key = `${String(metadata.get('general.architecture'))}.vocab_size`;
  const known = new Map(metadata);
  if (vocabulary !== undefined && !known.has(key)) known.set(key, vocabulary);
  return ggufConfig({ metadata: known, tensors: new Map() }, file);
}

function checkShapes(config: DecoderConfig, tensors: NamedTensors): void {
  for (const { name, shape } of decoderTensors(config)) {
    const found = tensors.get(name);
    if (found?.shape.join() === shape.join()) continue;
    throw new EngineError(
      `model.safetensors: ${name} is ${found === undefined ? 'missing' : `[${found.shape.join(', ')}]`}, config.json needs [${shape.join(', ')}]. They are of two models, or not whole.`,
    );
  }
  checkDtypes(tensors, 'model.safetensors');
}

function checkDtypes(tensors: NamedTensors | ReadonlyMap<string, SafeTensor>, file: string): void {
  for (const [name, tensor] of tensors) {
    if (!('dtype' in tensor) || DTYPES.includes(tensor.dtype) || !name.endsWith('.weight')) continue;
    throw new EngineError(
      `${file}: ${name} is ${tensor.dtype}, weights are read from ${DTYPES.join(', ')}. Use an unquantised copy of the model, or a GGUF file.`,
    );
  }
}

function vocabularyOf(json: unknown, config: unknown): number {
  try {
    const tokenizer = loadHfTokenizer(json, config);
    // Read once for its error: nothing would end a response.
    void tokenizer.eosId;
    return tokenizer.vocabularySize;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const named = reason.startsWith('tokenizer') ? reason : `tokenizer.json cannot be used: ${reason}.`;
    throw new EngineError(named, { cause: error });
  }
}

function parseJson(given: Uint8Array | ByteSource, name: string): unknown {
  const source = byteSource(given);
  try {
    return JSON.parse(new TextDecoder().decode(source.read(0, source.size)));
  } catch {
    throw new EngineError(`${name} is not JSON. Give the file as published, unchanged.`);
  }
}
