import { readFile } from 'node:fs/promises';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type BrowserHost } from '../browser/launch.ts';
import { sideways, violations } from './checks.ts';
import { recordedFixture } from './recordedFixture.ts';

/** What helps on every view: the palette, the sheet of a phone, undo, hidden parts. */

let host: BrowserHost;
beforeAll(async () => {
  host = await launchBrowser();
});
afterAll(async () => {
  await host.close();
});

const still: BrowserContextOptions = { reducedMotion: 'reduce' };
const phone: BrowserContextOptions = { ...still, viewport: { width: 390, height: 844 } };

async function open(hash: string, options = still) {
  const { page, problems } = await host.newPage(options);
  await page.route('**/runs/first-light.json', (route) => route.fulfill({ json: recordedFixture() }));
  await page.goto(host.baseUrl + hash);
  await page.locator('main h1').first().waitFor({ state: 'attached' });
  return { page, problems, close: () => page.context().close() };
}

const minutes = 60_000;

/** A corpus of one’s own is embedded in a moment. */
async function openOwn(hashOf: string, options = still) {
  const opened = await open(hashOf, options);
  const { page } = opened;
  page.setDefaultTimeout(2 * minutes);
  await page.getByRole('radio', { name: 'Your own passages' }).click();
  await page
    .getByLabel('Your own passages', { exact: true })
    .last()
    .fill('Orvane is a country. Its capital is Lissen.\n\nLissen is a city.\n\nThe Ombry is a river.');
  await page.getByRole('button', { name: 'Use this text' }).click();
  await page.getByRole('application', { name: /Map of the passages/ }).waitFor();
  return opened;
}

const hash = (page: Page) => page.evaluate(() => location.hash);

describe('the palette', () => {
  it('goes to a view by a part of its name, by keyboard alone', async () => {
    const { page, problems, close } = await open('');
    await page.getByLabel('Question', { exact: true }).focus();
    await page.keyboard.press('Control+k');
    const input = page.getByRole('combobox', { name: 'Find a command' });
    await input.waitFor();
    await page.keyboard.type('tra');
    await page.getByRole('option', { selected: true }).getByText('Train it yourself').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('option', { selected: true }).getByText('Go to Train').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Train it here' }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await hash(page)).toContain('#/train');
    expect(problems).toEqual([]);
    await close();
  });

  it('says when no command is called that, and closes with Escape', async () => {
    const { page, close } = await open('');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('zzz');
    await page.getByText('No command is called that.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await close();
  });
});

describe('the sheet of a phone', () => {
  it('leads to every view, and to the palette', async () => {
    const { page, close } = await open('', phone);
    await page.getByRole('button', { name: 'More' }).click();
    const sheet = page.getByRole('dialog', { name: 'More' });
    await sheet.getByRole('link', { name: /^Train/ }).click();
    await page.getByRole('button', { name: 'Train it here' }).waitFor();
    await page.getByRole('button', { name: 'More' }).click();
    await sheet.getByRole('button', { name: 'Commands' }).click();
    await page.getByRole('combobox', { name: 'Find a command' }).waitFor();
    await close();
  });
});

describe('undo', () => {
  it('brings back dials that a preset swept away', async () => {
    const { page, close } = await open('#/train?v=1&seed=7');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('recipe tiny');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => /preset=tiny(?!.*seed)/.test(location.hash));
    await page.getByText('The recipe is the preset “tiny” again.').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Control+z');
    await page.waitForFunction(() => /v=1&seed=7/.test(location.hash));
    expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);
    await close();
  });
});

describe('a link that hides parts', () => {
  it('shows the page without them, and the list brings them back', async () => {
    const { page, close } = await open('#/train?v=1&hide=train.after.recipe');
    await page.getByRole('region', { name: 'Before', exact: true }).waitFor();
    expect(await page.getByRole('region', { name: 'After', exact: true }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Train', exact: true }).count()).toBe(0);
    await page.keyboard.press('r');
    await page.keyboard.press('2');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.getByRole('button', { name: '3 parts are hidden' }).click();
    const dialog = page.getByRole('dialog', { name: 'Show and hide' });
    await dialog.getByLabel(/what the trained policy answers/).check();
    await page.waitForFunction(() => /hide=train\.recipe$/.test(location.hash));
    await dialog.getByRole('button', { name: 'Show all' }).click();
    await page.keyboard.press('Escape');
    // The address was Train’s all along.
    await page.getByRole('button', { name: 'Train it here' }).waitFor();
    await close();
  });
});

describe('the corpus', { timeout: 5 * minutes }, () => {
  it('is searched, walked through by keyboard, and says what is nearest', async () => {
    const { page, problems, close } = await openOwn('#/corpus?v=1&backend=wasm');
    await page.getByLabel('Search as the policy does').fill('river Ombry');
    await page.keyboard.press('Enter');
    const hits = page.getByRole('region', { name: 'Search', exact: true }).getByRole('listitem');
    await hits.nth(2).waitFor();
    expect(await hits.first().textContent()).toContain('The Ombry is a river.');
    await page.waitForFunction(() => location.hash.includes('find=river+Ombry'));
    await page.getByRole('listbox', { name: 'Passages' }).focus();
    await page.keyboard.press('End');
    const card = page.getByRole('region', { name: 'Passage', exact: true });
    await card.getByText('Nearest to it').waitFor();
    await card.getByRole('listitem').nth(1).waitFor();
    await page.getByLabel('Filter the passages').fill('capital');
    await page.getByText('1 of 3').waitFor();
    await page.getByRole('application').focus();
    for (const key of ['+', 'ArrowLeft', 'Enter', '0']) await page.keyboard.press(key);
    expect(problems).toEqual([]);
    await close();
  });

  it.each(['light', 'dark'] as const)(
    'has nothing that axe finds in %s, and no way sideways on a phone',
    async (colorScheme) => {
      const { page, close } = await openOwn('#/corpus?v=1&backend=wasm', { ...phone, colorScheme });
      await page.getByLabel('Search as the policy does').fill('capital');
      await page.keyboard.press('Enter');
      await page
        .getByRole('region', { name: 'Search', exact: true })
        .getByRole('button', { pressed: false })
        .first()
        .click();
      await page.getByText('Nearest to it').waitFor();
      expect(await violations(page)).toEqual([]);
      expect(await sideways(page)).toBeLessThanOrEqual(0);
      await close();
    },
  );

  it('saves its map as a picture, and its numbers', async () => {
    const { page, close } = await openOwn('#/corpus?v=1&backend=wasm');
    const save = async (kind: string) => {
      await page.getByRole('button', { name: 'Save corpus-map' }).click();
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: kind }).click(),
      ]);
      return readFile(await file.path());
    };
    const numbers = (await save('Numbers')).toString();
    expect(numbers.split('\n')[0]).toBe('id,title,kind,x,y');
    expect(numbers.trim().split('\n')).toHaveLength(4);
    expect((await save('Picture')).subarray(1, 4).toString()).toBe('PNG');
    await close();
  });
});

describe('for everyone', () => {
  it.each(['light', 'dark'] as const)(
    'axe finds nothing in palette, sheet and list in %s',
    async (colorScheme) => {
      const { page, close } = await open('', { ...phone, colorScheme });
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('dialog', { name: 'More' }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+k');
      const input = page.getByRole('combobox');
      await input.waitFor();
      expect(await violations(page)).toEqual([]);
      await input.fill('hide');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name: 'Show and hide' }).waitFor();
      expect(await violations(page)).toEqual([]);
      await close();
    },
  );
});

describe('the chapters', { timeout: 5 * minutes }, () => {
  it('ask, answer, and show by themselves to whoever scrolls', async () => {
    const { page, problems, close } = await open('#/learn');
    const groups = page.getByRole('region', { name: /Groups and advantages/ });
    expect(await groups.getByText('Guess first, or scroll on.').count()).toBe(1);
    await groups.getByLabel('None of them').check();
    await groups.getByText('As you guessed.').waitFor();
    await groups.getByRole('button', { name: 'All the same' }).click();
    await groups.getByText('this group teaches nothing').waitFor();
    await groups.getByLabel('Reward 3').fill('1');
    await groups.getByText('+2.47').waitFor();
    const update = page.getByRole('region', { name: /The update, the clip and KL/ });
    await update.getByRole('heading', { level: 2 }).scrollIntoViewIfNeeded();
    // On by the wheel until it is shown: a press of it may come while the page is busy, and be lost.
    const shown = async (): Promise<boolean> => {
      await page.mouse.wheel(0, 200);
      return update.getByText(/Clipped/).isVisible();
    };
    await expect.poll(shown, { timeout: minutes }).toBe(true);
    await update.getByLabel('KL weight').fill('0.5');
    await update.getByText(/less likely/).waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it('still ask where a link leads to them, and on a wide screen show beside their question', async () => {
    const { page, close } = await open('#/learn/4', { viewport: { width: 1440, height: 900 } });
    const groups = page.getByRole('region', { name: /Groups and advantages/ });
    const title = groups.getByRole('heading', { name: /Groups and advantages/ });
    await expect.poll(async () => (await title.boundingBox())?.y).toBeLessThan(200);
    expect(await groups.getByText('Guess first, or scroll on.').isVisible()).toBe(true);
    await groups.getByLabel('None of them').check();
    await groups.getByText('As you guessed.').waitFor();
    const asked = await groups.locator('fieldset').boundingBox();
    const shown = await groups.getByRole('figure').boundingBox();
    if (asked === null || shown === null) throw new Error('not drawn');
    expect(shown.x).toBeGreaterThan(asked.x + asked.width);
    expect(shown.y + shown.height).toBeLessThan(900);
    const next = page.getByRole('region', { name: /The update, the clip and KL/ });
    expect(await next.getByText('Guess first, or scroll on.').isVisible()).toBe(true);
    await close();
  });

  it.each(['light', 'dark'] as const)(
    'have nothing that axe finds in %s, and no way sideways on a phone',
    async (colorScheme) => {
      const { page, close } = await open('#/learn', { ...phone, colorScheme });
      for (const radio of await page.locator('fieldset input[type=radio]').all()) await radio.check();
      await page
        .getByText(/s you guessed/)
        .nth(5)
        .waitFor();
      expect(await violations(page)).toEqual([]);
      expect(await sideways(page)).toBeLessThanOrEqual(0);
      await close();
    },
  );
});
