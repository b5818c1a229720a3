import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type BrowserHost } from '../browser/launch.ts';
import { violations } from './checks.ts';

/** Runs kept in the browser: made by the real worker, gone on with after a reload. */

let host: BrowserHost;
beforeAll(async () => {
  host = await launchBrowser();
});
afterAll(async () => {
  await host.close();
});

const minutes = 60_000;
const hash = '#/train?v=1&preset=tiny&evaluation.questions=0&backend=wasm';

const kept = (page: Page) => page.getByRole('region', { name: 'Kept runs' });
const row = (page: Page, name: string) => kept(page).getByRole('row').filter({ hasText: name });

async function oneUpdate(page: Page, number: number): Promise<void> {
  await page.getByRole('button', { name: /^One update/ }).click();
  await page.getByText(`Paused after update ${number} of 4.`).waitFor({ timeout: 3 * minutes });
  await row(page, 'tiny, seed 1')
    .filter({ hasText: `${number} of 4` })
    .waitFor();
}

describe('kept runs', () => {
  it(
    'go on after a reload, have names, are compared, exported, deleted and had back',
    async () => {
      const { page, problems } = await host.newPage({ reducedMotion: 'reduce', acceptDownloads: true });
      await page.goto(host.baseUrl + hash);
      await page.getByRole('button', { name: 'Train it here' }).waitFor();
      await oneUpdate(page, 1);

      // Kept means written: a reload finds it, and the run goes on from there.
      await page.reload();
      await page.getByRole('button', { name: 'Resume tiny, seed 1' }).click();
      await page.getByText('Paused after update 1 of 4.').waitFor({ timeout: 3 * minutes });
      await oneUpdate(page, 2);

      // A dial that a run can take over, and one that it cannot.
      await page.goto(`${host.baseUrl}${hash}&grpo.steps=3`);
      await page.getByRole('button', { name: 'Apply from the next update on' }).click();
      await page.getByText('Paused after update 2 of 3.').waitFor();
      await page.getByText(/after update 2, grpo.steps 4 → 3/).waitFor();
      await page.goto(`${host.baseUrl}${hash}&grpo.steps=3&seed=2`);
      await page.getByText('seed takes effect in a new run only').waitFor();
      expect(await page.getByRole('button', { name: 'Apply from the next update on' }).count()).toBe(0);

      await page.getByRole('button', { name: 'Rename tiny, seed 1' }).click();
      const name = page.getByLabel('New name of tiny, seed 1');
      await name.fill('first try');
      await name.press('Enter');
      await row(page, 'first try').waitFor();

      await page.getByLabel('Compare the recorded run').check();
      await page.getByRole('region', { name: 'Learning curves' }).getByText('the recorded run').waitFor();
      await page.getByLabel('Last update shown').fill('20');
      await page.getByRole('button', { name: 'Whole run' }).click();
      expect(await violations(page)).toEqual([]);

      const downloading = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Export first try' }).click();
      const file = await (await downloading).path();
      await page.getByRole('button', { name: 'Delete first try' }).click();
      await row(page, 'first try').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Undo' }).click();
      await row(page, 'first try').waitFor();

      await page.getByLabel('File of a run').setInputFiles(file);
      await row(page, 'first try, again').waitFor();
      await page.getByLabel('File of a run').setInputFiles({
        name: 'other.json',
        mimeType: 'application/json',
        buffer: Buffer.from('{"kind":"recipe"}'),
      });
      await page.getByText(/other\.json is no run of this page/).waitFor();
      await page.reload();
      await row(page, 'first try, again').waitFor();
      expect(problems).toEqual([]);
      await page.context().close();
    },
    10 * minutes,
  );

  it(
    'that find no room are told, and the run goes on',
    async () => {
      const { page } = await host.newPage({ reducedMotion: 'reduce' });
      await page.addInitScript(() => {
        IDBObjectStore.prototype.put = () => {
          throw new DOMException('full', 'QuotaExceededError');
        };
      });
      await page.goto(host.baseUrl + hash);
      await page.getByRole('button', { name: /^One update/ }).click();
      await page.getByText('storage for the page is full').waitFor({ timeout: 3 * minutes });
      await page.getByText('Paused after update 1 of 4.').waitFor();
      await page.context().close();
    },
    5 * minutes,
  );
});
