/** What an embedding model of a hub would be here, told from its config.json before its network is fetched. */
import { z } from 'zod';
import {
  embedderPaths,
  networkAmong,
  precisionOf,
  type Precision,
} from '../../retrieval/embedderNetworks.ts';
import { diskRefusal, type Room } from './card.ts';
import type { HubFile } from './hub.ts';
import type { HubOrigin } from './manifest.ts';
import { sizeInWords } from './words.ts';

export interface EmbedderOffer {
  readonly name: string;
  readonly origin: HubOrigin;
  readonly kind: 'embedder';
  readonly about: EmbedderAbout;
  /** Of all files. */
  readonly bytes: number;
  /** Why it cannot be kept or run here; absent where nothing speaks against it. */
  readonly refusal?: string;
}

/** What config.json says; DistilBERT has names of its own. */
export interface EmbedderAbout {
  readonly architecture: string;
  readonly layers: number | undefined;
  readonly dimension: number | undefined;
  readonly positions: number | undefined;
  /** Path of the ONNX file. */
  readonly network: string;
  /** Bytes while it is run, estimated. */
  readonly memory: number;
}

const count = z.number().int().positive().optional();
const configSchema = z.looseObject({
  model_type: z.string().default('unknown'),
  architectures: z.array(z.string()).nullish(),
  num_hidden_layers: count,
  n_layers: count,
  hidden_size: count,
  dim: count,
  max_position_embeddings: count,
});

/**
 * Bytes that onnxruntime takes at most for a network of so many, about: its runtime, the file while it is opened, its
 * own copies, and what lies between the layers of a run. Fitted to what a process was seen to grow by
 * (docs/retrieval.md); of quantised networks it unpacks a part, more of some than of others.
 */
export const runningBytes = (network: number, precision: Precision): number =>
  5 * network + (precision === 'full' ? 200e6 : 400e6);

/** @throws Error in words where there is no network to be had, or it writes text */
export async function offerEmbedder(
  { id, hub, commit }: { readonly id: string; readonly hub: string; readonly commit: string },
  files: readonly HubFile[],
  wanted: Precision,
  room: Room,
  read: (file: HubFile) => Promise<Uint8Array>,
): Promise<{ readonly offer: EmbedderOffer; readonly files: readonly HubFile[] }> {
  const paths = files.map(({ path }) => path);
  const network = networkAmong(id, paths, wanted);
  const chosen = embedderPaths(paths, network).flatMap(
    (path) => files.find((file) => file.path === path) ?? [],
  );
  const bytes = chosen.reduce((sum, file) => sum + file.bytes, 0);
  const about = await aboutOf(id, chosen, network, read);
  const refused = memoryRefusal(about.memory, room) ?? diskRefusal(bytes, room);
  const precision = precisionOf(network);
  return {
    offer: {
      name: precision === 'full' ? id : `${id} (quantised)`,
      origin: { kind: 'hub', hub, repository: id, commit, precision },
      kind: 'embedder',
      about,
      bytes,
      ...(refused === undefined ? {} : { refusal: refused }),
    },
    files: chosen,
  };
}

async function aboutOf(
  id: string,
  files: readonly HubFile[],
  network: string,
  read: (file: HubFile) => Promise<Uint8Array>,
): Promise<EmbedderAbout> {
  const file = files.find(({ path }) => path === 'config.json');
  let json: unknown = {};
  try {
    if (file !== undefined) json = JSON.parse(new TextDecoder().decode(await read(file)));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Error('config.json is not JSON. Choose another revision of the repository.', { cause: error });
  }
  const parsed = configSchema.safeParse(json);
  if (!parsed.success) throw new Error(`config.json of ${id}: ${z.prettifyError(parsed.error)}`);
  const config = parsed.data;
  const writes = config.architectures?.find((name) => /ForCausalLM|ForConditionalGeneration/.test(name));
  if (writes !== undefined) {
    throw new Error(
      `${id} is a ${writes}: it writes text, and is no embedding model. Policies are opened in Models.`,
    );
  }
  return {
    architecture: config.model_type,
    layers: config.num_hidden_layers ?? config.n_layers,
    dimension: config.hidden_size ?? config.dim,
    positions: config.max_position_embeddings,
    network,
    memory: runningBytes(files.at(-1)?.bytes ?? 0, precisionOf(network)),
  };
}

/** What WebAssembly can address. */
const WASM_BYTES = 2 ** 32;

/** Why so many bytes of memory cannot be had here. */
export function memoryRefusal(bytes: number, { memory }: Room): string | undefined {
  const most = Math.min(WASM_BYTES, memory ?? WASM_BYTES);
  if (bytes <= most) return undefined;
  return `It takes about ${sizeInWords(bytes)} of memory to run, and there is room for ${sizeInWords(most)}. Choose a smaller model, or a quantised one.`;
}
