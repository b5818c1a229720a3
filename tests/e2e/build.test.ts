import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, preview, type PreviewServer } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstLoad, firstLoadLimit } from '../../scripts/bundleSize.ts';
import { launchBrowser, type BrowserHost } from '../browser/launch.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let dist: string;
let server: PreviewServer;
let host: BrowserHost;

beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), 'page-'));
  await build({ root, logLevel: 'error', build: { outDir: dist, emptyOutDir: true } });
  server = await preview({ root, logLevel: 'error', build: { outDir: dist }, preview: { port: 0 } });
  host = await launchBrowser();
});
afterAll(async () => {
  await host.close();
  await server.close();
  await rm(dist, { recursive: true });
});

describe('the built page', () => {
  it('loads less than it is allowed before anything is clicked', async () => {
    const files = await firstLoad(dist);
    expect(files.some(({ path }) => path.endsWith('.js'))).toBe(true);
    expect(files.some(({ path }) => path.endsWith('.woff2'))).toBe(true);
    expect(files.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(firstLoadLimit);
  });

  it('opens under its own content policy, cross-origin isolated', async () => {
    const { page } = await host.newPage();
    const refused: string[] = [];
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) refused.push(message.text());
    });
    await page.goto(server.resolvedUrls?.local[0] ?? '');
    await page.getByRole('button', { name: 'Train it yourself, here' }).waitFor();
    expect(await page.locator('meta[http-equiv="Content-Security-Policy"]').count()).toBe(1);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(refused).toEqual([]);
    await page.context().close();
  });
});
