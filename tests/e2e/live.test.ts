import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notRunOrFail, Unavailable } from '../browser/availability.ts';
import { launchBrowser, type BrowserHost } from '../browser/launch.ts';

/** The real worker with the shipped policy, driven from the page's buttons. */

let host: BrowserHost;
beforeAll(async () => {
  host = await launchBrowser();
});
afterAll(async () => {
  await host.close();
});

const minutes = 60_000;
/** For a run; what it takes by itself on two cores is written at each. */
const patience = 12 * minutes;

async function open(hash: string): Promise<Page> {
  const { page } = await host.newPage({ reducedMotion: 'reduce' });
  await page.goto(host.baseUrl + hash);
  await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
  return page;
}

/** Runs the recipe of the address to its end and gives a column of the page's own table of numbers. */
async function train(page: Page, column: string): Promise<readonly number[]> {
  await page.getByRole('button', { name: 'Train it here' }).click();
  const done = page.getByText(/^Done: /);
  await done.or(page.getByRole('alert')).first().waitFor({ timeout: patience });
  expect(await page.getByRole('alert').allTextContents()).toEqual([]);
  await page.getByText('All numbers, as a table').click();
  const table = page.getByRole('region', { name: 'All numbers' });
  const names = await table.locator('thead th').allTextContents();
  const cells = await table
    .locator('tbody tr')
    .evaluateAll((rows, at) => rows.map((row) => row.children[at]?.textContent ?? ''), names.indexOf(column));
  return cells.map((cell) => parseFloat(cell));
}

/** Opens the second rollout of the newest update's first group; the text of its panel. */
async function openRollout(page: Page): Promise<string> {
  await page
    .getByRole('button', { name: /^Rollout 2:/ })
    .first()
    .click();
  const panel = page.getByRole('complementary', { name: 'Rollout' });
  expect(await panel.locator('[data-token]').count()).toBeGreaterThan(3);
  return (await panel.textContent()) ?? '';
}

const updates = 30;

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('training in the page', () => {
  it(
    'raises the reward on WebAssembly, and any rollout can be opened',
    async () => {
      // The recipe that the page starts with, without its evaluations: they are not what is looked at. About five
      // seconds an update.
      const page = await open(`#/train?v=1&grpo.steps=${updates}&evaluation.questions=0&backend=wasm`);
      const rewards = await train(page, 'Reward');
      expect(rewards).toHaveLength(updates);
      // Means over six updates of 128 rollouts scatter by about 0.02 around a rise of 0.15 and more.
      expect(mean(rewards.slice(-6))).toBeGreaterThan(mean(rewards.slice(0, 6)) + 0.05);
      expect(await page.getByRole('main').textContent()).toMatch(/WebAssembly, /);
      expect(await openRollout(page)).toMatch(/Reward \d\.\d\d\..*A = /s);
      await page.context().close();
    },
    patience + minutes,
  );

  it(
    'in slow motion shows a group as it is written; every number explains itself',
    async () => {
      const page = await open('#/train?v=1&preset=tiny&grpo.steps=40&evaluation.questions=0&backend=wasm');
      await page.getByRole('radio', { name: 'slow', exact: true }).click();
      await page.getByRole('button', { name: 'Train it here' }).click();
      const writing = page.getByRole('region', { name: /^Being written, update 1/ });
      await writing.getByText('<think>').first().waitFor({ timeout: patience });
      await page.getByRole('button', { name: / MB$/ }).click();
      await page.getByRole('dialog', { name: 'Memory of the engine' }).getByText('Look for.').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('radio', { name: 'full', exact: true }).click();
      await page.getByText(/^Update ([3-9]|\d\d) of 40/).waitFor({ timeout: patience });
      expect(await page.getByRole('region', { name: /^Being written/ }).count()).toBe(0);
      await page.context().close();
    },
    patience + minutes,
  );

  it(
    'runs on WebGPU, on whatever adapter there is',
    async (context) => {
      // About half a minute an update where the adapter is software.
      const page = await open('#/train?v=1&preset=tiny&grpo.steps=2&evaluation.questions=0&backend=webgpu');
      const norms = await train(page, 'Gradient norm');
      const instead = page.getByRole('status').filter({ hasText: 'WebAssembly is used instead' });
      if (await instead.isVisible()) {
        notRunOrFail(context, new Unavailable((await instead.textContent()) ?? ''));
      }
      expect(norms).toHaveLength(2);
      expect(norms.every((norm) => norm >= 0 && norm < Infinity)).toBe(true);
      expect(await openRollout(page)).toContain('rollout 2 of 4');
      await page.context().close();
    },
    patience + minutes,
  );
});

describe('asking in the page', () => {
  it(
    'answers a typed question on the real facts with both policies, token by token, and shows what else was likely',
    async () => {
      const page = await open('#/?v=1&corpus=countries&backend=wasm');
      await page
        .getByLabel('Question', { exact: true })
        .fill('What is the capital of the country of Thimphu?');
      await page.getByRole('button', { name: 'Ask both' }).click();
      const before = page.getByRole('region', { name: 'Before' });
      await before.getByText(/No accepted answer|Breaks the format/).waitFor({ timeout: 2 * minutes });
      await before.locator('[data-token]').nth(2).hover();
      await page.getByRole('list', { name: 'Most likely here' }).getByRole('listitem').nth(4).waitFor();
      expect(await page.getByText(/ODbL|Open Database/).count()).toBeGreaterThan(0);
      await page.context().close();
    },
    3 * minutes,
  );

  it(
    'forks an answer at a token that is clicked: another is taken there, and the policy goes on live',
    async () => {
      const page = await open('#/?v=1&corpus=countries&backend=wasm');
      page.setDefaultTimeout(2 * minutes);
      await page.getByLabel('Question', { exact: true }).fill('What is the capital of Bhutan?');
      await page.getByRole('button', { name: 'Ask both' }).click();
      const after = page.getByRole('region', { name: 'After' });
      // Both are written before either can be forked.
      await after.getByRole('button', { name: 'Fork: After' }).waitFor();
      const token = after.locator('[data-token]').nth(3);
      const index = Number(await token.getAttribute('data-token'));
      await token.click();
      const panel = page.getByRole('region', { name: 'Token', exact: true });
      // The policy that answered is loaded, so what else was likely stands there at once.
      await panel
        .getByRole('button', { name: /^Take (?!.*as the rollout did)/ })
        .first()
        .click();
      await page.getByRole('button', { name: 'Again with other dice' }).waitFor();
      const article = page.getByRole('article', { name: 'Rollout' });
      await article.getByText('continued live by the shipped trained policy').waitFor();
      await article.getByText(`They part at token ${index + 1}`).waitFor();
      await page.context().close();
    },
    5 * minutes,
  );

  it(
    'searches in pasted passages',
    async () => {
      const page = await open('#/?v=1&backend=wasm');
      await page.getByRole('radio', { name: 'Your own passages' }).click();
      await page
        .getByLabel('Your own passages', { exact: true })
        .last()
        .fill('Orvane is a country. Its capital is Lissen.\n\nLissen lies on the Ombry.');
      await page.getByRole('button', { name: 'Use this text' }).click();
      await page
        .getByText('2 passages')
        .first()
        .waitFor({ timeout: 2 * minutes });
      await page.getByLabel('Question', { exact: true }).fill('Where does the capital of Orvane lie?');
      await page.keyboard.press('Enter');
      await page
        .getByRole('region', { name: 'Before' })
        .getByText(/No accepted answer|Breaks the format/)
        .waitFor({
          timeout: minutes,
        });
      await page.context().close();
    },
    3 * minutes,
  );
});
