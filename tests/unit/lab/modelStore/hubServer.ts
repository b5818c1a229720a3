import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a file is given otherwise than it should be. */
export interface Fault {
  /** The connection breaks after so many bytes of an answer. */
  breakAfter?: number;
  /** The first byte is another. */
  corrupt?: boolean;
  /** Ranges are not known: all of it comes. */
  noRanges?: boolean;
  /** The answer stops here and goes on when this resolves. */
  hold?: { readonly after: number; readonly until: Promise<void> };
}

export interface HubServer {
  /** Without a slash at its end. */
  readonly address: string;
  readonly repositories: Map<string, Map<string, Uint8Array>>;
  /** By path of the file. */
  readonly faults: Map<string, Fault>;
  /** By repository: HTTP status and the hub's code for it. */
  readonly refusals: Map<string, { readonly status: number; readonly code?: string }>;
  /** Repositories that are not open to all, and the tokens that may read them. A gated one can be seen by all. */
  readonly guarded: Map<string, { readonly kind: 'gated' | 'private'; readonly tokens: readonly string[] }>;
  /** Tokens of some account. */
  readonly tokens: Set<string>;
  /** Which requests came with a token, by origin, in order: `hub` or `store`, where the hub sends readers on to. */
  readonly told: {
    readonly at: 'hub' | 'store';
    readonly path: string;
    readonly token: string | undefined;
  }[];
  /** Validators by path, where they are not those of the content. */
  readonly etags: Map<string, string>;
  /** Files that were asked for, and from which byte. */
  readonly asked: { readonly path: string; readonly range?: string; readonly ifRange?: string }[];
  close(): Promise<void>;
}

const COMMIT = 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00';
const hash = (kind: string, ...parts: (string | Uint8Array)[]): string => {
  const running = createHash(kind);
  for (const part of parts) running.update(part);
  return running.digest('hex');
};

type Hub = Omit<HubServer, 'address' | 'close'>;

/**
 * A hub on this machine, with the addresses and headers of huggingface.co: revision, tree, and files that are fetched
 * over a redirect to another origin. Large files are those of weights, as there.
 */
export async function serveHub(): Promise<HubServer> {
  const hub: Hub = {
    repositories: new Map(),
    faults: new Map(),
    refusals: new Map(),
    guarded: new Map(),
    tokens: new Set(),
    told: [],
    etags: new Map(),
    asked: [],
  };
  const store = await serve((request, response) => {
    const path = note(hub, 'store', request);
    const [, id = '', name = ''] = /^\/([^/]+\/[^/]+)\/store\/(.+)$/.exec(path) ?? [];
    void give(hub, name, hub.repositories.get(id) ?? new Map(), request, response);
  });
  const main = await serve((request, response) =>
    answer(hub, store.address, note(hub, 'hub', request), request, response),
  );
  return {
    ...hub,
    address: main.address,
    close: async () => {
      await Promise.all([main.close(), store.close()]);
    },
  };
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer((request, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    // A star does not stand for this one.
    response.setHeader('Access-Control-Allow-Headers', '*, Authorization');
    response.setHeader('Access-Control-Expose-Headers', '*');
    if (request.method === 'OPTIONS') response.end();
    else answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Writes down who asked with which token. @returns the path asked for */
function note(hub: Hub, at: 'hub' | 'store', { url, headers }: IncomingMessage): string {
  const path = decodeURIComponent(new URL(url ?? '/', 'http://hub').pathname);
  hub.told.push({ at, path, token: headers.authorization?.replace('Bearer ', '') });
  return path;
}

/** Why a repository is not given, if so, as huggingface.co says it. */
function refused(hub: Hub, id: string, path: string, { headers }: IncomingMessage) {
  const token = headers.authorization?.replace('Bearer ', '');
  if (token !== undefined && !hub.tokens.has(token)) {
    return { status: 401, message: 'Invalid credentials in Authorization header' };
  }
  const said = hub.refusals.get(id);
  if (said !== undefined) return said;
  const guard = hub.guarded.get(id);
  if (guard !== undefined && (token === undefined || !guard.tokens.includes(token))) {
    if (guard.kind === 'private') return { status: token === undefined ? 401 : 404, code: 'RepoNotFound' };
    if (path.includes('/resolve/')) return { status: token === undefined ? 401 : 403, code: 'GatedRepo' };
  }
  return hub.repositories.has(id) ? undefined : { status: 401, code: 'RepoNotFound' };
}

function answer(
  hub: Hub,
  store: string,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const [, api, id = ''] = /^\/(api\/models\/)?([^/]+\/[^/]+)\/(?:revision|tree|resolve)\//.exec(path) ?? [];
  const no: { status: number; code?: string; message?: string } | undefined = refused(hub, id, path, request);
  const files = hub.repositories.get(id) ?? new Map<string, Uint8Array>();
  if (no !== undefined) {
    response.writeHead(no.status, {
      ...(no.code === undefined ? {} : { 'X-Error-Code': no.code }),
      ...(no.message === undefined ? {} : { 'X-Error-Message': no.message }),
    });
    response.end('{}');
  } else if (api !== undefined && path.includes('/revision/')) {
    const revision = path.split('/').at(-1);
    if (revision !== 'main' && revision !== COMMIT) {
      response.writeHead(404, { 'X-Error-Code': 'RevisionNotFound' });
      response.end('{}');
    } else response.end(JSON.stringify({ id, sha: COMMIT }));
  } else if (api !== undefined) {
    const recursive = new URL(request.url ?? '/', 'http://hub').searchParams.get('recursive') === 'true';
    response.end(JSON.stringify(tree(files, recursive)));
  } else {
    // The hub sends a reader on to where its files are stored.
    response.writeHead(302, {
      Location: `${store}/${id}/store/${path.split(`/resolve/${COMMIT}/`)[1] ?? ''}`,
    });
    response.end();
  }
}

/** Folders are told by their names alone where their files are not asked for. */
function tree(files: ReadonlyMap<string, Uint8Array>, recursive: boolean): readonly object[] {
  const folders = new Set(
    [...files.keys()].filter((path) => path.includes('/')).map((path) => path.split('/')[0]),
  );
  const inFolders = [...folders].map((path) => ({ type: 'directory', path, size: 0, oid: '' }));
  const listed = [...files].filter(([path]) => recursive || !path.includes('/'));
  return [...inFolders, ...listed.map(([path, bytes]) => entry(path, bytes))];
}

function entry(path: string, bytes: Uint8Array): object {
  const size = bytes.length;
  const oid = hash('sha1', `blob ${size}\0`, bytes);
  const large = /\.(safetensors|gguf|onnx)$/.test(path);
  return { type: 'file', path, size, oid, ...(large ? { lfs: { oid: hash('sha256', bytes), size } } : {}) };
}

async function give(
  hub: Hub,
  path: string,
  files: ReadonlyMap<string, Uint8Array>,
  { headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const whole = files.get(path);
  if (whole === undefined) {
    response.writeHead(404);
    response.end();
    return;
  }
  const range = headers.range;
  const ifRange = headers['if-range'];
  hub.asked.push({
    path,
    ...(range === undefined ? {} : { range }),
    ...(typeof ifRange === 'string' ? { ifRange } : {}),
  });
  const fault = hub.faults.get(path) ?? {};
  const etag = hub.etags.get(path) ?? `"${hash('sha1', whole)}"`;
  const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  const ranged =
    range !== undefined && fault.noRanges !== true && (ifRange === undefined || ifRange === etag);
  const begin = ranged ? Number(from) : 0;
  const end = ranged && to !== '' ? Math.min(Number(to) + 1, whole.length) : whole.length;
  const bytes = whole.slice(begin, end);
  // What is looked at beforehand is no download.
  const download = !(ranged && to !== '');
  if (fault.corrupt === true && download && begin === 0) bytes[0] = (bytes[0] ?? 0) ^ 255;
  response.writeHead(ranged ? 206 : 200, {
    ETag: etag,
    'Content-Length': bytes.length,
    ...(ranged ? { 'Content-Range': `bytes ${begin}-${end - 1}/${whole.length}` } : {}),
  });
  const { hold, breakAfter } = fault;
  if (download && hold !== undefined && begin + bytes.length > hold.after && begin < hold.after) {
    response.write(bytes.subarray(0, hold.after - begin));
    await hold.until;
    response.end(bytes.subarray(hold.after - begin));
  } else if (download && breakAfter !== undefined && breakAfter < bytes.length) {
    response.write(bytes.subarray(0, breakAfter), () => response.destroy());
  } else response.end(bytes);
}
