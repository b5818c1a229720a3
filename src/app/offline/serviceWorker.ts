/**
 * Keeps the page for a visit without a network. The shell (page, scripts, styles, fonts, the recorded run) is kept on
 * the first visit; models and the large runtimes when they are used, or when a visitor asks for everything. A kept file
 * answers before the network, so that page and scripts are always of one version; another version is fetched beside
 * it and takes over when the visitor says so. Nothing from elsewhere is kept.
 *
 * Imports nothing: it is built into one file of its own (scripts/offlinePlugin.ts), whose name never changes.
 */

interface OfflineFile {
  readonly path: string;
  readonly revision: string;
  readonly bytes: number;
  readonly shell: boolean;
}

const worker = self as unknown as ServiceWorkerGlobalScope;
const files = JSON.parse('__FILES__') as readonly OfflineFile[];
/** One cache for all versions: a file is kept under address and revision, so what did not change is not fetched anew. */
const cacheName = 'page';
/** Files fetched at once. */
const atOnce = 6;

const addressOf = ({ path }: OfflineFile): string => new URL(path, worker.registration.scope).href;
const keyOf = (file: OfflineFile): string => `${addressOf(file)}#${file.revision}`;
/** Fragments are no part of a cache's keys, so the revision stands in the query of a key that is never fetched. */
const storedAs = (file: OfflineFile): string => keyOf(file).replace('#', '?revision=');

/** Shared memory needs these; a host that cannot send headers gets them here from the second visit on. */
function isolated(response: Response): Response {
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

async function keep(file: OfflineFile): Promise<Response> {
  const response = await fetch(addressOf(file), { cache: 'no-cache' });
  if (!response.ok) throw new Error(`${file.path} answered ${response.status}`);
  const cache = await caches.open(cacheName);
  await cache.put(storedAs(file), response.clone());
  return response;
}

async function keepMissing(wanted: readonly OfflineFile[], tell: (done: number) => void): Promise<void> {
  const cache = await caches.open(cacheName);
  let done = 0;
  const left = [...wanted];
  const fetchNext = async (): Promise<void> => {
    for (let file = left.shift(); file !== undefined; file = left.shift()) {
      if ((await cache.match(storedAs(file))) === undefined) await keep(file);
      done += file.bytes;
      tell(done);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, fetchNext));
}

/** Versions of files that this version of the page does not have. */
async function forgetOthers(): Promise<void> {
  const cache = await caches.open(cacheName);
  const own = new Set(files.map(storedAs));
  const keys = await cache.keys();
  await Promise.all(keys.filter(({ url }) => !own.has(url)).map((key) => cache.delete(key)));
}

function fileAt(request: Request): OfflineFile | undefined {
  const scope = worker.registration.scope;
  const address = request.url.replace(/[?#].*$/, '');
  const path = address === scope || address === `${scope}index.html` ? './' : address.slice(scope.length);
  return files.find((file) => file.path === path);
}

async function answer(file: OfflineFile): Promise<Response> {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(storedAs(file));
  return isolated(kept ?? (await keep(file)));
}

worker.addEventListener('install', (event) => {
  event.waitUntil(
    keepMissing(
      files.filter(({ shell }) => shell),
      () => undefined,
    ),
  );
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(forgetOthers().then(() => worker.clients.claim()));
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || !request.url.startsWith(worker.registration.scope)) return;
  const file = fileAt(request);
  if (file !== undefined) event.respondWith(answer(file));
});

worker.addEventListener('message', (event: ExtendableMessageEvent) => {
  if (event.data === 'take over') {
    void worker.skipWaiting();
    return;
  }
  if (event.data !== 'keep all') return;
  const port = event.ports[0];
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const tell = (done: number): void => port?.postMessage({ done, total });
  event.waitUntil(
    keepMissing(files, tell).catch((error: unknown) =>
      port?.postMessage({ error: error instanceof Error ? error.message : String(error) }),
    ),
  );
});
