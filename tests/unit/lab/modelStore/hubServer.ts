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

/**
 * A hub on this machine, with the addresses and headers of huggingface.co: revision, tree, and files that are fetched
 * over a redirect. Large files are those of weights, as there.
 */
export async function serveHub(): Promise<HubServer> {
  const hub: Omit<HubServer, 'address' | 'close'> = {
    repositories: new Map(),
    faults: new Map(),
    refusals: new Map(),
    etags: new Map(),
    asked: [],
  };
  const server = createServer((request, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Allow-Headers', '*');
    response.setHeader('Access-Control-Expose-Headers', '*');
    if (request.method === 'OPTIONS') response.end();
    else void answer(hub, request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    ...hub,
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  hub: Omit<HubServer, 'address' | 'close'>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = decodeURIComponent(new URL(request.url ?? '/', 'http://hub').pathname);
  const [, api, id = ''] =
    /^\/(api\/models\/)?([^/]+\/[^/]+)\/(?:revision|tree|resolve|store)\//.exec(path) ?? [];
  const refused = hub.refusals.get(id);
  const files = hub.repositories.get(id);
  if (refused !== undefined || files === undefined) {
    response.writeHead(
      refused?.status ?? 401,
      refused?.code === undefined ? {} : { 'X-Error-Code': refused.code },
    );
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
  } else if (path.includes('/resolve/')) {
    // The hub sends a reader on to where its files are stored.
    response.writeHead(302, { Location: `/${id}/store/${path.split(`/resolve/${COMMIT}/`)[1] ?? ''}` });
    response.end();
  } else await give(hub, path.split('/store/')[1] ?? '', files, request, response);
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
  hub: Omit<HubServer, 'address' | 'close'>,
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
