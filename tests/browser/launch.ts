import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { createServer, type ViteDevServer } from 'vite';
import { findBrowser, type FoundBrowser } from '../../scripts/browserPath.ts';
import { Unavailable } from './availability.ts';

/**
 * WebGPU on Chromium's own software adapter (SwiftShader), so that tests mean the same with and without a GPU; and
 * none of the requests a browser makes by itself.
 */
const FLAGS: readonly string[] = [
  '--headless=new',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** A browser and a server of this repository, for tests. */
export interface BrowserHost {
  readonly browser: Browser;
  /** Which browser it is, for people. */
  readonly source: string;
  /** Address of the server, with a slash at its end. */
  readonly baseUrl: string;
  /** A page in a fresh context (with storage of its own). */
  newPage(options?: BrowserContextOptions): Promise<WatchedPage>;
  close(): Promise<void>;
}

export interface WatchedPage {
  readonly page: Page;
  /** Uncaught exceptions, console errors and warnings of WebGPU (its uncaptured errors) so far. */
  readonly problems: readonly string[];
}

/**
 * Starts the browser that `findBrowser` finds, and Vite on a free port, cross-origin isolated so that WebAssembly
 * threads have their shared memory. Throws Unavailable if there is no browser that starts; nothing is left running
 * then. Close it in the end.
 */
export async function launchBrowser(): Promise<BrowserHost> {
  const found = await findBrowser().catch(unavailable);
  const server = await serveRepository();
  const browser = await startBrowser(found).catch(async (error: unknown) => {
    await server.close();
    return unavailable(error);
  });
  const baseUrl = server.resolvedUrls?.local[0];
  if (!baseUrl) throw new Error('Vite started without an address');
  return {
    browser,
    source: `${found.source}, version ${browser.version()}`,
    baseUrl,
    newPage: async (options) => watchedPage(await browser.newContext(options)),
    close: async () => {
      await browser.close();
      await server.close();
    },
  };

  async function watchedPage(context: Awaited<ReturnType<Browser['newContext']>>): Promise<WatchedPage> {
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.stack ?? error.message));
    page.on('console', (message) => {
      const { type, text } = { type: message.type(), text: message.text() };
      if (type === 'error' || (type === 'warning' && /GPU|WGSL/.test(text))) problems.push(text);
    });
    return { page, problems };
  }
}

function unavailable(error: unknown): never {
  throw new Unavailable(error instanceof Error ? error.message : String(error), { cause: error });
}

async function startBrowser(found: FoundBrowser): Promise<Browser> {
  return chromium.launch({
    executablePath: found.executablePath,
    args: [...FLAGS, ...found.args],
    env: { ...process.env, ...found.env },
  });
}

async function serveRepository(): Promise<ViteDevServer> {
  const server = await createServer({
    root: fileURLToPath(new URL('../..', import.meta.url)),
    logLevel: 'warn',
    // A cache of its own, and no watching: a file saved elsewhere must not reload a page under test.
    cacheDir: 'node_modules/.cache/vite-tests',
    server: {
      port: 0,
      watch: null,
      hmr: false,
      headers: {
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      },
    },
  });
  await server.listen();
  return server;
}
