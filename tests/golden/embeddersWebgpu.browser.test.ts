import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type BrowserHost } from '../browser/launch.ts';
import { data } from './embedderFolder.ts';
import type { EmbedInPage } from './embeddersPage.ts';

/** Tiny encoders on onnxruntime's WebGPU in a browser's software adapter, against PyTorch. */

let host: BrowserHost;
beforeAll(async () => {
  host = await launchBrowser();
});
afterAll(() => host.close());

/** Opens a model in the page and embeds the texts of its golden as queries. */
async function inPage(asked: Omit<EmbedInPage, 'texts'>) {
  const golden = JSON.parse(await readFile(`${data}${asked.folder}/expected.json`, 'utf8')) as {
    readonly texts: readonly string[];
    readonly vectors: { readonly full: { readonly query: readonly (readonly number[])[] } };
  };
  const { page } = await host.newPage();
  await page.goto(`${host.baseUrl}tests/golden/embedders.html`);
  await page.waitForFunction(() => 'embedQueries' in globalThis);
  const ran = await page.evaluate((all) => embedQueries(all), { ...asked, texts: golden.texts });
  await page.context().close();
  const cosines = golden.vectors.full.query.map((theirs, row) =>
    theirs.reduce((sum, x, d) => sum + x * (ran.vectors[row * theirs.length + d] ?? NaN), 0),
  );
  return { ...ran, least: Math.min(...cosines) };
}

describe('an embedding model on WebGPU', { timeout: 120_000 }, () => {
  it.each([
    { folder: 'e5', name: 'intfloat/e5-small-v2' },
    { folder: 'bge', name: 'BAAI/bge-small-en-v1.5' },
  ])('$name gives PyTorch’s vectors', async (model) => {
    const ran = await inPage({ ...model, provider: 'webgpu', precision: 'full' });
    expect(ran).toMatchObject({ provider: 'webgpu', notices: [] });
    expect(ran.least).toBeGreaterThan(0.9999);
  });

  it('that is quantised runs on WebAssembly, and says so', async () => {
    const ran = await inPage({
      folder: 'e5',
      name: 'intfloat/e5-small-v2',
      provider: 'webgpu',
      precision: 'quantised',
    });
    expect(ran.provider).toBe('wasm');
    expect(ran.notices.join()).toContain('runs on WebAssembly: its network is quantised to 8 bits');
  });

  it('is not run there by itself where it is small or WebGPU is the processor', async () => {
    const ran = await inPage({ folder: 'e5', name: 'intfloat/e5-small-v2', provider: 'auto', precision: 'full' });
    expect(ran).toMatchObject({ provider: 'wasm', notices: [] });
    expect(ran.least).toBeGreaterThan(0.9999);
  });
});
