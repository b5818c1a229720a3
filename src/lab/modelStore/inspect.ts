/** What a repository of a hub would be as a model here, told before its weights are fetched. */
import { parseDecoderConfig, type DecoderConfig } from '../../engine/config.ts';
import { isEmbedder, type Precision } from '../../retrieval/embedderNetworks.ts';
import { cardOf, refusalOf, type ModelCard, type Room } from './card.ts';
import { checkBeginning, ggufBeginning } from './check.ts';
import { offerEmbedder, type EmbedderOffer } from './embedderOffer.ts';
import { ggufFiles, layoutOf, type PolicyLayout } from './layout.ts';
import { listRepository, type HubFile, type HubRepository } from './hub.ts';
import { reach, refusal, type HubAccess } from './hubAccess.ts';
import type { HubOrigin } from './manifest.ts';
import { messageOf } from './words.ts';

/** What the page is told of a policy before it comes. */
export interface PolicyOffer {
  /** Under which it will be kept. */
  readonly name: string;
  readonly origin: HubOrigin;
  readonly kind: 'folder' | 'gguf';
  readonly card: ModelCard;
  /** Of all files. */
  readonly bytes: number;
  /** Why it cannot be kept or run here; absent where nothing speaks against it. */
  readonly refusal?: string;
}

export type Offer = PolicyOffer | EmbedderOffer;

export interface Inspected {
  readonly offer: Offer;
  readonly files: readonly HubFile[];
}

/** Several models in one repository: which GGUF file is meant has to be said. */
export interface Choice {
  readonly gguf: readonly { readonly name: string; readonly bytes: number }[];
}

export interface Wanted extends HubRepository {
  readonly hub: string;
  readonly gguf?: string | undefined;
  /** An embedding model is wanted, so precise. */
  readonly embedder?: Precision | undefined;
}

/** Bytes of a file of weights that are looked at beforehand: GGUF's sizes and most headers are within them. */
const BEGINNING = 2 ** 17;

/** @throws Error in words where there is no such model, or none that this engine runs */
export async function inspectHub(
  hub: HubAccess,
  wanted: Wanted,
  room: Room,
  signal: AbortSignal,
): Promise<Inspected | Choice> {
  const { id, gguf } = wanted;
  const { commit, files: all } = await listRepository(hub, wanted, signal);
  const begin = (file: HubFile, bytes: number): Promise<Uint8Array> =>
    beginning(hub, file, bytes, id, signal);
  const precision = wanted.embedder ?? (isEmbedder(all.map(({ path }) => path)) ? 'quantised' : undefined);
  if (precision !== undefined) {
    return offerEmbedder({ id, hub: hub.address, commit }, all, precision, room, (file) =>
      begin(file, file.bytes),
    );
  }
  // A policy is what lies in the top folder.
  const files = all.filter(({ path }) => !path.includes('/'));
  const names = files.map(({ path }) => path);
  const whole = ggufFiles(names);
  if (gguf === undefined && whole.length > 1 && !names.some((name) => name.endsWith('.safetensors'))) {
    return {
      gguf: files.flatMap(({ path: name, bytes }) => (whole.includes(name) ? [{ name, bytes }] : [])),
    };
  }
  const layout = layoutOf(id, names, gguf);
  const chosen = layout.files.flatMap((name) => files.find(({ path }) => path === name) ?? []);
  const config = await configOf(layout, chosen, begin);
  const card = cardOf(config);
  const bytes = chosen.reduce((sum, file) => sum + file.bytes, 0);
  const refused = refusalOf(card, bytes, room);
  const origin: HubOrigin = {
    kind: 'hub',
    hub: hub.address,
    repository: id,
    commit,
    ...(layout.kind === 'gguf' ? { gguf: layout.files[0] ?? '' } : {}),
  };
  return {
    offer: {
      name: layout.kind === 'gguf' ? `${id}/${layout.files[0] ?? ''}` : id,
      origin,
      kind: layout.kind,
      card,
      bytes,
      ...(refused === undefined ? {} : { refusal: refused }),
    },
    files: chosen,
  };
}

async function configOf(
  { kind }: PolicyLayout,
  files: readonly HubFile[],
  begin: (file: HubFile, bytes: number) => Promise<Uint8Array>,
): Promise<DecoderConfig> {
  const weights = files.find(({ path }) => /\.(safetensors|gguf)$/i.test(path));
  if (weights === undefined) throw new Error('a model without weights has been listed');
  if (kind === 'gguf') return ggufBeginning(await begin(weights, BEGINNING), weights.path);
  const file = files.find(({ path }) => path === 'config.json');
  const text = file && new TextDecoder().decode(await begin(file, file.bytes));
  let json: unknown;
  try {
    json = JSON.parse(text ?? '');
  } catch {
    throw new Error('config.json is not JSON. Choose another revision of the repository.');
  }
  const config = parseDecoderConfig(json, 'config.json');
  checkBeginning(await begin(weights, BEGINNING), weights.bytes, weights.path);
  return config;
}

/** The first bytes of a file, or all of it where it is no longer. */
async function beginning(
  hub: HubAccess,
  file: HubFile,
  bytes: number,
  id: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const head = new Uint8Array(Math.min(bytes, file.bytes));
  const headers = { Range: `bytes=0-${head.length - 1}` };
  const response = await reach(hub, file.url, { signal, headers });
  if (!response.ok) throw refusal(response, hub, id);
  const reader = response.body?.getReader();
  let at = 0;
  while (reader !== undefined && at < head.length) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      signal.throwIfAborted();
      throw new Error(`The connection broke at ${file.path} (${messageOf(error)}). Look it up again.`);
    });
    if (done) break;
    const piece = value.subarray(0, head.length - at);
    head.set(piece, at);
    at += piece.length;
  }
  // Servers that know no ranges send on.
  await reader?.cancel();
  return head.subarray(0, at);
}
