import { get, set } from 'idb-keyval';
import { EngineError, type Backend } from '../engine/backend.ts';
import { browserHost } from '../engine/wasm/browserHost.ts';
import { createWasmBackend } from '../engine/wasm/wasmBackend.ts';
import type { TuningStore } from '../engine/webgpu/matmulTuner.ts';
import { createWebgpuBackend } from '../engine/webgpu/webgpuBackend.ts';
import { loadEmbedderFiles, readModelFromUrl, type EmbedderFiles } from '../retrieval/embedderFiles.ts';
import { createOnnxEmbedder } from '../retrieval/onnxEmbedder.ts';
import type { Embedder } from '../retrieval/embedder.ts';
import { openOpfs } from './files/opfs.ts';
import { openKept } from './keeping/openKept.ts';
import type { FileReader } from './modelFiles.ts';
import { sourceNamed } from './modelSource.ts';
import { keptEmbedder } from './modelStore/embedders.ts';
import { isKept } from './modelStore/keptName.ts';
import { keptSource } from './modelStore/keptSource.ts';
import type { BackendChoice, EmbedderChoice } from './protocol.ts';
import type { OpenedBackend, Surroundings } from './surroundings.ts';

/** Most threads of the WebAssembly backend in a page; more pay little for a policy this small. */
const MOST_THREADS = 4;

/** Kernels chosen for this adapter, kept in IndexedDB. */
const tuning: TuningStore = { read: (key) => get(key), write: (key, table) => set(key, table) };

/** What a lab needs of a browser worker; files are fetched from below `baseUrl`, the page's own address. */
export function browserSurroundings(baseUrl: string, giveWay?: Int32Array): Surroundings {
  return {
    openBackend: (wanted) => openBackend(wanted, () => openWasm(giveWay)),
    model: async (name) =>
      isKept(name)
        ? keptSource(await openOpfs('models'), name)
        : sourceNamed(`models/${name}`, (path) => fetchFolder(new URL(`${path}/`, baseUrl))),
    openEmbedder: (choice) => openEmbedder(choice, baseUrl),
    openKept: async (choice) =>
      openKept(
        await openOpfs('retrieval'),
        choice,
        { kept: keptEmbedderFiles, shipped: () => shippedFiles(baseUrl) },
        createOnnxEmbedder,
      ),
  };
}

function openWasm(giveWay: Int32Array | undefined): Promise<Backend> {
  const threads = Math.max(1, Math.min(MOST_THREADS, browserHost.defaultThreads));
  return createWasmBackend({ host: browserHost, threads, ...(giveWay && { giveWay }) });
}

async function openBackend(wanted: BackendChoice, wasm: () => Promise<Backend>): Promise<OpenedBackend> {
  if (wanted === 'wasm') return { backend: await wasm() };
  try {
    const backend = await createWebgpuBackend({ tuning });
    if (wanted === 'webgpu' || !backend.software) return { backend };
    const label = backend.label;
    backend.dispose();
    return {
      backend: await wasm(),
      notice: `WebGPU here computes on the processor (${label}), so WebAssembly is used, which is faster.`,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { backend: await wasm(), notice: `WebAssembly is used instead of WebGPU. ${reason}` };
  }
}

function fetchFolder(folder: URL): FileReader {
  return async (name) => {
    const url = new URL(name, folder);
    let response: Response;
    try {
      response = await fetch(url);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new EngineError(
        `${url.pathname} cannot be fetched (${reason}). Check the connection and load again.`,
      );
    }
    const isPage = response.headers.get('content-type')?.startsWith('text/html') === true;
    if (!response.ok || isPage) {
      throw new EngineError(
        `${url.pathname} is not there (HTTP ${String(response.status)}). Choose another model.`,
      );
    }
    return new Uint8Array(await response.arrayBuffer());
  };
}

const keptEmbedderFiles = async (id: string): Promise<EmbedderFiles | undefined> =>
  keptEmbedder(await openOpfs('models'), id);

const shippedFiles = (baseUrl: string): Promise<EmbedderFiles> =>
  loadEmbedderFiles('playground-embedder', readModelFromUrl(new URL('models/embedder/', baseUrl).href));

async function openEmbedder(choice: EmbedderChoice | 'shipped', baseUrl: string): Promise<Embedder> {
  if (choice === 'shipped') {
    return createOnnxEmbedder(await shippedFiles(baseUrl));
  }
  if ('kept' in choice) {
    const kept = await keptEmbedderFiles(choice.kept);
    if (kept === undefined) {
      throw new Error(
        'This embedding model is not kept in this browser any more. Add it again, or choose another.',
      );
    }
    return createOnnxEmbedder(kept);
  }
  const tokenizer = parseJson(await bytesOf(choice.tokenizer), choice.name);
  const files: EmbedderFiles = { name: choice.name, model: await bytesOf(choice.model), tokenizer };
  return createOnnxEmbedder(files);
}

async function bytesOf(source: ArrayBuffer | string): Promise<Uint8Array> {
  if (typeof source !== 'string') return new Uint8Array(source);
  const response = await fetch(source).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${source} cannot be fetched (${reason}). Check the address; its server must allow other pages to read it (CORS).`,
    );
  });
  if (!response.ok) throw new Error(`${source}: the server answered ${String(response.status)}.`);
  return new Uint8Array(await response.arrayBuffer());
}

function parseJson(bytes: Uint8Array, name: string): object {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below: not JSON and not an object need the same mend.
  }
  throw new Error(
    `Embedding model "${name}": its tokenizer.json is not a JSON object. Give the file as published.`,
  );
}
