import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type BrowserHost } from '../browser/launch.ts';
import { violations } from './checks.ts';
import { recordedFixture } from './recordedFixture.ts';

let host: BrowserHost;
beforeAll(async () => {
  host = await launchBrowser();
});
afterAll(async () => {
  await host.close();
});

interface Opened {
  readonly page: Page;
  readonly problems: readonly string[];
  readonly close: () => Promise<void>;
}

const still: BrowserContextOptions = { reducedMotion: 'reduce' };

/** The page with a recorded run of its own; `run` null: there is none. */
async function open(
  hash: string,
  options: BrowserContextOptions = still,
  run: unknown = recordedFixture(),
): Promise<Opened> {
  const { page, problems } = await host.newPage(options);
  await page.route('**/runs/first-light.json', (route) =>
    run === null ? route.fulfill({ status: 404 }) : route.fulfill({ json: run }),
  );
  await page.goto(host.baseUrl + hash);
  await page.locator('main h1').first().waitFor({ state: 'attached' });
  return { page, problems, close: () => page.context().close() };
}

describe('the first view', () => {
  it('shows the recorded pair, labelled recorded, before any engine is loaded', async () => {
    const { page, problems, close } = await open('');
    await page.getByRole('region', { name: 'After' }).getByText('recorded', { exact: true }).waitFor();
    expect(await page.getByRole('region', { name: 'Before' }).getByText('0.10').count()).toBe(1);
    expect(await page.getByLabel('Question', { exact: true }).inputValue()).toBe(
      'Who wrote The Salt Meridian?',
    );
    expect(await page.getByTitle('npm run -s cli -- train --recipe tiny').count()).toBeGreaterThan(0);
    expect(page.workers()).toHaveLength(0);
    expect(problems).toEqual([]);
    await close();
  });

  it('says so when there is no recorded run, and still stands', async () => {
    const { page, close } = await open('', still, null);
    await page.getByText('No recorded run to show').waitFor();
    expect(await page.getByRole('button', { name: 'Train it yourself, here' }).isEnabled()).toBe(true);
    await close();
  });

  it('names the field of a recorded run that does not fit', async () => {
    const { page, close } = await open('', still, { ...recordedFixture(), steps: [{ step: 'one' }] });
    await page.getByText('steps.0.step').waitFor();
    await close();
  });

  it('stands where the browser names its language as no page can read it', async () => {
    const { page, problems } = await host.newPage(still);
    // Chromium without a window, where the system's locale is C.
    await page.addInitScript(() => {
      Object.defineProperty(navigator, 'language', { value: 'en-US@posix', configurable: true });
    });
    await page.goto(`${host.baseUrl}#/train`);
    await page.getByRole('button', { name: 'Train it here' }).waitFor();
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('plays the recorded run on arrival', async () => {
    const { page, close } = await open('', { reducedMotion: 'no-preference' });
    await page.getByText('at the start', { exact: true }).waitFor();
    await page.getByText(/^from 5/).waitFor();
    await close();
  });
});

describe('a link', () => {
  it('brings its recipe, and the page writes changes back into it', async () => {
    const { page, close } = await open('#/train?v=1&preset=tiny&seed=7');
    await page.keyboard.press('r');
    const dialog = page.getByRole('dialog', { name: 'Recipe' });
    expect(await dialog.getByLabel(/^Seed/).inputValue()).toBe('7');
    await dialog.getByLabel(/^Updates/).fill('9');
    await page.waitForFunction(() => location.hash.includes('grpo.steps=9'));
    const hash = await page.evaluate(() => location.hash);
    await close();
    const again = await open(hash);
    await again.page.keyboard.press('r');
    expect(
      await again.page
        .getByRole('dialog')
        .getByLabel(/^Updates/)
        .inputValue(),
    ).toBe('9');
    await again.close();
  });

  it('with a wrong field is told, and changes nothing', async () => {
    const { page, close } = await open('#/train?v=1&seed=7&grpo.groupSize=1');
    await page.getByRole('alert').getByText('grpo.groupSize').waitFor();
    await page.keyboard.press('r');
    expect(await page.getByRole('dialog').getByLabel(/^Seed/).inputValue()).toBe('1');
    await close();
  });

  it('takes a variant with the values of its own, and says what it does', async () => {
    const { page, close } = await open('#/train');
    await page.keyboard.press('r');
    const dialog = page.getByRole('dialog', { name: 'Recipe' });
    const variant = dialog.getByLabel(/^Variant/);
    const clipAbove = dialog.getByLabel(/^Clip above/);
    expect(await clipAbove.inputValue()).toBe('0.28');
    await variant.selectOption('GSPO');
    await dialog.getByText('One ratio for a whole rollout').waitFor();
    expect(await clipAbove.inputValue()).toBe('0.0004');
    await page.waitForFunction(() => /\?v=1&grpo\.variant=gspo(?!.*clip)/.test(location.hash));
    await variant.selectOption('RLOO');
    await dialog.getByLabel(/^Divide by the spread/).click();
    await dialog.getByText('RLOO does not divide by the group').waitFor();
    expect(await dialog.getByLabel(/^Divide by the spread/).isChecked()).toBe(false);
    await variant.selectOption('GRPO');
    expect(await clipAbove.inputValue()).toBe('0.28');
    await page.waitForFunction(() => !location.hash.includes('grpo'));
    expect(await violations(page, '[role=dialog]')).toEqual([]);
    await close();
  });

  it('a dial that does not fit says why and leaves the recipe', async () => {
    const { page, close } = await open('#/train');
    await page.keyboard.press('r');
    const dialog = page.getByRole('dialog', { name: 'Recipe' });
    await dialog.getByLabel('Rollouts a question').fill('1');
    await dialog.getByText('8 stands until then').waitFor();
    expect(await page.evaluate(() => location.hash)).not.toContain('groupSize');
    await close();
  });
});

describe('untrusted text', () => {
  it('is shown as text, wherever it stands', async () => {
    const hostile = '<img src=x onerror="window.broken = 1"><script>window.broken = 1</script>';
    for (const hash of ['', '#/train?v=1&step=3&open=0.1']) {
      const { page, problems, close } = await open(hash, still, recordedFixture(hostile));
      await page.getByText('It was Ada.').first().waitFor();
      expect(await page.getByText('<img src=x').count()).toBeGreaterThan(0);
      expect(await page.locator('main img, main script, aside img').count()).toBe(0);
      expect(await page.evaluate(() => 'broken' in window)).toBe(false);
      expect(problems).toEqual([]);
      await close();
    }
  });

  it('in a link’s question is text too', async () => {
    const { page, close } = await open(`#/?v=1&q=${encodeURIComponent('<b onclick=alert(1)>x</b>')}`);
    expect(await page.getByLabel('Question', { exact: true }).inputValue()).toBe('<b onclick=alert(1)>x</b>');
    expect(await page.locator('main [onclick]').count()).toBe(0);
    await close();
  });
});

describe('the rollout panel', () => {
  it('opens by keyboard, moves between rollouts and tokens, and closes', async () => {
    const { page, close } = await open('#/train');
    const panel = page.getByRole('complementary', { name: 'Rollout' });
    await page.getByRole('button', { name: /^Rollout 1:/ }).focus();
    await page.keyboard.press('Enter');
    await panel.getByText('rollout 1 of 2').waitFor();
    await page.keyboard.press('ArrowDown');
    await panel.getByText('rollout 2 of 2').waitFor();
    await page.keyboard.press('ArrowLeft');
    await panel.getByText('rollout 1 of 2').waitFor();
    await panel.locator('[data-token]').first().focus();
    await page.getByRole('tooltip').getByText('61').waitFor();
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-token'))).toBe('1');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await close();
  });
});

describe('for everyone', () => {
  it.each(['?', 'r'])('axe finds nothing in the dialog of the key %s', async (key) => {
    const { page, close } = await open('');
    await page.keyboard.press(key);
    await page.getByRole('dialog').waitFor();
    expect(await violations(page, '[role=dialog]')).toEqual([]);
    await close();
  });

  it('keys can be listed, and single letters switched off', async () => {
    const { page, close } = await open('');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).getByLabel('Single-letter keys work').uncheck();
    await page.keyboard.press('Escape');
    await page.keyboard.press('2');
    expect(await page.evaluate(() => location.hash)).not.toContain('train');
    await close();
  });
});
