import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EngineError, type Backend } from '../engine/backend.ts';
import { loadModel, loadWeights, parsePrior, type FileReader, type LoadedModel } from '../lab/modelFiles.ts';
import type { RetrieverFactory } from '../lab/worlds.ts';
import { createDenseRetriever } from '../retrieval/denseRetriever.ts';
import { emptyRetriever } from '../retrieval/emptyRetriever.ts';
import { loadEmbedderFiles } from '../retrieval/embedderFiles.ts';
import { createLexicalRetriever } from '../retrieval/lexical.ts';
import { createOnnxEmbedder, type OnnxEmbedder } from '../retrieval/onnxEmbedder.ts';
import { UsageError, type Args, type Option } from './args.ts';

/** Reads files of a model folder on disk. */
export function folderReader(folder: string): FileReader {
  return async (name) => {
    try {
      return new Uint8Array(await readFile(join(folder, name)));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new EngineError(
        `${join(folder, name)} cannot be read (${reason}). Name a folder in Hugging Face layout.`,
      );
    }
  };
}

export function openModel(backend: Backend, folder: string): Promise<LoadedModel> {
  return loadModel(backend, folderReader(folder));
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

/** The trained checkpoint that a model folder's prior.json names, if it does. */
export async function trainedFile(folder: string): Promise<string | undefined> {
  const { trained } = parsePrior(await folderReader(folder)('prior.json'));
  return trained === undefined ? undefined : join(folder, trained);
}

/**
 * A model folder's tokenizer with the weights asked for: `base`, `trained` (the checkpoint that its prior.json names)
 * or a file; by default the trained ones where there are any. `name` is what they turned out to be.
 */
export async function openPolicy(
  backend: Backend,
  folder: string,
  wanted?: string,
): Promise<LoadedModel & { readonly name: string }> {
  const { decoder, tokenizer } = await openModel(backend, folder);
  const trained = wanted === undefined || wanted === 'trained' ? await trainedFile(folder) : undefined;
  if (wanted === 'trained' && trained === undefined) {
    throw new UsageError(`--policy trained: ${join(folder, 'prior.json')} names no trained checkpoint`);
  }
  const name = wanted === 'trained' ? trained : (wanted ?? trained);
  if (name === undefined || name === 'base') return { decoder, tokenizer, name: 'base' };
  const weights = await loadWeights(backend, decoder.config, folderReader(dirname(name)), basename(name));
  return { decoder: weights, tokenizer, name };
}
