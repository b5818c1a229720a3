import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { builtSite, visit } from './builtSite.ts';

/** What leads back, and from view to view, on the built page: a stopped run had back, a behaviour's rollouts read. */

const site = builtSite();

const minutes = 60_000;

/** The rows of Train's own table, a text each. */
async function rows(page: Page): Promise<readonly string[]> {
  const table = page.getByRole('region', { name: 'All numbers' });
  return table.locator('tbody tr').evaluateAll((list) => list.map((row) => row.textContent ?? ''));
}

describe('Stop on Train', () => {
  it(
    'is undone by a key: the run is there as it was, and goes on to its end',
    async () => {
      // Many more updates than are waited for: one is done in a sixth of a second, less than lies between two looks.
      const updates = 40;
      const recipe = `v=1&backend=wasm&preset=tiny&evaluation.questions=0&grpo.steps=${updates}`;
      const { page, leave } = await visit(site.host, `${site.address}#/train?${recipe}`);
      page.setDefaultTimeout(4 * minutes);
      await page.getByRole('button', { name: 'Train it here' }).click();
      await page.getByText(/^Update ([3-9]|\d\d) of 40/).waitFor();
      await page.getByRole('button', { name: 'Stop', exact: true }).click();
      const stopped = page.getByText(/^The run was stopped after update \d/);
      await stopped.waitFor();
      const done = Number(/\d+/.exec((await stopped.textContent()) ?? '')?.[0]);
      expect(done).toBeGreaterThanOrEqual(3);
      expect(done).toBeLessThan(updates);
      await page.getByText('All numbers, as a table').click();
      const before = await rows(page);
      await page.keyboard.press('z');
      await page.getByText(`Paused after update ${done} of ${updates}.`).waitFor();
      expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByText(`Done: ${updates} of ${updates} updates.`).waitFor();
      const after = await rows(page);
      expect(after).toHaveLength(updates);
      // What was learned before the stop is not learned again.
      expect(before).toHaveLength(done);
      expect(after.slice(0, done)).toEqual(before);
      await leave();
    },
    10 * minutes,
  );
});

describe('a point of Behaviours', () => {
  it(
    'leads to the rollouts behind it, narrowed to them in Rollouts; the address there brings the same',
    async () => {
      const { page, leave } = await visit(
        site.host,
        `${site.address}#/behaviours?v=1&behaviour=self-correction`,
        {
          reducedMotion: 'reduce',
        },
      );
      page.setDefaultTimeout(2 * minutes);
      const figure = page.getByRole('img', { name: /^Self-correction over updates 1 to 60/ });
      const box = await figure.boundingBox();
      // The last update is kept, so a press at the right end is of it.
      await figure.click({ position: { x: (box?.width ?? 0) - 2, y: 40 } });
      const head = page.getByRole('heading', { name: /show it of the .* kept of update 60/ });
      const shown = Number.parseInt((await head.textContent()) ?? '', 10);
      expect(shown).toBeGreaterThan(0);
      const opened = page.getByRole('article', { name: 'Rollout' });
      await opened.getByText('Update 60 · group 1 · rollout 1 of 8').waitFor();
      const text = (await opened.locator('[data-token]').allTextContents()).join('');

      await page.getByRole('button', { name: /in Rollouts, token by token/ }).click();
      await page.getByRole('heading', { level: 1, name: 'Rollouts' }).waitFor({ state: 'attached' });
      await page.getByText(new RegExp(`^${shown} of 120.rollouts$`)).waitFor();
      expect(await page.locator('[data-row]').count()).toBe(shown);
      const read = page.getByRole('article', { name: 'Rollout' });
      await read.getByText('Self-correction.').first().waitFor();
      expect((await read.locator('[data-token]').allTextContents()).join('')).toBe(text);
      await page.waitForFunction(() => /does=self-correction/.test(location.hash));
      const address = page.url();
      await leave();

      const other = await visit(site.host, address, { reducedMotion: 'reduce' });
      await other.page.getByText(new RegExp(`^${shown} of 120.rollouts$`)).waitFor();
      const again = other.page.getByRole('article', { name: 'Rollout' });
      await again.getByText('Self-correction.').first().waitFor();
      expect((await again.locator('[data-token]').allTextContents()).join('')).toBe(text);
      await other.leave();
    },
    5 * minutes,
  );
});
