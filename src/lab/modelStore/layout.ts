/** Which files of a folder or a repository make up a model. */

/** A policy is some files of a folder in Hugging Face layout, or one GGUF file. */
export interface PolicyLayout {
  readonly kind: 'folder' | 'gguf';
  /** Without a path; the small ones first, so that what they forbid is known before the weights come. */
  readonly files: readonly string[];
}

/** An embedding model: its network last. Paths below the folder. */
export interface EmbedderLayout {
  readonly kind: 'embedder';
  readonly files: readonly string[];
}
export type Layout = PolicyLayout | EmbedderLayout;

const WEIGHTS = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
const SHARD = /^model-\d{5}-of-(\d{5})\.safetensors$/;
const NEEDED = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
/** Taken where they are there. A model's chat template stands alone in newer repositories. */
const WELCOME = ['generation_config.json', 'chat_template.jinja'];
const GGUF = /\.gguf$/i;
const GGUF_PART = /-\d{5}-of-\d{5}\.gguf$/i;

/** The GGUF files that are whole models. */
export const ggufFiles = (names: readonly string[]): readonly string[] =>
  names.filter((name) => GGUF.test(name) && !GGUF_PART.test(name));

/**
 * The model among files. A folder in Hugging Face layout goes before GGUF files, unless one of these is asked for.
 * @param what how errors name the place
 * @throws Error saying what is missing, and the mend
 */
export function layoutOf(what: string, names: readonly string[], gguf?: string): PolicyLayout {
  const there = new Set(names);
  const files = ggufFiles(names);
  if (gguf !== undefined) {
    if (files.includes(gguf)) return { kind: 'gguf', files: [gguf] };
    throw new Error(`${what} has no ${gguf}. Choose one of: ${files.join(', ') || 'none is there'}.`);
  }
  const weights = weightFiles(there);
  if (weights.length > 0) {
    const missing = NEEDED.filter((name) => !there.has(name));
    if (missing.length > 0) {
      throw new Error(`${what} has weights but no ${missing.join(', ')}. Add what is missing, as published.`);
    }
    return { kind: 'folder', files: [...NEEDED, ...WELCOME.filter((name) => there.has(name)), ...weights] };
  }
  const [only] = files;
  if (only !== undefined && files.length === 1) return { kind: 'gguf', files: [only] };
  if (only !== undefined) {
    throw new Error(`${what} has several models as GGUF files. Choose one of: ${files.join(', ')}.`);
  }
  throw new Error(`${what} ${withoutWeights(names)}`);
}

function weightFiles(there: ReadonlySet<string>): readonly string[] {
  if (there.has(WEIGHTS)) return [WEIGHTS];
  const shards = [...there].filter((name) => SHARD.test(name)).sort();
  const of = Number(SHARD.exec(shards[0] ?? '')?.[1] ?? 0);
  if (shards.length === 0 && !there.has(INDEX)) return [];
  if (!there.has(INDEX) || shards.length !== of) {
    throw new Error(
      `Of the weights ${shards.length} of ${of} shards are there, and ${there.has(INDEX) ? 'their' : 'no'} ${INDEX}. All of them belong together.`,
    );
  }
  return [INDEX, ...shards];
}

function withoutWeights(names: readonly string[]): string {
  const other = names.find((name) => /\.(bin|pt|pth|ckpt|h5|msgpack|onnx)$/.test(name));
  if (names.some((name) => GGUF_PART.test(name))) {
    return 'has its GGUF file in parts, which are not put together here. Choose one that is whole.';
  }
  if (other !== undefined) {
    return `has no weights as safetensors or GGUF, only ${other}. Choose a repository that has them, or convert it.`;
  }
  return 'has no weights: no model.safetensors, no shards with their index, no .gguf file. Choose the folder that holds them.';
}
