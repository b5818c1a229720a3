/** A browser for measurements, and servers of bench/ with and without shared memory. */
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page, type Worker } from 'playwright-core';
import { createServer, type Plugin, type ViteDevServer } from 'vite';
import { findBrowser } from '../../scripts/browserPath.ts';
import { EXPORTED } from './oneSequence.ts';
import { kernelSource } from '../../src/engine/wasm/kernelSource.mjs';

/**
 * BENCH_CHROMIUM_FLAGS adds what a machine needs for its GPU (on Linux often
 * `--enable-features=Vulkan --use-angle=vulkan`); without a GPU, Chromium takes its software adapter.
 */
const flags = [
  '--headless=new',
  '--enable-unsafe-webgpu',
  '--no-first-run',
  '--disable-background-networking',
];

/** Named, so that none is found in the middle of a measurement, which would load the page again. */
const dependencies = [
  '@jax-js/jax',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-core/dist/register_all_gradients',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-backend-webgpu',
  'zod',
  '@huggingface/tokenizers',
];

/** Where pages find the packages of bench/. */
export const PEERS = '/node_modules/';

export interface BenchHost {
  readonly browser: string;
  /** The worker of a fresh page; the page before is closed. `isolated`: with shared memory, hence threads. */
  worker(isolated: boolean): Promise<Worker>;
  /**
   * Opens a page of bench/browser/, with shared memory, and does something with it; it is closed then. Errors of the
   * page are told with those of `use`.
   * @param exported folder served below `EXPORTED`
   */
  withPage<T>(name: string, use: (page: Page) => Promise<T>, exported?: string): Promise<T>;
  close(): Promise<void>;
}

export async function startBrowser(): Promise<BenchHost> {
  const found = await findBrowser();
  const extra = (process.env['BENCH_CHROMIUM_FLAGS'] ?? '').split(' ').filter(Boolean);
  const browser = await chromium.launch({
    executablePath: found.executablePath,
    args: [...flags, ...extra, ...found.args],
    env: { ...process.env, ...found.env },
  });
  let closeLast = (): Promise<void> => Promise.resolve();
  return {
    browser: `Chromium ${browser.version()}`,

    async worker(isolated) {
      await closeLast();
      const opened = await open(browser, 'bench.html', isolated);
      closeLast = opened.close;
      await opened.told(
        opened.page.waitForFunction(() => document.title.endsWith('ready'), null, { timeout: 60_000 }),
      );
      const [worker] = opened.page.workers();
      if (!worker) throw new Error('the page of the measurements has no worker');
      return worker;
    },

    async withPage(name, use, exported) {
      const opened = await open(browser, name, true, exported);
      return opened.told(use(opened.page)).finally(opened.close);
    },

    async close() {
      await closeLast();
      await browser.close();
    },
  };
}

interface Opened {
  readonly page: Page;
  /** Adds what the page complained of to an error. */
  told<T>(work: Promise<T>): Promise<T>;
  readonly close: () => Promise<void>;
}

async function open(browser: Browser, name: string, isolated: boolean, exported?: string): Promise<Opened> {
  const server = await serve(isolated, exported);
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  const told = <T>(work: Promise<T>): Promise<T> =>
    work.catch((cause: unknown) => {
      throw new Error([`${name}: ${String(cause)}`, ...problems].join('\n'), { cause });
    });
  const close = async (): Promise<void> => {
    await page.close();
    await server.close();
  };
  try {
    await told(page.goto(`${server.resolvedUrls?.local[0] ?? ''}browser/${name}`));
  } catch (error) {
    await close();
    throw error;
  }
  return { page, told, close };
}

async function serve(isolated: boolean, exported: string | undefined): Promise<ViteDevServer> {
  const server = await createServer({
    configFile: false,
    root: fileURLToPath(new URL('..', import.meta.url)),
    logLevel: 'warn',
    cacheDir: 'node_modules/.cache/vite',
    plugins: exported === undefined ? [] : [serveFolder(exported)],
    worker: { format: 'es' },
    define: { KERNEL_SOURCE: JSON.stringify(await kernelSource()) },
    optimizeDeps: { include: dependencies, noDiscovery: true },
    server: {
      port: 0,
      watch: null,
      hmr: false,
      // The engine lies beside bench/.
      fs: { allow: [fileURLToPath(new URL('../..', import.meta.url))] },
      headers: isolated
        ? {
            'Cross-Origin-Opener-Policy': 'same-origin',
            'Cross-Origin-Embedder-Policy': 'require-corp',
          }
        : {},
    },
  });
  await server.listen();
  return server;
}

/** Answers below `EXPORTED` with the files of a folder outside the repository. */
function serveFolder(folder: string): Plugin {
  return {
    name: 'serve-exported-policy',
    configureServer(server) {
      server.middlewares.use(EXPORTED, (request, response, next) => {
        const file = join(folder, join('/', request.url ?? ''));
        if (!existsSync(file)) return next();
        response.setHeader('Content-Type', 'application/octet-stream');
        createReadStream(file).pipe(response);
      });
    },
  };
}
