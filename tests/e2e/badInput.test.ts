import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type BrowserHost } from '../browser/launch.ts';
import { tinyModel, tinyTokenizer } from '../unit/retrieval/tinyModels.ts';
import { recordedFixture } from './recordedFixture.ts';

/** What is wrong is named, with what mends it, and what stood before still stands. With the real worker. */

let host: BrowserHost;
beforeAll(async () => {
  host = await launchBrowser();
});
afterAll(async () => {
  await host.close();
});

const minutes = 60_000;
const short = 'v=1&preset=tiny&seed=7&grpo.steps=2&grpo.questions=2&evaluation.questions=0';

async function open(hash: string, baseUrl = host.baseUrl): Promise<Page> {
  const { page } = await host.newPage({ reducedMotion: 'reduce' });
  page.setDefaultTimeout(2 * minutes);
  await page.route('**/runs/first-light.json', (route) => route.fulfill({ json: recordedFixture() }));
  if (baseUrl !== host.baseUrl) await serveAt(page, baseUrl);
  await page.goto(baseUrl + hash);
  await page.locator('main h1').first().waitFor({ state: 'attached' });
  return page;
}

/** The test server's files under another address, which need not exist. */
async function serveAt(page: Page, baseUrl: string): Promise<void> {
  await page.route(`${baseUrl}**`, async (route) => {
    const { pathname, search } = new URL(route.request().url());
    if (pathname.endsWith('/runs/first-light.json')) return route.fallback();
    await route.fulfill({ response: await route.fetch({ url: host.baseUrl + pathname.slice(1) + search }) });
  });
}

const weights = '**/models/nano/model.safetensors';
const spoilWeights = (page: Page) =>
  page.route(weights, (route) => route.fulfill({ body: 'not the weights you are looking for' }));

const oneUpdate = (page: Page) => page.getByRole('button', { name: 'One update' }).click();

async function seedInDialog(page: Page): Promise<string> {
  await page.keyboard.press('r');
  const seed = await page.getByRole('dialog').getByLabel(/^Seed/).inputValue();
  await page.keyboard.press('Escape');
  return seed;
}

/** Rows of the table of all numbers: the updates of the run on the screen. */
async function rows(page: Page): Promise<number> {
  const table = page.getByRole('region', { name: 'All numbers' });
  if (!(await table.isVisible())) await page.getByText('All numbers, as a table').click();
  return table.locator('tbody tr').count();
}

describe('a policy file that cannot be read', { timeout: 5 * minutes }, () => {
  it('is named; the page goes on without it, and loads once it is mended', async () => {
    const page = await open(`#/train?${short}&backend=wasm`);
    await spoilWeights(page);
    await oneUpdate(page);
    const alert = page.getByRole('alert');
    await alert.getByText('The engine could not be loaded.').waitFor();
    expect(await alert.textContent()).toMatch(/model\.safetensors: .*Download the file again/);
    expect(await rows(page)).toBe(recordedFixture().steps.length);
    expect(await seedInDialog(page)).toBe('7');
    await page.unroute(weights);
    await alert.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Ready.', { exact: true }).waitFor();
    expect(await alert.count()).toBe(0);
    await oneUpdate(page);
    await page.getByText('Paused after update 1 of 2.').waitFor();
    await page.context().close();
  });

  it('takes nothing from a run that is on the screen', async () => {
    const page = await open(`#/train?${short}&backend=wasm`);
    await oneUpdate(page);
    await page.getByText('Paused after update 1 of 2.').waitFor();
    await spoilWeights(page);
    await page.evaluate(() => (location.hash = location.hash.replace('seed=7', 'seed=8')));
    await page.getByRole('button', { name: 'Begin again with the changes' }).click();
    await page.getByRole('alert').getByText('model.safetensors').waitFor();
    await page.getByText('Ready.', { exact: true }).waitFor();
    expect(await rows(page)).toBe(1);
    await page
      .getByRole('button', { name: /^Rollout 1:/ })
      .first()
      .click();
    await page.getByRole('complementary', { name: 'Rollout' }).waitFor();
    await page.context().close();
  });
});

describe('a recipe file', () => {
  it('that does not fit is named with each wrong field, and leaves the recipe', async () => {
    const page = await open(`#/train?${short}`);
    await page.keyboard.press('r');
    const dialog = page.getByRole('dialog', { name: 'Recipe' });
    const load = (name: string, content: string) =>
      dialog
        .getByLabel('Load from a file')
        .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(content) });
    await load('mine.json', '{"seed": 8, "grpo": {"groupSize": 1, "speed": 2}}');
    const alert = dialog.getByRole('alert');
    await alert.getByText('Nothing was changed').waitFor();
    expect(await alert.textContent()).toMatch(/^mine\.json: .*grpo\.groupSize.*grpo\.speed/);
    await load('notes.json', 'seed: 8');
    await alert.getByText('notes.json is not JSON').waitFor();
    expect(await dialog.getByLabel(/^Seed/).inputValue()).toBe('7');
    await load('mine.json', '{"seed": 8}');
    await alert.waitFor({ state: 'detached' });
    expect(await dialog.getByLabel(/^Seed/).inputValue()).toBe('8');
    await page.context().close();
  });
});

describe('a link with a wrong field, opened over a run', { timeout: 5 * minutes }, () => {
  it('is told by the name of the field; recipe and run stand, and the run goes on', async () => {
    const page = await open(`#/train?${short}&backend=wasm`);
    await oneUpdate(page);
    await page.getByText('Paused after update 1 of 2.').waitFor();
    await page.evaluate(() => (location.hash = '#/train?v=1&seed=9&grpo.groupSize=1&grpo.speed=2'));
    const alert = page.getByRole('alert');
    await alert.getByText('grpo.groupSize').waitFor();
    expect(await alert.textContent()).toContain('grpo.speed');
    expect(await seedInDialog(page)).toBe('7');
    await page.waitForFunction(() => location.hash.includes('seed=7'));
    expect(await rows(page)).toBe(1);
    await alert.getByRole('button', { name: 'Dismiss' }).click();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByText('Done: 2 of 2 updates.').waitFor();
    expect(await rows(page)).toBe(2);
    await page.context().close();
  });
});

describe('a browser without WebGPU', { timeout: 5 * minutes }, () => {
  it('trains on WebAssembly by itself, and says why to those who ask', async () => {
    const page = await open(`#/train?${short}&backend=auto`, 'http://lab.test/');
    await oneUpdate(page);
    await page.getByText('Paused after update 1 of 2.').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await page.getByText('navigator.gpu is missing').count()).toBe(0);
    await page.getByRole('button', { name: 'why not WebGPU?' }).click();
    await page
      .getByRole('dialog', { name: 'Why not WebGPU' })
      .getByText('navigator.gpu is missing')
      .waitFor();
    await page.context().close();
  });

  it('trains on WebAssembly when WebGPU is wanted, and says so', async () => {
    // Browsers hide WebGPU, and threads, from pages that did not come over https or from this machine.
    const page = await open(`#/train?${short}&backend=webgpu`, 'http://lab.test/');
    expect(await page.evaluate(() => [isSecureContext, 'gpu' in navigator])).toEqual([false, false]);
    await oneUpdate(page);
    const notice = page.getByRole('status').filter({ hasText: 'WebAssembly is used instead of WebGPU' });
    await notice.waitFor();
    expect(await notice.isVisible()).toBe(true);
    expect(await notice.textContent()).toContain('navigator.gpu is missing');
    await page.getByText('Paused after update 1 of 2.').waitFor();
    expect(await page.getByRole('main').textContent()).toMatch(/WebAssembly, .*1 thread/);
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.context().close();
  });
});

describe('an embedding model that cannot be used', { timeout: 5 * minutes }, () => {
  const file = (name: string, content: Uint8Array | string) => ({
    name,
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(content),
  });
  const tokenizer = file('tokenizer.json', JSON.stringify(tinyTokenizer));
  const refused: readonly (readonly [what: string, model: ReturnType<typeof file>, told: RegExp])[] = [
    ['no ONNX at all', file('notes.onnx', 'not a model'), /"notes\.onnx": onnxruntime cannot open/],
    [
      'the wrong dimension',
      file('logits.onnx', tinyModel({ output: 'logits' })),
      /"logits\.onnx": its output logits has dimension 3 for one text and 5 for another/,
    ],
    [
      'inputs of another kind',
      file('pixels.onnx', tinyModel({ inputs: ['input_ids', 'pixels'] })),
      /"pixels\.onnx": its inputs are input_ids, pixels/,
    ],
  ];

  it('is named, and the one in use stays; one of another dimension than before is taken', async () => {
    const page = await open(`#/?${short}&backend=wasm`);
    await page.getByRole('radio', { name: 'Your own passages' }).click();
    await page
      .getByLabel('Your own passages', { exact: true })
      .last()
      .fill('Orvane is red.\n\nLissen is blue.');
    await page.getByRole('button', { name: 'Use this text' }).click();
    await page.getByText('2 passages').first().waitFor();
    const summary = page.locator('summary', { hasText: 'How passages are found' });
    await summary.click();
    const [model, words] = [page.locator('input[accept=".onnx"]'), page.locator('input[accept^=".json"]')];
    const alert = page.getByRole('alert');
    await words.setInputFiles(tokenizer);
    for (const [what, content, told] of refused) {
      await model.setInputFiles(content);
      await page.getByRole('button', { name: 'Use this model' }).click();
      await alert.getByText('This embedding model could not be used.').waitFor();
      expect(await alert.textContent(), what).toMatch(told);
      expect(await summary.textContent(), what).toContain('with the shipped embedding model');
      await alert.getByRole('button', { name: 'Dismiss' }).click();
    }
    await words.setInputFiles(file('tokenizer.json', 'not JSON'));
    await model.setInputFiles(file('fine.onnx', tinyModel()));
    await page.getByRole('button', { name: 'Use this model' }).click();
    await alert.getByText('tokenizer.json is not a JSON object').waitFor();
    await alert.getByRole('button', { name: 'Dismiss' }).click();
    // Passages are embedded anew, so any one dimension will do.
    await words.setInputFiles(tokenizer);
    await page.getByRole('button', { name: 'Use this model' }).click();
    await summary.getByText('fine.onnx, 2 dimensions').waitFor();
    expect(await alert.count()).toBe(0);
    await page.context().close();
  });

  it('is one with the tokenizer of another model, too', async () => {
    const shipped = new URL('../../public/models/embedder/tokenizer.json', import.meta.url);
    const page = await open(`#/?${short}&backend=wasm`);
    await page.getByRole('radio', { name: 'Real facts' }).click();
    await page.getByText(/passages\. /).waitFor();
    await page.locator('summary', { hasText: 'How passages are found' }).click();
    await page
      .locator('input[accept^=".json"]')
      .setInputFiles(file('tokenizer.json', await readFile(shipped)));
    await page.locator('input[accept=".onnx"]').setInputFiles(file('foreign.onnx', tinyModel()));
    await page.getByRole('button', { name: 'Use this model' }).click();
    const alert = page.getByRole('alert');
    await alert.getByText('"foreign.onnx": it cannot be run on tokens of this tokenizer.json').waitFor();
    await page.getByText('with the shipped embedding model').waitFor();
    await page.context().close();
  });
});

describe('a learning rate that is far too high', { timeout: 5 * minutes }, () => {
  it('is told of as soon as no group teaches anything, with what to turn', async () => {
    const page = await open(
      '#/train?v=1&preset=tiny&grpo.steps=30&grpo.learningRate=1&evaluation.questions=0&backend=wasm',
    );
    await page.getByRole('button', { name: 'Train it here' }).click();
    const stalled = page.getByRole('status').filter({ hasText: 'The last 5 updates taught nothing' });
    await stalled.getByText('begin again with a lower learning rate').waitFor();
    await page.context().close();
  });
});

describe('the shipped embedding model', { timeout: 5 * minutes }, () => {
  it('that cannot be fetched is told where an answer breaks off, and is fetched by the next search', async () => {
    const page = await open('#/?v=1&corpus=countries&backend=wasm');
    const model = '**/models/embedder/model.onnx';
    await page.route(model, (route) => route.fulfill({ status: 404 }));
    await page
      .getByLabel('Question', { exact: true })
      .fill('What currency is used in the country whose capital is Thimphu?');
    const ask = page.getByRole('button', { name: 'Ask both' });
    await ask.click();
    // Told when it fails, and again by the policy that searches.
    await page.getByText('This embedding model could not be used').waitFor();
    const after = page.getByRole('region', { name: 'After' });
    await after.getByRole('alert').getByText('neither model.onnx nor onnx/model.onnx').waitFor();
    expect(await after.locator('[data-token]').count()).toBeGreaterThan(0);
    await page.unroute(model);
    await ask.click();
    await after.getByText(/No accepted answer|Breaks the format/).waitFor();
    expect(await after.getByRole('alert').count()).toBe(0);
    await page.context().close();
  });
});
