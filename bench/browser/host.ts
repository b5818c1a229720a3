/** A browser for measurements, and a server of bench/ with and without shared memory. */
import { fileURLToPath } from 'node:url';
import { chromium, type Worker } from 'playwright-core';
import { createServer, type ViteDevServer } from 'vite';
import { findBrowser } from '../../scripts/browserPath.ts';

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

const peers = [
  '@jax-js/jax',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-core/dist/register_all_gradients',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-backend-webgpu',
];

export interface BenchHost {
  readonly browser: string;
  /** The worker of a fresh page; the page before is closed. `isolated`: with shared memory, hence threads. */
  worker(isolated: boolean): Promise<Worker>;
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
      const server = await serve(isolated);
      const page = await browser.newPage();
      closeLast = async () => {
        await page.close();
        await server.close();
      };
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      await page.goto(`${server.resolvedUrls?.local[0] ?? ''}browser/bench.html`);
      await page
        .waitForFunction(() => document.title.endsWith('ready'), null, { timeout: 60_000 })
        .catch((cause: unknown) => {
          throw new Error(`the page of the measurements did not load: ${problems.join('; ')}`, { cause });
        });
      const [worker] = page.workers();
      if (!worker) throw new Error('the page of the measurements has no worker');
      return worker;
    },

    async close() {
      await closeLast();
      await browser.close();
    },
  };
}

async function serve(isolated: boolean): Promise<ViteDevServer> {
  const server = await createServer({
    configFile: false,
    root: fileURLToPath(new URL('..', import.meta.url)),
    logLevel: 'warn',
    cacheDir: 'node_modules/.cache/vite',
    worker: { format: 'es' },
    // Named, so that none is found in the middle of a measurement, which would load the page again.
    optimizeDeps: { include: peers, noDiscovery: true },
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
