import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type BrowserHost } from '../browser/launch.ts';
import { ADDED, CHATML } from '../unit/policy/scriptedWebllm.ts';
import { violations } from './checks.ts';
import { recordedFixture } from './recordedFixture.ts';
import { scriptedWorker } from './webllmScript.ts';

/** A model of web-llm's asked in the page: all of the page and its lab, and in the place of web-llm's worker a script. */

let host: BrowserHost;
beforeAll(async () => {
  host = await launchBrowser();
});
afterAll(async () => {
  await host.close();
});

const minutes = 60_000;
const record = {
  model: 'https://models.test/tiny',
  model_id: 'tiny-q4f32_1',
  model_lib: 'https://models.test/tiny.wasm',
  vram_required_MB: 150,
};
const files: Readonly<Record<string, unknown>> = {
  'mlc-chat-config.json': { conv_template: CHATML, tokenizer_files: ['tokenizer.json'] },
  'tokenizer.json': { added_tokens: ADDED },
};

/** The page under Models, the model loaded. */
async function loaded(options: BrowserContextOptions = {}): Promise<Page> {
  const { page } = await host.newPage({ reducedMotion: 'reduce', ...options });
  page.setDefaultTimeout(2 * minutes);
  await page.route('**/runs/first-light.json', (route) => route.fulfill({ json: recordedFixture() }));
  // The script of a worker's worker cannot be intercepted; the module that starts it can.
  await page.route(/policy\/openWebllm\.ts/, async (route) => {
    const response = await route.fetch();
    const scripted = `URL.createObjectURL(new Blob([${JSON.stringify(scriptedWorker)}], { type: 'text/javascript' }))`;
    const body = (await response.text()).replace(/new URL\([^)]*webllmWorker[^)]*\)/, () => scripted);
    await route.fulfill({ response, body });
  });
  await page.route('https://models.test/**', (route) =>
    route.fulfill({
      json: files[new URL(route.request().url()).pathname.split('/').at(-1) ?? ''],
      headers: { 'Access-Control-Allow-Origin': '*' },
    }),
  );
  const link = encodeURIComponent(JSON.stringify(record));
  await page.goto(`${host.baseUrl}#/models?v=1&backend=wasm&webllm=${link}`);
  const panel = page.getByRole('region', { name: 'Larger, by web-llm' });
  await panel.getByRole('button', { name: 'Load', exact: true }).click();
  await panel.getByText('tiny-q4f32_1 is loaded').waitFor();
  return page;
}

const view = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).first().click();
const pane = (page: Page) => page.getByRole('region', { name: 'web-llm' });

async function ask(page: Page, question: string): Promise<void> {
  await view(page, 'Play');
  await page.getByLabel('Question', { exact: true }).fill(question);
  await page.getByRole('button', { name: 'Ask both' }).click();
}

describe('a model of web-llm’s', { timeout: 5 * minutes }, () => {
  it('answers in Play beside the others, over the same passages; its rollout opens in Rollouts', async () => {
    const page = await loaded();
    await ask(page, 'Who wrote Cholwis?');
    await pane(page).getByText('Mara Tolven').first().waitFor();
    expect(await pane(page).textContent()).toMatch(/I look.*Cholwis.*That is the page.*Mara Tolven/s);
    expect(await page.getByRole('region', { name: 'Before', exact: true }).textContent()).not.toContain(
      'I look',
    );
    await page.getByRole('button', { name: 'Open in Rollouts' }).click();
    await page.getByText('web-llm wrote this').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });

  it('is stopped in the middle, and answers the next question', async () => {
    const page = await loaded();
    await ask(page, 'Tell me slowly');
    await pane(page).getByText('still still').first().waitFor();
    await page.getByRole('button', { name: 'Stop web-llm' }).click();
    await page.getByRole('button', { name: 'Open in Rollouts' }).waitFor();
    await ask(page, 'Who wrote Cholwis?');
    await pane(page).getByText('Mara Tolven').first().waitFor();
    await view(page, 'Models');
    await page.getByRole('button', { name: 'Unload' }).click();
    await page.getByText('tiny-q4f32_1 is loaded').waitFor({ state: 'detached' });
    await view(page, 'Play');
    await page.getByRole('link', { name: 'It is unloaded' }).waitFor();
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)('is asked in Evaluate, %s', async (colorScheme) => {
    const page = await loaded({ colorScheme });
    await page.getByRole('link', { name: 'in Evaluate' }).click();
    const section = page.getByRole('region', { name: 'A larger model, by web-llm' });
    await section.getByRole('radio', { name: '5', exact: true }).click();
    await section.getByRole('button', { name: 'Ask tiny-q4f32_1' }).click();
    await section.getByText(/^Run here in/).waitFor();
    expect(await section.getByRole('table').getByRole('button').count()).toBe(4);
    expect(await violations(page)).toEqual([]);
    await section.getByRole('button', { name: /rollouts of MuSiQue$/ }).click();
    await page.getByText('5 rollouts').first().waitFor();
    await page.context().close();
  });
});
