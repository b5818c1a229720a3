/** The Hugging Face hub, or another server with the same addresses: what a repository holds, and where. */
import { z } from 'zod';
import { mayFetch } from '../../policy/webAddress.ts';
import { reach, refusal, type HubAccess } from './hubAccess.ts';
import type { Checksum } from './runningHash.ts';

const HUB_ADDRESS = 'https://huggingface.co';

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
  hub: HubAccess,
  repository: HubRepository,
  signal: AbortSignal,
): Promise<HubListing> {
  const { id } = repository;
  const api = `${hub.address}/api/models/${id}`;
  const revision = encodeURIComponent(repository.revision ?? 'main');
  const ask = async (url: string): Promise<Response> => {
    const response = await reach(hub, url, { signal });
    if (!response.ok) throw refusal(response, hub, id, repository.revision);
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
      url: `${hub.address}/${id}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`,
    }));
  return { commit, files };
}
