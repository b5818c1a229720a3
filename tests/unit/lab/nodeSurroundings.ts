import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { EngineError } from '../../../src/engine/backend.ts';
import { openKept } from '../../../src/lab/keeping/openKept.ts';
import { modelFiles, type FileReader } from '../../../src/lab/modelFiles.ts';
import { sourceNamed } from '../../../src/lab/modelSource.ts';
import type { Surroundings } from '../../../src/lab/surroundings.ts';
import { priorBehaviours, priorStages } from '../../../src/research/priorMixture.ts';
import type { Embedder } from '../../../src/retrieval/embedder.ts';
import { loadEmbedderFiles } from '../../../src/retrieval/embedderFiles.ts';
import type { FileStore } from '../../../src/retrieval/kept/fileStore.ts';
import { createOnnxEmbedder } from '../../../src/retrieval/onnxEmbedder.ts';
import { readModelFromFolder } from '../../../scripts/trainEmbedder/modelFolder.ts';
import { openBackend } from '../engine/openBackend.ts';
import { tinyModel, tinyTokenizer } from '../retrieval/tinyModels.ts';
import { tinyDecoder, tokenizer, tokenizerJson } from './tinyPolicy.ts';

/** A folder laid out as public/ is, with an embedding model and policies small enough for tests. */
export interface PublicFolder {
  /** Its address, as a page would give it. */
  readonly baseUrl: string;
  /** Writes models/NAME: the tiny policy's files, with some of them changed or (undefined) left out. */
  readonly addModel: (
    name: string,
    changes?: Readonly<Record<string, Uint8Array | undefined>>,
  ) => Promise<void>;
  readonly remove: () => Promise<void>;
}

/** prior.json as pretrain writes it; `trained` names a checkpoint in the same folder. */
export function priorFile(trained?: string): Uint8Array {
  const tokens = priorStages.reduce((sum, stage) => sum + stage.tokens, 0);
  const stages = priorStages.map((stage) => ({ ...stage, portion: stage.tokens / tokens }));
  return new TextEncoder().encode(JSON.stringify({ behaviours: priorBehaviours, stages, trained }));
}

export async function makePublicFolder(): Promise<PublicFolder> {
  const root = await mkdtemp(join(tmpdir(), 'lab-'));
  await mkdir(join(root, 'models'));
  await mkdir(join(root, 'models/embedder'));
  await writeFile(join(root, 'models/embedder/model.onnx'), tinyModel());
  await writeFile(join(root, 'models/embedder/tokenizer.json'), JSON.stringify(tinyTokenizer));
  const backend = await openBackend();
  const files = await modelFiles(tinyDecoder(backend), tokenizerJson, tokenizer);
  backend.dispose();
  files.set('prior.json', priorFile());
  const addModel: PublicFolder['addModel'] = async (name, changes = {}) => {
    const folder = join(root, 'models', name);
    await mkdir(folder);
    for (const [file, bytes] of Object.entries({ ...Object.fromEntries(files), ...changes })) {
      if (bytes) await writeFile(join(folder, file), bytes);
    }
  };
  await addModel('tiny');
  return {
    baseUrl: `${pathToFileURL(root).href}/`,
    addModel,
    remove: () => rm(root, { recursive: true }),
  };
}

const folderBelow =
  (baseUrl: string) =>
  (path: string): FileReader =>
  async (name) => {
    try {
      return new Uint8Array(await readFile(new URL(`${path}/${name}`, baseUrl)));
    } catch {
      throw new EngineError(`${path}/${name} is not there. Choose another model.`);
    }
  };

/** What is open now of what a lab has been given. */
export interface Holdings {
  backends: number;
  embedders: number;
  /** The shipped embedding model is not opened before this resolves. */
  embedderComes?: Promise<void>;
  /** What kept corpora are read from; absent: none are kept. */
  store?: FileStore;
}

/** What a lab needs of Node: one-threaded WebAssembly, files below `baseUrl`, embedding models on onnxruntime. */
export function nodeSurroundings(baseUrl: string, holdings: Holdings): Surroundings {
  const held = async (opening: Promise<Embedder>): Promise<Embedder> => {
    const embedder = await opening;
    holdings.embedders++;
    let givenBack = false;
    return {
      ...embedder,
      embed: (texts, kind) =>
        givenBack
          ? Promise.reject(new Error(`${embedder.name} was given back.`))
          : embedder.embed(texts, kind),
      dispose: async () => {
        givenBack = true;
        holdings.embedders--;
        await embedder.dispose();
      },
    };
  };
  return {
    openBackend: async (wanted) => {
      const backend = await openBackend();
      holdings.backends++;
      const dispose = backend.dispose.bind(backend);
      backend.dispose = () => {
        holdings.backends--;
        dispose();
      };
      return wanted === 'webgpu'
        ? { backend, notice: 'No WebGPU in Node. WebAssembly is used instead.' }
        : { backend };
    },
    model: (model) => Promise.resolve(sourceNamed(`models/${model}`, folderBelow(baseUrl))),
    openKept: (choice) => {
      if (holdings.store === undefined) throw new Error('Nothing is kept here.');
      const folder = fileURLToPath(new URL('models/embedder', baseUrl));
      const shipped = () => loadEmbedderFiles('shipped', readModelFromFolder(folder));
      const models = { kept: () => Promise.resolve(undefined), shipped };
      return openKept(holdings.store, choice, models, (files) => held(createOnnxEmbedder(files)));
    },
    openEmbedder: async (choice) => {
      if (choice === 'shipped') {
        await holdings.embedderComes;
        const folder = fileURLToPath(new URL('models/embedder', baseUrl));
        return held(
          loadEmbedderFiles('shipped', readModelFromFolder(folder)).then((files) =>
            createOnnxEmbedder(files),
          ),
        );
      }
      if ('kept' in choice) throw new Error('Nothing is kept here.');
      const { name, model, tokenizer: json } = choice;
      if (typeof model === 'string' || typeof json === 'string')
        throw new Error('Give files, not addresses.');
      const parsed = JSON.parse(new TextDecoder().decode(json)) as object;
      return held(createOnnxEmbedder({ name, model: new Uint8Array(model), tokenizer: parsed }));
    },
  };
}
