import { describe, expect, it } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { builtSite, visit } from './builtSite.ts';

/** The path of somebody new, to its end, on the built page with the real engine; docs/first-visit.md tells of it. */

const site = builtSite();

const minutes = 60_000;

/** The smallest run whose reward surely rises, ten updates of 72 rollouts: the shares of right answers go from 14 to 56 %. */
const recipe =
  'v=1&world.passages=100&grpo.steps=10&grpo.questions=12&grpo.groupSize=6&grpo.learningRate=0.0004' +
  '&grpo.warmupSteps=2&evaluation.questions=0&backend=wasm';

const textOf = async (rollout: Locator): Promise<string> =>
  (await rollout.locator('[data-token]').allTextContents()).join('');

/** A column of Train's own table. */
async function numbers(page: Page, column: string): Promise<readonly number[]> {
  await page.getByText('All numbers, as a table').click();
  const table = page.getByRole('region', { name: 'All numbers' });
  const names = await table.locator('thead th').allTextContents();
  const rows = await table
    .locator('tbody tr')
    .evaluateAll((list, at) => list.map((row) => row.children[at]?.textContent ?? ''), names.indexOf(column));
  return rows.map((cell) => parseFloat(cell));
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe('a first visit', () => {
  it(
    'sees the recording play, trains, finds a self-correction, and shares it with somebody who then sees the same',
    async () => {
      const { page, leave } = await visit(site.host, `${site.address}#/?${recipe}`, {
        permissions: ['clipboard-read', 'clipboard-write'],
      });
      page.setDefaultTimeout(2 * minutes);
      await page.getByText('at the start', { exact: true }).waitFor();
      await page.getByRole('region', { name: 'After', exact: true }).getByText('recorded').waitFor();
      expect(page.workers()).toHaveLength(0);

      await page.getByRole('button', { name: 'Train it yourself, here' }).click();
      await page.getByText('Done: 10 of 10 updates.').waitFor({ timeout: 6 * minutes });
      expect(await page.getByRole('alert').count()).toBe(0);
      const rewards = await numbers(page, 'Reward');
      expect(rewards).toHaveLength(10);
      expect(mean(rewards.slice(-3))).toBeGreaterThan(mean(rewards.slice(0, 3)) + 0.1);

      await page
        .getByRole('button', { name: /^Rollout 1:/ })
        .first()
        .click();
      await page
        .getByRole('complementary', { name: 'Rollout' })
        .getByText(/Reward \d\.\d\d/)
        .waitFor();
      await page.keyboard.press('Escape');

      await page.getByRole('link', { name: 'Rollouts', exact: true }).click();
      await page.getByText('720 rollouts').first().waitFor();
      await page.getByLabel('Behaviour', { exact: true }).selectOption('self-correction');
      // The earliest update that has one: whoever opens the link need not train for long.
      const updates = await page.getByLabel('Update', { exact: true }).locator('option').allTextContents();
      expect(updates.length).toBeGreaterThan(1);
      await page.getByLabel('Update', { exact: true }).selectOption('1');
      await page.locator('[data-row]').first().click();
      const read = page.getByRole('article', { name: 'Rollout' });
      await read.getByText('Self-correction.').first().waitFor();
      const text = await textOf(read);
      expect(text.length).toBeGreaterThan(40);
      await read.getByRole('button', { name: /Copy link/ }).click();
      const link = await page.evaluate(() => navigator.clipboard.readText());
      expect(link).toContain('run=live');
      await leave();

      const other = await visit(site.host, link);
      other.page.setDefaultTimeout(4 * minutes);
      // Not the recorded run's rollout of the same place.
      await other.page.getByText('This link is to a rollout of a run in its sender’s tab').waitFor();
      await other.page.getByRole('status').getByRole('button', { name: 'Train it here' }).click();
      const same = other.page.getByRole('article', { name: 'Rollout' });
      await same.getByText('Self-correction.').first().waitFor();
      expect(await textOf(same)).toBe(text);
      expect(await other.page.getByLabel('Behaviour', { exact: true }).inputValue()).toBe('self-correction');
      await other.leave();
    },
    12 * minutes,
  );
});
