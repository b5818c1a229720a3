import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type BrowserHost } from '../browser/launch.ts';
import { ADDED, CHATML } from '../unit/policy/scriptedWebllm.ts';
import { violations } from './checks.ts';
import { recordedFixture } from './recordedFixture.ts';

/** web-llm in the page, with its real worker; models come from a server of this test, as far as it has any. */

let host: BrowserHost;
let models: { readonly base: string; readonly asked: string[]; readonly close: () => Promise<void> };
beforeAll(async () => {
  host = await launchBrowser();
  models = await serveModels();
});
afterAll(async () => {
  await host.close();
  await models.close();
});

const minutes = 60_000;
const json = (value: unknown): string => JSON.stringify(value);

/** `/m/…`: a model's small files and a library that is none. All else is not found. Other pages may read both. */
async function serveModels(): Promise<typeof models> {
  const asked: string[] = [];
  const files: Readonly<Record<string, string>> = {
    '/m/resolve/main/mlc-chat-config.json': json({
      conv_template: CHATML,
      tokenizer_files: ['tokenizer.json'],
    }),
    '/m/resolve/main/tokenizer.json': json({ added_tokens: ADDED }),
    '/m/lib.wasm': '<h1>Not the library</h1>',
  };
  const server: Server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://h').pathname;
    asked.push(path);
    // A server that never answers.
    if (path.startsWith('/silent/')) return;
    const file = files[path];
    response.writeHead(file === undefined ? 404 : 200, { 'Access-Control-Allow-Origin': '*' });
    response.end(file ?? 'not found');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    base: `http://localhost:${port}`,
    asked,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const record = (model = 'm', lib = 'm/lib.wasm') => ({
  model: `${models.base}/${model}`,
  model_id: 'tiny-q4f32_1',
  model_lib: `${models.base}/${lib}`,
});
const named = (value: unknown): string => `&webllm=${encodeURIComponent(json(value))}`;

async function open(hash: string, options: BrowserContextOptions = {}): Promise<Page> {
  const { page } = await host.newPage({ reducedMotion: 'reduce', ...options });
  page.setDefaultTimeout(minutes);
  await page.route('**/runs/first-light.json', (route) => route.fulfill({ json: recordedFixture() }));
  await page.goto(host.baseUrl + hash);
  await panelOf(page).waitFor();
  return page;
}

const panelOf = (page: Page) => page.getByRole('region', { name: 'Larger, by web-llm' });
const formOf = (page: Page) => panelOf(page).getByRole('textbox', { name: 'or a record of your own' });
const load = (page: Page) => panelOf(page).getByRole('button', { name: 'Load', exact: true });

describe('the panel of web-llm', { timeout: 5 * minutes }, () => {
  it('fetches nothing of web-llm before a model is loaded', async () => {
    const page = await open('#/models?v=1');
    // The view's own worker lists the kept models.
    expect(page.workers().filter((worker) => /webllm|lab\/worker/i.test(worker.url()))).toHaveLength(0);
    expect(await load(page).isDisabled()).toBe(true);
    await page.context().close();
  });

  it('says before loading what a model of the list takes, and links to it by name', async () => {
    const page = await open('#/models?v=1');
    await panelOf(page).getByLabel('Filter web-llm’s models').fill('smollm2 135 q0f32');
    await panelOf(page)
      .getByRole('button', { name: /^SmolLM2-135M-Instruct-q0f32-MLC/ })
      .click();
    const takes = panelOf(page).getByRole('list', { name: 'What SmolLM2-135M-Instruct-q0f32-MLC takes' });
    expect(await takes.textContent()).toMatch(/719.MB on the graphics card.*huggingface\.co/);
    await page.waitForURL(/webllm=SmolLM2-135M-Instruct-q0f32-MLC/);
    await panelOf(page).getByLabel('Filter web-llm’s models').fill('smollm2 135 f16');
    await panelOf(page)
      .getByRole('button', { name: /^SmolLM2-135M-Instruct-q0f16-MLC.*needs f16/ })
      .click();
    await panelOf(page).getByText('It computes in f16, which this card or browser cannot.').waitFor();
    expect(await load(page).isDisabled()).toBe(true);
    await page.waitForURL(/webllm=SmolLM2-135M-Instruct-q0f16-MLC/);
    await page.reload();
    expect(await formOf(page).inputValue()).toContain('"SmolLM2-135M-Instruct-q0f16-MLC"');
    await page.context().close();
  });

  it('names the field of a record that is wrong', async () => {
    const page = await open('#/models?v=1');
    await formOf(page).fill(json({ ...record(), model_lib: 'lib.wasm', modelid: 'x' }));
    await formOf(page).blur();
    const alert = panelOf(page).getByRole('alert');
    expect(await alert.textContent()).toMatch(/"model_lib": must be a whole address.*modelid/);
    expect(await formOf(page).getAttribute('aria-invalid')).toBe('true');
    expect(await load(page).isDisabled()).toBe(true);
    await formOf(page).fill('{"model": ');
    await alert.getByText('is not JSON').waitFor();
    await formOf(page).fill(json(record()));
    await alert.waitFor({ state: 'detached' });
    expect(await load(page).isEnabled()).toBe(true);
    await page.context().close();
  });

  it('is filled by the record of a link', async () => {
    const page = await open(`#/models?v=1${named(record())}`);
    expect(JSON.parse(await formOf(page).inputValue())).toEqual(record());
    await page.evaluate((hash) => (location.hash = hash), `#/models?v=1${named({ model: 'm' })}`);
    await panelOf(page).getByRole('alert').getByText('"model_id"').waitFor();
    await page.context().close();
  });

  it('translates why a model could not be loaded, and goes on', async () => {
    const page = await open(`#/models?v=1${named(record('none'))}`);
    await load(page).click();
    const alert = panelOf(page).getByRole('alert');
    await alert.getByText('tiny-q4f32_1 was not loaded.').waitFor();
    expect(await alert.textContent()).toMatch(
      /could not be fetched\. Check the addresses.*none\/resolve\/main\/mlc-chat-config\.json: 404/,
    );
    await formOf(page).fill(json(record()));
    await load(page).click();
    await alert.getByText('no WebAssembly library').waitFor();
    expect(models.asked).toContain('/m/lib.wasm');
    await panelOf(page)
      .getByText(/keeps 1.file of it/)
      .waitFor();
    await panelOf(page).getByRole('button', { name: 'Delete them' }).click();
    await panelOf(page)
      .getByText(/keeps 1.file of it/)
      .waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Play', exact: true }).first().click();
    await page.getByRole('button', { name: 'Ask both' }).waitFor();
    await page.context().close();
  });

  it('is cancelled while it loads', async () => {
    const page = await open(`#/models?v=1${named(record('silent'))}`);
    await load(page).click();
    await panelOf(page).getByText('Loading tiny-q4f32_1').waitFor();
    expect(await load(page).isDisabled()).toBe(true);
    await panelOf(page).getByRole('button', { name: 'Cancel' }).click();
    await panelOf(page).getByRole('progressbar').waitFor({ state: 'detached' });
    expect(await panelOf(page).getByRole('alert').count()).toBe(0);
    expect(await load(page).isEnabled()).toBe(true);
    await page.context().close();
  });

  it('lays a dropped folder where web-llm finds it, and clears it away again', async () => {
    const page = await open('#/models?v=1');
    const folder = join(await mkdtemp(join(tmpdir(), 'webllm-')), 'mine');
    await mkdir(folder);
    const files = {
      'mlc-chat-config.json': json({ conv_template: CHATML, tokenizer_files: ['tokenizer.json'] }),
      'tokenizer.json': json({ added_tokens: ADDED }),
      'tensor-cache.json': '{"records":[]}',
      'lib.wasm': 'no library',
    };
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    await panelOf(page).getByLabel('Folder of a model').setInputFiles(folder);
    expect(JSON.parse(await formOf(page).inputValue())).toMatchObject({
      model: 'https://dropped.invalid/mine',
      model_lib: 'https://dropped.invalid/mine/lib.wasm',
    });
    await load(page).click();
    // It came as far as the library: configuration and tokenizer were found without any server.
    await panelOf(page).getByRole('alert').getByText('no WebAssembly library').waitFor();
    const kept = await page.evaluate(async () => {
      const names = ['webllm/config', 'webllm/wasm', 'webllm/model'];
      const keys = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return keys
        .flat()
        .map(({ url }) => url)
        .filter((url) => url.includes('dropped'));
    });
    expect(kept).toEqual([]);
    await rm(folder, { recursive: true });
    await page.context().close();
  });

  it('says at once where the browser has no WebGPU', async () => {
    const { page } = await host.newPage();
    await page.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: undefined }));
    await page.goto(`${host.baseUrl}#/models?v=1${named(record())}`);
    await panelOf(page).getByText('This browser has no WebGPU.').waitFor();
    expect(await load(page).isDisabled()).toBe(true);
    await page.context().close();
  });

  it('can be used by keys alone', async () => {
    const page = await open('#/models?v=1');
    await panelOf(page).getByLabel('Filter web-llm’s models').focus();
    await page.keyboard.type('qwen3-0.6b q4f32');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await formOf(page).inputValue()).toContain('Qwen3-0.6B-q4f32_1-MLC');
    for (const name of ['or a record of your own', 'Choose a folder…', 'Load']) {
      await page.keyboard.press('Tab');
      const focused = page.locator(':focus');
      expect(await focused.evaluate((element) => element.textContent || element.id !== '')).toBeTruthy();
      if (name !== 'or a record of your own') expect(await focused.textContent()).toBe(name);
    }
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)('passes axe, %s, with a record refused', async (colorScheme) => {
    const page = await open('#/models?v=1', { colorScheme });
    await formOf(page).fill('{}');
    await formOf(page).blur();
    await panelOf(page).getByRole('alert').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });
});
