import { z } from 'zod';
import { networkPaths, type Precision } from './embedderNetworks.ts';

/** How token vectors become one sentence vector: the masked mean, the first token, the last token or the maximum. */
export type Pooling = 'mean' | 'cls' | 'lasttoken' | 'max';

/** What to do around the network, as the model's card says. */
export interface EmbeddingRecipe {
  readonly pooling: Pooling;
  readonly queryPrefix: string;
  readonly passagePrefix: string;
  readonly maxTokens: number;
  /** Every assumption made for want of a file that says it. */
  readonly notices: readonly string[];
}

/** The files of a sentence-transformers model; the JSON ones are parsed. Only `model` and `tokenizer` are required. */
export interface EmbedderFiles {
  readonly name: string;
  readonly model: Uint8Array;
  readonly tokenizer: object;
  readonly tokenizerConfig?: object;
  /** modules.json */
  readonly modules?: unknown;
  /** 1_Pooling/config.json, or where modules.json says that it is */
  readonly pooling?: unknown;
  /** config_sentence_transformers.json */
  readonly prompts?: unknown;
  /** sentence_bert_config.json */
  readonly length?: unknown;
}

/** Reads one file of a model's folder; undefined where there is none. */
export type ReadModelFile = (path: string) => Promise<Uint8Array | undefined>;

const DEFAULT_MAX_TOKENS = 512;
const RETRIEVAL_INSTRUCTION = 'Represent this sentence for searching relevant passages: ';

/** Model cards, for models whose folder does not say it. Matched against the name in lower case. */
const KNOWN_MODELS: readonly {
  readonly name: RegExp;
  readonly pooling: Pooling;
  readonly queryPrefix: string;
  readonly passagePrefix: string;
}[] = [
  {
    name: /(^|[-_/ ])e5-(small|base|large)/,
    pooling: 'mean',
    queryPrefix: 'query: ',
    passagePrefix: 'passage: ',
  },
  { name: /bge-.*-en/, pooling: 'cls', queryPrefix: RETRIEVAL_INSTRUCTION, passagePrefix: '' },
  {
    name: /arctic-embed-(xs|s|m|l)( |$)/,
    pooling: 'cls',
    queryPrefix: RETRIEVAL_INSTRUCTION,
    passagePrefix: '',
  },
  { name: /minilm|mpnet|gte-(small|base|large)/, pooling: 'mean', queryPrefix: '', passagePrefix: '' },
];

const modulesSchema = z.array(z.object({ type: z.string(), path: z.string().default('') }));
const poolingSchema = z.record(z.string(), z.unknown());
const promptsSchema = z.object({
  prompts: z.record(z.string(), z.string()).optional(),
  similarity_fn_name: z.string().nullish(),
});
const lengthSchema = z.object({ max_seq_length: z.number().int().positive().nullish() });
const tokenizerSchema = z.object({
  truncation: z.object({ max_length: z.number().int().positive() }).nullish(),
});
const tokenizerConfigSchema = z.object({ model_max_length: z.number().positive().nullish() });

/** Names of the flags in 1_Pooling/config.json. The square-root mean differs from the mean in length only. */
const POOLING_FLAGS: readonly (readonly [string, Pooling])[] = [
  ['pooling_mode_mean_tokens', 'mean'],
  ['pooling_mode_mean_sqrt_len_tokens', 'mean'],
  ['pooling_mode_cls_token', 'cls'],
  ['pooling_mode_max_tokens', 'max'],
  ['pooling_mode_lasttoken', 'lasttoken'],
];

function parse<T>(model: string, file: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Error(`Embedding model "${model}", ${file}: ${z.prettifyError(result.error)}`);
}

/** All that a recipe is made of; the network itself says nothing of it. */
type SmallFiles = Omit<EmbedderFiles, 'model'>;

function poolingOf(files: SmallFiles): Pooling | undefined {
  if (files.pooling === undefined) return undefined;
  const config = parse(files.name, '1_Pooling/config.json', poolingSchema, files.pooling);
  const on = Object.keys(config).filter((key) => key.startsWith('pooling_mode_') && config[key] === true);
  const found = POOLING_FLAGS.find(([flag]) => flag === on[0]);
  if (on.length !== 1 || found === undefined) {
    throw new Error(
      `Embedding model "${files.name}", 1_Pooling/config.json: pooling by ${on.join(' + ') || 'nothing'} is not ` +
        `supported; one of ${POOLING_FLAGS.map(([flag]) => flag).join(', ')} must be true.`,
    );
  }
  return found[1];
}

/** Modules after pooling that change the vector cannot be applied: their weights are not in the ONNX file. */
/** @returns whether the last of them normalises; undefined where nothing is said */
function requireKnownModules(files: SmallFiles): boolean | undefined {
  if (files.modules === undefined) return undefined;
  let normalises = false;
  for (const { type } of parse(files.name, 'modules.json', modulesSchema, files.modules)) {
    const kind = type.split('.').at(-1) ?? type;
    if (!['Transformer', 'Pooling', 'Normalize'].includes(kind)) {
      throw new Error(
        `Embedding model "${files.name}", modules.json: the module ${type} is not supported; ` +
          'export the model so that it outputs sentence_embedding, and leave modules.json out.',
      );
    }
    if (kind === 'Normalize') normalises = true;
  }
  return normalises;
}

function maxTokensOf(files: SmallFiles): number | undefined {
  const { name, length, tokenizer, tokenizerConfig } = files;
  const said =
    (length === undefined
      ? undefined
      : parse(name, 'sentence_bert_config.json', lengthSchema, length).max_seq_length) ??
    parse(name, 'tokenizer.json', tokenizerSchema, tokenizer).truncation?.max_length;
  if (said != null) return said;
  if (tokenizerConfig === undefined) return undefined;
  const limit = parse(name, 'tokenizer_config.json', tokenizerConfigSchema, tokenizerConfig).model_max_length;
  // Hugging Face writes 1e30 for "no limit".
  return limit != null && limit < 1e6 ? limit : undefined;
}

/** What the model's files say, else what its name is known for, else the masked mean, with a notice. */
export function embeddingRecipe(files: SmallFiles): EmbeddingRecipe {
  const normalises = requireKnownModules(files);
  const notices: string[] = [];
  const known = KNOWN_MODELS.find(({ name }) => name.test(files.name.toLowerCase()));
  const said = poolingOf(files);
  const pooling = said ?? known?.pooling ?? 'mean';
  if (said === undefined && known === undefined) {
    notices.push(
      `"${files.name}" does not say how to pool (1_Pooling/config.json): the mean of its tokens is used.`,
    );
  }
  const { prompts = {}, similarity_fn_name: similarity } =
    files.prompts === undefined
      ? {}
      : parse(files.name, 'config_sentence_transformers.json', promptsSchema, files.prompts);
  if (normalises !== true && similarity != null && similarity !== 'cosine') {
    notices.push(
      `"${files.name}" is made to be compared by ${similarity}, without normalising; here vectors are normalised and compared by their cosine.`,
    );
  }
  const maxTokens = maxTokensOf(files);
  if (maxTokens === undefined) {
    notices.push(
      `"${files.name}" does not say how long a text may be: ${DEFAULT_MAX_TOKENS} tokens are used.`,
    );
  }
  return {
    pooling,
    queryPrefix: prompts['query'] ?? known?.queryPrefix ?? '',
    passagePrefix: prompts['passage'] ?? prompts['document'] ?? known?.passagePrefix ?? '',
    maxTokens: maxTokens ?? DEFAULT_MAX_TOKENS,
    notices,
  };
}

/**
 * Gathers what stands beside the network in a folder laid out as sentence-transformers does.
 * Throws, naming the file, when the tokenizer is missing or a JSON file cannot be parsed.
 */
export async function loadSmallFiles(
  name: string,
  read: ReadModelFile,
): Promise<Omit<EmbedderFiles, 'model'>> {
  const readJson = async (path: string): Promise<unknown> => {
    const bytes = await read(path);
    if (bytes === undefined) return undefined;
    try {
      return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
    } catch (error) {
      throw new Error(`Embedding model "${name}": ${path} is not JSON.`, { cause: error });
    }
  };
  const readObject = async (path: string): Promise<object | undefined> => {
    const value = await readJson(path);
    if (value === undefined || (typeof value === 'object' && value !== null)) return value;
    throw new Error(`Embedding model "${name}": ${path} must hold a JSON object.`);
  };
  const modules = await readJson('modules.json');
  const [tokenizer, tokenizerConfig, pooling, prompts, length] = await Promise.all([
    readObject('tokenizer.json'),
    readObject('tokenizer_config.json'),
    readJson(poolingPath(modules)),
    readJson('config_sentence_transformers.json'),
    readJson('sentence_bert_config.json'),
  ]);
  if (tokenizer === undefined) {
    throw new Error(`Embedding model "${name}": tokenizer.json is missing; put it beside the ONNX file.`);
  }
  return {
    name,
    tokenizer,
    ...(tokenizerConfig === undefined ? {} : { tokenizerConfig }),
    ...(modules === undefined ? {} : { modules }),
    ...(pooling === undefined ? {} : { pooling }),
    ...(prompts === undefined ? {} : { prompts }),
    ...(length === undefined ? {} : { length }),
  };
}

/** Where modules.json says that pooling is described; else where sentence-transformers puts it. */
function poolingPath(modules: unknown): string {
  const listed = modulesSchema.safeParse(modules).data ?? [];
  const path = listed.find(({ type }) => type.endsWith('.Pooling'))?.path;
  return `${path === undefined || path === '' ? '1_Pooling' : path}/config.json`;
}

/**
 * All of a model's files from a folder, the network in the wanted precision or else in the other.
 * Throws, naming the file, when the model or its tokenizer is missing or a JSON file cannot be parsed.
 */
export async function loadEmbedderFiles(
  name: string,
  read: ReadModelFile,
  precision: Precision = 'full',
): Promise<EmbedderFiles> {
  const small = await loadSmallFiles(name, read);
  for (const path of networkPaths(precision)) {
    const model = await read(path);
    if (model !== undefined) return { ...small, model };
  }
  throw new Error(`Embedding model "${name}": neither model.onnx nor onnx/model.onnx is there.`);
}

/**
 * Reads a model's folder over HTTP. A page served for a missing file (single-page fallbacks answer 200 with HTML)
 * counts as missing.
 */
export function readModelFromUrl(baseUrl: string, signal?: AbortSignal): ReadModelFile {
  const base = baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`;
  return async (path) => {
    const url = base + path;
    const response = await fetch(url, signal === undefined ? {} : { signal });
    if (response.status === 404 || response.headers.get('content-type')?.startsWith('text/html') === true) {
      return undefined;
    }
    if (!response.ok)
      throw new Error(`${url}: the server answered ${response.status} ${response.statusText}.`);
    return new Uint8Array(await response.arrayBuffer());
  };
}
