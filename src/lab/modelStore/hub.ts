/** The Hugging Face hub, or another server with the same addresses: what a repository holds, and where. */
import { z } from 'zod';
import { mayFetch } from '../../policy/webAddress.ts';
import type { Checksum } from './runningHash.ts';
import { messageOf } from './words.ts';

const HUB_ADDRESS = 'https://huggingface.co';

/** The network as the store uses it: `fetch`, or a test's. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export interface HubRepository {
  /** `owner/name`. */
  readonly id: string;
  /** Branch, tag or commit; absent: main. */
  readonly revision?: string;
}

export interface HubFile {
  readonly path: string;
  readonly bytes: number;
  readonly checksum: Checksum;
  readonly url: string;
}

export interface HubListing {
  /** What the revision stands for now. */
  readonly commit: string;
  /** Those of all folders, by their paths. */
  readonly files: readonly HubFile[];
}

const infoSchema = z.looseObject({ sha: z.string().regex(/^[0-9a-f]{40}$/, 'is no commit') });
const treeSchema = z.array(
  z.looseObject({
    type: z.string(),
    path: z.string().min(1),
    size: z.number().int().nonnegative(),
    oid: z.string(),
    lfs: z.looseObject({ oid: z.string(), size: z.number().int().nonnegative() }).optional(),
  }),
);

/**
 * The repository that a person means: `owner/name`, `owner/name@revision`, or the address of its page.
 * @throws Error where it is neither
 */
export function parseRepository(text: string): HubRepository {
  const trimmed = text.trim().replace(/\/+$/, '');
  const [, address, branch] =
    /^https?:\/\/[^/]+\/([^/]+\/[^/]+)(?:\/(?:tree|blob)\/([^/]+).*)?$/.exec(trimmed) ?? [];
  const at = trimmed.indexOf('@');
  const [id, revision] =
    address === undefined && at >= 0
      ? [trimmed.slice(0, at), trimmed.slice(at + 1)]
      : [address ?? trimmed, branch];
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(id) || id.includes('..') || revision === '') {
    throw new Error(
      `“${trimmed}” is not a repository of the hub. Give it as owner/name, such as HuggingFaceTB/SmolLM2-135M-Instruct.`,
    );
  }
  return { id, ...(revision === undefined ? {} : { revision }) };
}

/** The address of a hub without a slash at its end; of nothing, the Hugging Face hub's. @throws Error where it is none */
export function parseHub(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return HUB_ADDRESS;
  if (mayFetch(trimmed)) return new URL(trimmed).href.replace(/\/+$/, '');
  throw new Error(
    `“${trimmed}” is no hub that this page can ask. Give its address with https://, or with http:// of localhost or 127.0.0.1.`,
  );
}

/** Asks what a revision of a repository holds. Rejects with what to do about it. */
export async function listRepository(
  fetcher: Fetch,
  hub: string,
  repository: HubRepository,
  signal: AbortSignal,
): Promise<HubListing> {
  const { id } = repository;
  const api = `${hub}/api/models/${id}`;
  const revision = encodeURIComponent(repository.revision ?? 'main');
  const ask = async (url: string): Promise<Response> => {
    const response = await reach(fetcher, url, { signal });
    if (!response.ok) throw refusal(response, id, repository.revision);
    return response;
  };
  const read = async <T>(response: Response, schema: z.ZodType<T>): Promise<T> => {
    const parsed = schema.safeParse(await response.json().catch(() => undefined));
    if (parsed.success) return parsed.data;
    throw new Error(`${response.url} answers otherwise than the hub does. Check the hub’s address.`);
  };
  const { sha: commit } = await read(await ask(`${api}/revision/${revision}`), infoSchema);
  const tree: z.infer<typeof treeSchema> = [];
  // Long lists come in pages, each naming the next.
  let url: string | undefined = `${api}/tree/${commit}?recursive=true`;
  while (url !== undefined) {
    const response: Response = await ask(url);
    tree.push(...(await read(response, treeSchema)));
    url = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
  }
  const files = tree
    .filter(({ type }) => type === 'file')
    .map(({ path, size, oid, lfs }): HubFile => ({
      path,
      bytes: lfs?.size ?? size,
      checksum: lfs === undefined ? { gitBlob: oid } : { sha256: lfs.oid.replace(/^sha256:/, '') },
      url: `${hub}/${id}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`,
    }));
  return { commit, files };
}

/** Fetches, and says in words that nothing answered. */
export async function reach(fetcher: Fetch, url: string, init: RequestInit): Promise<Response> {
  try {
    // The browser's own cache would hold a second copy of what the store keeps.
    return await fetcher(url, { ...init, cache: 'no-store' });
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new Error(
      `${new URL(url).host} does not answer (${messageOf(error)}). Check the connection and the hub’s address; what has come is kept.`,
      { cause: error },
    );
  }
}

/** Why the hub gives nothing. It says 401 of what is not there as of what is private. */
export function refusal(response: Response, id: string, revision: string | undefined): Error {
  const { status } = response;
  const code = response.headers.get('x-error-code');
  if (code === 'GatedRepo' || status === 403) {
    return new Error(
      `${id} is given only to those who have accepted its terms on the hub (HTTP ${status}). Download it there, and open its folder here.`,
    );
  }
  if (code === 'RevisionNotFound') {
    return new Error(
      `${id} has no revision ${revision ?? 'main'}. Leave it out, or give a branch, tag or commit.`,
    );
  }
  if (status === 401 || status === 404) {
    return new Error(
      `The hub has no ${id} that is open to all (HTTP ${status}). Check its owner and name; of a private one, download it and open its folder here.`,
    );
  }
  if (status === 429) {
    return new Error(
      'The hub answers no more for now: it was asked too often (HTTP 429). Wait some minutes.',
    );
  }
  return new Error(`The hub cannot give ${id} now (HTTP ${status}). Try again later; what has come is kept.`);
}
