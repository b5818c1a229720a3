import { access, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EngineError, type Backend } from '../engine/backend.ts';
import type { Decoder } from '../engine/decoder.ts';
import { weightKinds, type WeightKind } from '../engine/frozenWeights.ts';
import { loadModel, loadWeights, parsePrior, placeModel } from '../lab/modelFiles.ts';
import type { FileReader, LoadedModel, ModelParts, OptionalReader } from '../lab/modelFiles.ts';
import { sourceNamed } from '../lab/modelSource.ts';
import type { FileOpener } from '../lab/shards.ts';
import { readModel } from '../lab/readModel.ts';
import { loadAdapter } from '../lab/peftAdapter.ts';
import { isNano, openFrozen, openTrainable } from '../lab/training.ts';
import type { RetrieverFactory } from '../lab/worlds.ts';
import { createDenseRetriever } from '../retrieval/denseRetriever.ts';
import { emptyRetriever } from '../retrieval/emptyRetriever.ts';
import { loadEmbedderFiles } from '../retrieval/embedderFiles.ts';
import { createLexicalRetriever } from '../retrieval/lexical.ts';
import { createOnnxEmbedder, type OnnxEmbedder } from '../retrieval/onnxEmbedder.ts';
import { UsageError, type Args, type Option } from './args.ts';
import { fileSource } from './fileSource.ts';

/** Reads files of a model folder on disk. */
export function folderReader(folder: string): FileReader {
  return async (name) => {
    try {
      return new Uint8Array(await readFile(join(folder, name)));
    } catch (error) {
      throw unreadable(join(folder, name), error);
    }
  };
}

/** Reads files of a model folder on disk that need not be there. */
function optionalReader(folder: string): OptionalReader {
  const read = folderReader(folder);
  return (name) =>
    access(join(folder, name)).then(
      () => read(name),
      () => undefined,
    );
}

/** Opens files of a model folder on disk, to read tensors of them one by one. */
export function folderOpener(folder: string): FileOpener {
  return (name) => {
    try {
      return Promise.resolve(fileSource(join(folder, name)));
    } catch (error) {
      return Promise.reject(unreadable(join(folder, name), error));
    }
  };
}

function unreadable(path: string, error: unknown): EngineError {
  const reason = error instanceof Error ? error.message : String(error);
  return new EngineError(
    `${path} cannot be read (${reason}). Name a folder in Hugging Face layout, or a GGUF file.`,
  );
}

/** What the files of a model say: a folder in Hugging Face layout, or one GGUF file. Weights are read one by one. */
export function readModelAt(path: string): Promise<ModelParts> {
  const source = sourceNamed(path, folderReader, optionalReader);
  if (source.kind === 'folder') return readModel({ ...source, open: folderOpener(path) });
  return readModel({ ...source, read: () => folderOpener(dirname(path))(source.file) });
}

export function openModel(backend: Backend, folder: string): Promise<LoadedModel> {
  return loadModel(backend, folderReader(folder));
}

export const modelOptions: Readonly<Record<string, Option>> = {
  model: { value: 'PATH', help: 'folder or GGUF file of the base policy (default public/models/nano)' },
  weights: {
    value: 'KIND',
    help: `of a chat model that stays as it is: ${weightKinds.join(', ')} (default: as its file has them)`,
  },
};

/** The wanted kind of frozen weights. */
export function weightKindOf(args: Args): WeightKind | undefined {
  const name = args.text('weights');
  const kind = weightKinds.find((one) => one === name);
  if (name !== undefined && kind === undefined)
    throw new UsageError(`--weights ${name}: choose of ${weightKinds.join(', ')}`);
  return kind;
}

export const retrievalOptions: Readonly<Record<string, Option>> = {
  embedder: { value: 'DIR', help: 'folder of the embedding model (default public/models/embedder)' },
  retriever: { value: 'NAME', help: 'dense (the embedding model, default) or lexical (BM25)' },
};

/** The retriever of the command line: our embedding model, or BM25; over no passages, one that finds nothing. */
export async function openRetrieval(args: Args): Promise<{ label: string; retrieverOf: RetrieverFactory }> {
  const { label, retrieverOf } = await openNamedRetrieval(args);
  return {
    label,
    retrieverOf: (passages, signal) =>
      passages.length === 0 ? Promise.resolve(emptyRetriever) : retrieverOf(passages, signal),
  };
}

async function openNamedRetrieval(args: Args): Promise<{ label: string; retrieverOf: RetrieverFactory }> {
  const name = args.text('retriever') ?? 'dense';
  if (name === 'lexical') {
    return { label: 'BM25', retrieverOf: (passages) => Promise.resolve(createLexicalRetriever(passages)) };
  }
  if (name !== 'dense') throw new UsageError(`--retriever ${name}: choose dense or lexical`);
  const embedder = await openEmbedder(args.text('embedder') ?? 'public/models/embedder');
  return {
    label: `${embedder.name}, ${String(embedder.dimension)} dimensions`,
    retrieverOf: (passages, signal) =>
      createDenseRetriever(embedder, passages, signal === undefined ? {} : { signal }),
  };
}

async function openEmbedder(folder: string): Promise<OnnxEmbedder> {
  try {
    const files = await loadEmbedderFiles(basename(folder), async (path) => {
      try {
        return new Uint8Array(await readFile(join(folder, path)));
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    });
    return await createOnnxEmbedder(files);
  } catch (error) {
    throw new UsageError(`--embedder ${folder}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The trained checkpoint that a model folder's prior.json names; models that were not trained here have no such file. */
export async function trainedFile(path: string): Promise<string | undefined> {
  const there = await access(join(path, 'prior.json')).then(
    () => true,
    () => false,
  );
  if (!there) return undefined;
  const { trained } = parsePrior(await folderReader(path)('prior.json'));
  return trained === undefined ? undefined : join(path, trained);
}

/** Policies of one model. */
export interface OpenedPolicy extends LoadedModel {
  /** What `decoder` turned out to be: `base`, or the file of its weights or folder of its adapter. */
  readonly name: string;
  /** The model as it was published or pretrained; `decoder` itself where nothing else was asked for. */
  readonly base: Decoder;
}

/**
 * A model with the weights asked for: `base`, `trained` (the checkpoint that its prior.json names), a file of weights,
 * or the folder of a LoRA adapter; by default the trained ones where there are any. The base of a chat model is frozen,
 * kept as `kind`, or else as its file is.
 */
export async function openPolicy(
  backend: Backend,
  path: string,
  wanted?: string,
  kind?: WeightKind,
): Promise<OpenedPolicy> {
  const parts = await readModelAt(path);
  const { tokenizer, config } = parts;
  if (!isNano(parts)) return openChat(backend, parts, wanted, kind);
  const base = await placeModel(backend, parts);
  const unsaid = wanted === undefined || wanted === 'trained';
  const trained = unsaid ? await trainedFile(path) : undefined;
  if (wanted === 'trained' && trained === undefined) {
    throw new UsageError(`--policy trained: ${join(path, 'prior.json')} names no trained checkpoint`);
  }
  const name = wanted === 'trained' ? trained : (wanted ?? trained);
  if (name === undefined || name === 'base') return { decoder: base, base, tokenizer, name: 'base' };
  const decoder = await loadWeights(backend, config, folderReader(dirname(name)), basename(name));
  return { decoder, base, tokenizer, name };
}

async function openChat(
  backend: Backend,
  parts: ModelParts,
  wanted = 'base',
  kind = parts.kept,
): Promise<OpenedPolicy> {
  const { tokenizer, config } = parts;
  if (wanted === 'trained') {
    throw new UsageError(
      '--policy trained: only the policies trained here come with one. Name the folder of an adapter',
    );
  }
  if (wanted === 'base') {
    const base = await openFrozen(backend, parts, kind);
    return { decoder: base, base, tokenizer, name: 'base' };
  }
  if (wanted.endsWith('.safetensors')) {
    const decoder = await loadWeights(backend, config, folderReader(dirname(wanted)), basename(wanted));
    return { decoder, base: await openFrozen(backend, parts, kind), tokenizer, name: wanted };
  }
  const { options, factors } = await loadAdapter(backend, config, folderReader(wanted));
  const plan = { weights: kind, adapter: options, checkpointing: false };
  const decoder = await openTrainable(backend, parts, plan, { factors });
  return { decoder, base: decoder.reference(), tokenizer, name: wanted };
}
