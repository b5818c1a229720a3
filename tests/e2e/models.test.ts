import { describe, expect, it } from 'vitest';
import { sideways, violations } from './checks.ts';
import { keptList as list, lookUp, modelsPage } from './modelsPage.ts';

/** Models from a hub of this machine, kept in a real browser's storage, in the page as it is published. */

const at = modelsPage();

const weights = 'model.safetensors';
const minutes = 60_000;

describe('a model of a hub', { timeout: 5 * minutes }, () => {
  it('is looked up, stopped, resumed after a reload, listed, opened by the lab, and deleted, by keyboard', async () => {
    const { page, problems, close } = await at.open();
    let release = (): void => undefined;
    const until = new Promise<void>((resolve) => (release = resolve));
    at.hub.faults.set(weights, { hold: { after: 2000, until } });
    await lookUp(page, 'tiny/folder');
    await page.getByRole('button', { name: /^Download/ }).press('Enter');
    await page.getByText(weights).waitFor();
    await page.getByRole('button', { name: 'Stop', exact: true }).press('Enter');
    await list(page)
      .getByText(/unfinished: .* are here/)
      .waitFor();
    release();
    at.hub.faults.clear();
    await page.reload();
    await list(page).getByRole('button', { name: 'Resume tiny/folder' }).press('Enter');
    await page.getByText('is kept in this browser.').waitFor();
    await page.reload();
    await list(page)
      .getByText(/Qwen3 · .* parameters/)
      .waitFor();
    await list(page).getByRole('button', { name: 'Use tiny/folder in Play' }).press('Enter');
    await page.waitForFunction(() => decodeURIComponent(location.hash).includes('model=kept:tiny/folder'));
    await page
      .getByText(/\d\sk parameters/)
      .first()
      .waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    // Only the page's own policies bring a table of what they have seen.
    await page.getByText('what it has seen is told where it was published').waitFor();
    expect(await page.getByText('could not be read').count()).toBe(0);
    // What is loaded may be held open by the lab: another visit deletes.
    await page.goto(`${at.site.address}#/models?v=1`);
    await page.reload();
    await list(page).getByRole('button', { name: 'Delete tiny/folder' }).press('Enter');
    await list(page).getByRole('button', { name: 'Delete it' }).press('Enter');
    await list(page).waitFor({ state: 'detached' });
    expect(problems).toEqual([]);
    await close();
  });

  it.each(['light', 'dark'] as const)(
    'has nothing that axe finds in %s, and no way sideways on a phone',
    async (colorScheme) => {
      const { page, close } = await at.open({ colorScheme, viewport: { width: 390, height: 844 } });
      await lookUp(page, 'tiny/folder');
      await page.getByRole('button', { name: /^Download/ }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.getByRole('button', { name: /^Download/ }).click();
      await page.getByText('is kept in this browser.').waitFor();
      await list(page).getByText('Files and their hashes').click();
      expect(await violations(page)).toEqual([]);
      expect(await sideways(page)).toBeLessThanOrEqual(0);
      await close();
    },
  );
});
