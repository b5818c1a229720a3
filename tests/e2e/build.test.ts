import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, preview, type PreviewServer } from 'vite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { firstLoad, firstLoadLimit } from '../../scripts/bundleSize.ts';
import { launchBrowser, type BrowserHost } from '../browser/launch.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let dist: string;
let server: PreviewServer;
let host: BrowserHost;

beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), 'page-'));
  // Vitest says 'test', and React would be built for developing.
  vi.stubEnv('NODE_ENV', 'production');
  await build({ root, logLevel: 'error', build: { outDir: dist, emptyOutDir: true } });
  vi.unstubAllEnvs();
  server = await preview({ root, logLevel: 'error', build: { outDir: dist }, preview: { port: 0 } });
  host = await launchBrowser();
});
afterAll(async () => {
  await host.close();
  await server.close();
  await rm(dist, { recursive: true });
});

const address = (): string => server.resolvedUrls?.local[0] ?? '';

describe('the built page', () => {
  it('loads less than it is allowed before anything is clicked', async () => {
    const files = await firstLoad(dist);
    expect(files.some(({ path }) => path.endsWith('.js'))).toBe(true);
    expect(files.some(({ path }) => path.endsWith('.woff2'))).toBe(true);
    expect(files.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(firstLoadLimit);
  });

  it('transfers less than that in a browser, the recorded run included, and nothing of the engine', async () => {
    const { page } = await host.newPage();
    const bodies: Promise<{ path: string; bytes: number }>[] = [];
    page.on('response', (response) => {
      const path = new URL(response.url()).pathname;
      const size = (body: Buffer) => (path.endsWith('.woff2') ? body.length : gzipSync(body).length);
      bodies.push(response.body().then((body) => ({ path, bytes: size(body) })));
    });
    await page.goto(address(), { waitUntil: 'networkidle' });
    await page.getByRole('button', { name: 'Train it yourself, here' }).waitFor();
    const files = await Promise.all(bodies);
    expect(files.filter(({ path }) => /worker|\.wasm$|\/ort[.-]|\.onnx$|\.safetensors$/.test(path))).toEqual(
      [],
    );
    expect(page.workers()).toHaveLength(0);
    const own = files.filter(({ path }) => !path.includes('/models/'));
    expect(own.some(({ path }) => path.endsWith('.css'))).toBe(true);
    expect(own.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(firstLoadLimit);
    await page.context().close();
  });

  it('paints with nothing but its first load: whatever else it asks for never comes', async () => {
    const { page } = await host.newPage();
    const first = new Set((await firstLoad(dist)).map(({ path }) => path));
    const withheld: string[] = [];
    await page.route('**/*', async (route) => {
      const path = new URL(route.request().url()).pathname.slice(1) || 'index.html';
      // Neither answered nor refused: as on a line that hangs.
      if (!first.has(path)) withheld.push(path);
      else await route.continue();
    });
    await page.goto(address());
    await page.getByRole('button', { name: 'Train it yourself, here' }).waitFor();
    expect(await page.getByRole('heading', { level: 1 }).first().isVisible()).toBe(true);
    await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length === 1);
    expect(withheld).toContain('runs/first-light.json');
    await page.context().close();
  });

  it('opens without a network once it has been visited, isolated as before, and offers a newer version', async () => {
    const { page, problems } = await host.newPage({ reducedMotion: 'reduce' });
    // A hundred files are fetched and kept, on a machine that may be busy.
    page.setDefaultTimeout(120_000);
    await page.goto(address());
    await page.getByText('It opens offline.').waitFor();
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await page.context().setOffline(true);
    await page.reload();
    await page.getByRole('region', { name: 'After', exact: true }).getByText('recorded').waitFor();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await page.keyboard.press('2');
    await page.getByRole('button', { name: 'Train it here' }).waitFor();
    expect(problems).toEqual([]);
    await page.context().setOffline(false);
    await appendFile(join(dist, 'sw.js'), '\n// Another version.\n');
    await page.reload();
    await page.getByText('A newer version of this page is there').waitFor();
    await Promise.all([
      page.waitForEvent('load'),
      page.getByRole('button', { name: 'Open it', exact: true }).click(),
    ]);
    await page.getByRole('button', { name: 'Train it here' }).waitFor();
    expect(await page.getByText('A newer version of this page is there').count()).toBe(0);
    await page.context().close();
  });

  it('may fetch over https and from this computer, and runs no script but its own', async () => {
    const own = createServer((_, response) => {
      response.writeHead(200, { 'Access-Control-Allow-Origin': '*' });
      response.end('from this computer');
    });
    await new Promise<void>((done) => own.listen(0, '127.0.0.1', done));
    const { port } = own.address() as AddressInfo;
    const { page } = await host.newPage();
    await page.goto(address());
    // Nothing leaves this machine: what the policy lets through is answered here.
    await page.route(/^https?:\/\/\w+\.test\//, (route) =>
      route.fulfill({ body: 'from afar', headers: { 'Access-Control-Allow-Origin': '*' } }),
    );
    const told = await page.evaluate(
      async (own) => {
        const refused: string[] = [];
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective: what, blockedURI }) =>
          refused.push(`${what} ${blockedURI}`),
        );
        const get = (url: string) =>
          fetch(url).then(
            (response) => response.text(),
            () => 'refused',
          );
        const texts = [];
        for (const host of own) texts.push(await get(host));
        for (const host of ['https://hub.test/', 'http://hub.test/']) texts.push(await get(host));
        for (const text of ['document.title = "inline"', undefined]) {
          const script = document.createElement('script');
          if (text === undefined) script.src = 'https://hub.test/script.js';
          else script.textContent = text;
          document.head.append(script);
        }
        const frame = document.createElement('iframe');
        frame.src = 'https://hub.test/';
        document.body.append(frame);
        // Reports come as events of their own.
        while (refused.length < 4) await new Promise(requestAnimationFrame);
        return { texts, refused, title: document.title };
      },
      [`http://127.0.0.1:${port}/`, `http://localhost:${port}/`],
    );
    own.close();
    expect(told.texts).toEqual(['from this computer', 'from this computer', 'from afar', 'refused']);
    expect(told.refused.sort()).toEqual([
      'connect-src http://hub.test/',
      'frame-src https://hub.test',
      'script-src-elem https://hub.test/script.js',
      'script-src-elem inline',
    ]);
    expect(told.title).not.toBe('inline');
    await page.context().close();
  });

  it('opens under its own content policy, cross-origin isolated', async () => {
    const { page } = await host.newPage();
    const refused: string[] = [];
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) refused.push(message.text());
    });
    await page.goto(address());
    await page.getByRole('button', { name: 'Train it yourself, here' }).waitFor();
    expect(await page.locator('meta[http-equiv="Content-Security-Policy"]').count()).toBe(1);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(refused).toEqual([]);
    await page.context().close();
  });
});
