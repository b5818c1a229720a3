import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { behaviourShares } from '../../src/traces/behaviours.ts';
import { launchBrowser, type BrowserHost } from '../browser/launch.ts';
import { recordedFixture } from './recordedFixture.ts';

let host: BrowserHost;
beforeAll(async () => {
  host = await launchBrowser();
});
afterAll(async () => {
  await host.close();
});

/** A recorded run that counts behaviours; its rollouts show two and three of them, as the detectors find. */
function countedRun() {
  const run = recordedFixture();
  const none = behaviourShares([]);
  return {
    ...run,
    steps: run.steps.map((row) => ({
      ...row,
      behaviours: { ...none, 'self-correction': 0.1 * row.step, 'ignored result': 0.5 - 0.1 * row.step },
    })),
  };
}

async function open(hash: string, options: BrowserContextOptions = {}, run: unknown = countedRun()) {
  const { page, problems } = await host.newPage({ reducedMotion: 'reduce', ...options });
  await page.route('**/runs/first-light.json', (route) => route.fulfill({ json: run }));
  await page.goto(host.baseUrl + hash);
  await page.getByRole('heading', { level: 1, name: 'Behaviours over training' }).waitFor();
  await page.getByRole('radio', { name: /^Self-correction/ }).waitFor();
  return { page, problems, close: () => page.context().close() };
}

const rollout = (page: Page) => page.getByRole('article', { name: 'Rollout' });

describe('Behaviours', () => {
  it('tells how each rose and fell, with its words', async () => {
    const { page, problems, close } = await open('#/behaviours');
    expect(await page.getByRole('radio').count()).toBe(9);
    await page.getByRole('radio', { name: /^Self-correction, a skill: 30.% from 10.%$/ }).waitFor();
    await page.getByText('says in its thinking that something is wrong').waitFor();
    await page.getByRole('radio', { name: /^Ignored result, a fault: 20.% from 40.%$/ }).click();
    await page.getByRole('heading', { name: 'Ignored result' }).waitFor();
    await page.getByRole('img', { name: /updates 1 to 3: from 40.% to 20.%/ }).waitFor();
    await page.waitForFunction(() => location.hash.includes('behaviour=ignored-result'));
    expect(problems).toEqual([]);
    await close();
  });

  it('a click on the curve lists and opens the rollouts of that update; its link opens the same', async () => {
    const { page, close } = await open('#/behaviours?v=1&behaviour=ignored-result');
    const chart = page.getByRole('img', { name: /^Ignored result/ });
    await chart.click({ position: { x: 3, y: 20 } });
    await page.getByText('of the 2 kept of update 1').waitFor();
    await rollout(page).getByText('Update 1 · group 1 · rollout 2 of 2').waitFor();
    // The page that told the answer, as the detector points to it.
    await rollout(page).locator('q').getByText('result').waitFor();
    expect(await rollout(page).getByText('ignored result', { exact: true }).count()).toBe(1);
    await page.waitForFunction(() => location.hash.includes('open=0.1'));
    const hash = await page.evaluate(() => location.hash);
    await close();
    const again = await open(hash);
    await rollout(again.page).getByText('Update 1 · group 1 · rollout 2 of 2').waitFor();
    await again.close();
  });

  it('goes by keyboard: behaviours, updates, a rollout opened and closed', async () => {
    const { page, close } = await open('#/behaviours');
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('heading', { name: 'Empty thinking' }).waitFor();
    await page.keyboard.press('[');
    await page.getByText('of the 2 kept of update 2').waitFor();
    const row = page.getByRole('listitem').getByRole('button').first();
    await row.focus();
    await page.keyboard.press('Enter');
    await rollout(page).waitFor();
    await page.keyboard.press('Escape');
    await rollout(page).waitFor({ state: 'detached' });
    await close();
  });

  it('has before and after side by side on the same question', async () => {
    const { page, close } = await open('#/behaviours');
    const before = page.getByRole('region', { name: 'Before', exact: true });
    const after = page.getByRole('region', { name: 'After', exact: true });
    await before.getByText('empty thinking').waitFor();
    await after.getByText('ignored result').waitFor();
    expect(await before.getByText('ignored result').count()).toBe(0);
    await close();
  });

  it('says so where a recording counted none, and its rollouts can still be read', async () => {
    const { page, close } = await open('#/behaviours?v=1&behaviour=empty-thinking', {}, recordedFixture());
    await page.getByText('recorded before behaviours were counted').waitFor();
    await page.getByRole('radio', { name: /^Empty thinking, a fault: 100.%/ }).waitFor();
    await page.getByRole('listitem').getByRole('button').first().click();
    await rollout(page).getByText('What it did').or(rollout(page).locator('[data-token]').first()).waitFor();
    await close();
  });

  it('counts a run in this tab, and puts an opened question to the policy before and now', async () => {
    const { page } = await host.newPage({ reducedMotion: 'reduce' });
    await page.goto(`${host.baseUrl}#/train?v=1&preset=tiny&evaluation.questions=0&backend=wasm`);
    await page.getByRole('button', { name: 'One update' }).first().click();
    const minutes = 60_000;
    await page
      .getByRole('button', { name: /^Rollout 1:/ })
      .first()
      .waitFor({ timeout: 3 * minutes });
    await page.getByRole('link', { name: 'Behaviours' }).click();
    await page.getByText('The run in this tab.').waitFor();
    await page.getByRole('radio', { name: /^Unsupported answer, a fault: [\d.]+/ }).click();
    await page.getByRole('listitem').getByRole('button').first().click();
    await page.getByRole('button', { name: 'Ask both' }).click();
    for (const name of ['Before', 'Now']) {
      const side = page.getByRole('region', { name, exact: true });
      await side.getByText(/^(Well formed|Breaks the format)/).waitFor({ timeout: 2 * minutes });
    }
    await page.context().close();
  });
});
