import { z } from 'zod';
import { EngineError, type Backend } from '../engine/backend.ts';
import { decoderConfigJson, parseDecoderConfig, type DecoderConfig } from '../engine/config.ts';
import { Decoder, type DecoderOptions } from '../engine/decoder.ts';
import { decoderTensors, isRedundantTensor } from '../engine/decoderTensors.ts';
import type { WeightKind } from '../engine/frozenWeights.ts';
import { Parameters } from '../engine/parameters.ts';
import { writeSafetensors } from '../engine/safetensors.ts';
import type { NamedTensors } from '../engine/tensors.ts';
import type { PriorShare } from './protocol.ts';
import { readWeights, type FileOpener } from './shards.ts';
import type { TokenizerConfig, TokenizerJson } from '../text/tokenizerJson.ts';
import { makeTokenizerConfig, parseTokenizerConfig, parseTokenizerJson } from '../text/tokenizerJson.ts';
import { NANO_CHAT_TEMPLATE } from '../text/chatTemplate.ts';
import { HfTokenizer } from '../text/hfTokenizer.ts';
import type { Tokenizer } from '../text/tokenizer.ts';

/** Reads one file of a model folder. Rejects with a message that names the file when it cannot. */
export type FileReader = (name: string) => Promise<Uint8Array>;

/** Reads one file of a model folder that need not be there. */
export type OptionalReader = (name: string) => Promise<Uint8Array | undefined>;

const none: OptionalReader = () => Promise.resolve(undefined);

/** A reader that has begun to read `names` by the time they are asked for. Each is handed out once. */
export function readAhead(read: FileReader, names: readonly string[]): FileReader {
  const begun = new Map(names.map((name) => [name, read(name)]));
  // A file that cannot be read is told to whoever asks for it, and to nobody where nobody does.
  for (const reading of begun.values()) reading.catch(() => undefined);
  return (name) => {
    const reading = begun.get(name);
    begun.delete(name);
    return reading ?? read(name);
  };
}

/** What `loadModel` reads. */
export const MODEL_FILES = [
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'model.safetensors',
] as const;

export interface LoadedModel {
  readonly decoder: Decoder;
  readonly tokenizer: HfTokenizer;
}

/** What a model's files hold, nothing of it on a device yet. */
export interface ModelParts {
  readonly config: DecoderConfig;
  /** The file of the weights, as errors name it. */
  readonly file: string;
  readonly tokenizer: HfTokenizer;
  readonly tokenizerJson: TokenizerJson;
  readonly tokenizerConfig: TokenizerConfig;
  /** The fewest bits that hold the layers' matrices as they are in the file, or nearly. */
  readonly kept: WeightKind;
  /** The tensors, by Hugging Face's names; read when asked for. */
  readonly weights: () => Promise<NamedTensors>;
  /** Reads files beside the weights, where the model is a folder. */
  readonly folder?: { readonly read: FileReader; readonly optional: OptionalReader };
}

/**
 * A folder in Hugging Face layout: config.json, model.safetensors (or its shards), tokenizer.json,
 * tokenizer_config.json, and in newer ones chat_template.jinja, which goes before what tokenizer_config.json says.
 */
export async function readFolder(
  read: FileReader,
  open: FileOpener = read,
  optional: OptionalReader = none,
): Promise<ModelParts> {
  const json = async (name: string): Promise<unknown> => parseJson(await read(name), name);
  const config = parseDecoderConfig(await json('config.json'), 'config.json');
  const [tokenizerJson, tokenizerConfig] = [
    await json('tokenizer.json'),
    await json('tokenizer_config.json'),
  ];
  const template = await optional('chat_template.jinja');
  const opened = openTokenizer(
    tokenizerJson,
    tokenizerConfig,
    template && new TextDecoder().decode(template),
  );
  if (opened.tokenizer.vocabularySize > config.vocabSize) {
    throw new EngineError(
      `tokenizer.json has ${String(opened.tokenizer.vocabularySize)} tokens, config.json a vocab_size of ${String(config.vocabSize)}. Use the tokenizer that belongs to the model.`,
    );
  }
  const file = 'model.safetensors';
  return {
    ...opened,
    config,
    file,
    kept: 'f16',
    weights: () => readWeights(open, file),
    folder: { read, optional },
  };
}

/** The same folder as a policy whose weights can all be trained. */
export async function loadModel(backend: Backend, read: FileReader): Promise<LoadedModel> {
  const parts = await readFolder(read);
  return { decoder: await placeModel(backend, parts), tokenizer: parts.tokenizer };
}

/** All weights on the device as f32, ready to run and to be trained. */
export async function placeModel(
  backend: Backend,
  { config, file, weights }: Pick<ModelParts, 'config' | 'file' | 'weights'>,
  options?: DecoderOptions,
): Promise<Decoder> {
  const tensors = await weights();
  const parameters = new Parameters(backend, decoderTensors(config));
  try {
    parameters.load(tensors, file, (name) => isRedundantTensor(config, name));
  } catch (error) {
    parameters.dispose();
    throw error;
  }
  return new Decoder(config, parameters, parameters, options);
}

/** A tokenizer that knows what ends a response, or an error that names its file. */
function openTokenizer(
  json: unknown,
  config: unknown,
  template?: string,
): Pick<ModelParts, 'tokenizer' | 'tokenizerJson' | 'tokenizerConfig'> {
  try {
    const tokenizerJson = parseTokenizerJson(json);
    const tokenizerConfig = {
      ...parseTokenizerConfig(config),
      ...(template === undefined ? {} : { chat_template: template }),
    };
    const tokenizer = new HfTokenizer(tokenizerJson, tokenizerConfig);
    // Read once for its error: a rollout would be too late to find out that nothing ends a response.
    void tokenizer.eosId;
    return { tokenizer, tokenizerJson, tokenizerConfig };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // The library that some tokenizers are left to speaks of no file.
    const named = reason.startsWith('tokenizer') ? reason : `tokenizer.json cannot be used: ${reason}.`;
    throw new EngineError(named, { cause: error });
  }
}

/** The weights alone, for a second policy that shares config and tokenizer. */
export function loadWeights(
  backend: Backend,
  config: DecoderConfig,
  read: FileReader,
  file = 'model.safetensors',
): Promise<Decoder> {
  return placeModel(backend, { config, file, weights: () => readWeights(read, file) });
}

function parseJson(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch (error) {
    throw new EngineError(
      `${name} is not JSON (${error instanceof Error ? error.message : String(error)}). Give the file as published, unchanged.`,
    );
  }
}

const text = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`);

/** Weights at 16 bits. */
export async function weightFile(decoder: Decoder): Promise<Uint8Array> {
  return writeSafetensors(await decoder.parameters.toTensors(), 'F16', { format: 'pt' });
}

/** All files of a model folder, by name. */
export async function modelFiles(
  decoder: Decoder,
  tokenizerJson: TokenizerJson,
  tokenizer: Tokenizer,
): Promise<Map<string, Uint8Array>> {
  const ids = { bos_token_id: null, eos_token_id: tokenizer.eosId, pad_token_id: tokenizer.eosId };
  return new Map([
    ['config.json', text({ ...decoderConfigJson(decoder.config, ids), torch_dtype: 'float16' })],
    ['generation_config.json', text({ eos_token_id: tokenizer.eosId, do_sample: true, temperature: 1 })],
    ['tokenizer.json', new TextEncoder().encode(JSON.stringify(tokenizerJson))],
    ['tokenizer_config.json', text(makeTokenizerConfig('<|end|>', NANO_CHAT_TEMPLATE))],
    ['model.safetensors', await weightFile(decoder)],
  ]);
}

/** prior.json: what the shipped policy has seen before GRPO, and whether a trained checkpoint lies beside it. */
const priorSchema = z.object({
  behaviours: z.record(z.string(), z.string()),
  stages: z.array(
    z.object({ name: z.string(), portion: z.number(), shares: z.record(z.string(), z.number()) }),
  ),
  /** File name of a trained checkpoint in the same folder. */
  trained: z.string().optional(),
});

/** Shares over the whole prior: each stage's, weighted by its portion. */
export function parsePrior(bytes: Uint8Array): { shares: PriorShare[]; trained: string | undefined } {
  const parsed = priorSchema.safeParse(parseJson(bytes, 'prior.json'));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    refusePrior(issue?.path.join('.') ?? '', issue?.message ?? 'is not a prior');
  }
  const { behaviours, stages, trained } = parsed.data;
  stages.forEach(({ shares }, i) => {
    const unknown = Object.keys(shares).find((name) => !Object.hasOwn(behaviours, name));
    if (unknown !== undefined) refusePrior(`stages.${i}.shares.${unknown}`, 'is not among the behaviours');
  });
  const shares = Object.entries(behaviours).map(([name, description]) => ({
    name,
    description,
    share: stages.reduce((sum, stage) => sum + stage.portion * (stage.shares[name] ?? 0), 0),
  }));
  return { shares, trained };
}

function refusePrior(field: string, problem: string): never {
  throw new EngineError(
    `prior.json: ${field && `${field}: `}${problem}. Make it again with: npm run -s cli -- pretrain`,
  );
}
