import type { Page } from 'playwright-core';
import type { TrainingPage } from './trainingPage.ts';

/** What a visitor does with a large corpus in the built page, for measurement. */

/** Opens Corpus at the kept corpora. */
export async function openKept(page: Page, address: string): Promise<void> {
  await page.goto(`${address}#/corpus?v=1&backend=wasm`);
  await page.getByRole('radio', { name: 'A large corpus' }).click();
  await page.getByRole('group', { name: 'Large corpora' }).waitFor();
}

/** Passages that the page says are indexed; those of all when it says so. */
export function indexed(page: Page, total: number): Promise<number> {
  return page.evaluate((all) => {
    const text = document.querySelector('[aria-label="Large corpora"]')?.textContent ?? '';
    const alert = document.querySelector('[aria-label="Large corpora"] [role=alert]')?.textContent;
    if (alert != null) throw new Error(alert);
    const under = /Indexing: ([\d,]+) of/.exec(text)?.[1];
    if (under !== undefined) return Number(under.replaceAll(',', ''));
    const row = /dimensions; (?:(all) passages|([\d,]+) of)/.exec(text);
    return row?.[1] === undefined ? Number((row?.[2] ?? '0').replaceAll(',', '')) : all;
  }, total);
}

/** Resolves when so many are indexed. */
export async function indexedUpTo(page: Page, total: number, wanted: number): Promise<void> {
  for (;;) {
    if ((await indexed(page, total)) >= wanted) return;
    await page.waitForTimeout(250);
  }
}

/** What a visitor may press while the index is made, in views that have nothing to do with it. */
export async function pressAround(held: TrainingPage): Promise<void> {
  const { page } = held;
  const key = (kind: string, name: string): Promise<void> =>
    held.timed(kind, () => page.keyboard.press(name));
  for (const name of ['Learn', 'Play', 'Rollouts', 'Train', 'Corpus']) {
    const link = page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name, exact: true });
    await held.timed('change view', () => link.click());
    await page.locator('main h1').first().waitFor({ state: 'attached' });
  }
  for (let i = 0; i < 3; i++) {
    await key('open the palette', 'Control+k');
    await page.getByRole('dialog').getByRole('combobox').waitFor();
    for (const letter of 'dark') await key('type in the palette', letter);
    await key('close the palette', 'Escape');
    await key('light or dark', 't');
    await key('light or dark', 't');
  }
}

/** Searches in the open corpus; milliseconds from the press until the first frame with what was found. */
export async function searchFor(page: Page, query: string): Promise<number> {
  const box = page.getByRole('searchbox', { name: 'Search as the policy does' });
  await box.fill(query);
  return box.evaluate(async (input: HTMLInputElement) => {
    const before = input.closest('section')?.querySelector('ol')?.textContent;
    const began = performance.now();
    input.form?.requestSubmit();
    for (;;) {
      await new Promise((drawn) => requestAnimationFrame(drawn));
      const now = input.closest('section')?.querySelector('ol')?.textContent;
      if (now !== undefined && now !== before) return performance.now() - began;
      if (performance.now() - began > 60_000) throw new Error('nothing was found within a minute');
    }
  });
}
