/** A headless Chromium with a page of this folder, cross-origin isolated so that WebAssembly has threads. */
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { createServer, type Plugin } from 'vite';
import { findBrowser } from '../../scripts/browserPath.ts';
import { EXPORTED } from './oneSequence.ts';

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

/**
 * Opens a page of this folder and does something with it; nothing is left running.
 * @param exported folder served below `EXPORTED`
 */
export async function withPage<T>(
  name: string,
  exported: string,
  use: (page: Page) => Promise<T>,
): Promise<T> {
  const found = await findBrowser();
  const server = await createServer({
    configFile: false,
    root: fileURLToPath(new URL('../..', import.meta.url)),
    logLevel: 'warn',
    cacheDir: fileURLToPath(new URL('../node_modules/.vite', import.meta.url)),
    plugins: [serveFolder(exported)],
    worker: { format: 'es' },
    // Found late, in the worker, they would be bundled while the page waits for them.
    optimizeDeps: { include: ['zod', '@huggingface/tokenizers'] },
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
  try {
    await server.listen();
    const browser = await chromium.launch({
      executablePath: found.executablePath,
      args: ['--headless=new', ...found.args],
      env: { ...process.env, ...found.env },
    });
    try {
      const page = await browser.newPage();
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      await page.goto(`${server.resolvedUrls?.local[0] ?? ''}bench/browser/${name}`);
      return await use(page).catch((error: unknown) => {
        throw new Error([String(error), ...problems].join('\n'));
      });
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}
