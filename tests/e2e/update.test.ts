import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type BrowserHost } from '../browser/launch.ts';
import { sideways, violations } from './checks.ts';

/** One update by phase, made by the real worker on WebAssembly and walked by keyboard. */

let host: BrowserHost;
beforeAll(async () => {
  host = await launchBrowser();
});
afterAll(async () => {
  await host.close();
});

const minutes = 60_000;
const recipe = 'v=1&preset=tiny&grpo.groupSize=8&grpo.questions=8&evaluation.questions=0&backend=wasm';

const shownPhase = (page: Page) => page.locator('[aria-current="step"]');

/** Presses the key of the next phase once it can be pressed, and waits until that phase is on the screen. */
async function nextPhase(page: Page, name: string): Promise<void> {
  await page.locator('button:enabled', { hasText: 'Next phase' }).waitFor({ timeout: 3 * minutes });
  await page.keyboard.press('n');
  await shownPhase(page).filter({ hasText: name }).waitFor();
  await page.getByText('Being computed…').waitFor({ state: 'hidden', timeout: 3 * minutes });
}

/** The advantages of the table, as written. */
const advantages = (page: Page) => page.locator('tbody tr td:nth-child(4)').allTextContents();

describe('one update, by phase', () => {
  it.each(['light', 'dark'] as const)(
    'is made here and walked to its end by keyboard, and axe finds nothing: %s',
    async (colorScheme) => {
      const { page, problems } = await host.newPage({ colorScheme, reducedMotion: 'reduce' });
      await page.goto(`${host.baseUrl}#/update?${recipe}`);
      await page.getByRole('button', { name: 'Make an update here' }).waitFor();
      await page.keyboard.press('u');
      await page.getByText('is held after: rollouts').waitFor({ timeout: 3 * minutes });
      // The first group of this seed may have no spread; one that has teaches something.
      const spread = page.locator('[aria-label="Group"] button:not([aria-label$="0.00"])').first();
      await spread.click();
      const found = await violations(page);

      await nextPhase(page, 'Reward');
      expect(await page.locator('summary').count()).toBe(8);
      found.push(...(await violations(page)));

      await nextPhase(page, 'Advantage');
      const own = await advantages(page);
      expect(own.some((text) => text.startsWith('+'))).toBe(true);
      await page.getByRole('radio', { name: 'Dr. GRPO' }).click();
      await page.getByText('the update itself was GRPO’s').waitFor();
      expect(await advantages(page)).not.toEqual(own);
      await page.waitForFunction(() => location.hash.includes('weighed=dr-grpo'));
      found.push(...(await violations(page)));

      await nextPhase(page, 'Objective');
      await page.locator('[data-token]').first().focus();
      await page.keyboard.press('ArrowRight');
      const formula = page.getByRole('complementary', { name: 'One token’s objective' });
      expect(await formula.textContent()).toMatch(/Dr\. GRPO, one token.*ρ = .*J = min\(.*push = /s);
      await formula.getByRole('button', { name: 'ρ' }).click();
      await page.getByText('how likely the policy finds a token now', { exact: false }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('radio', { name: 'GRPO', exact: true }).click();
      found.push(...(await violations(page)));

      await nextPhase(page, 'Gradient');
      expect(await page.locator('ol details').count()).toBe(6);
      await nextPhase(page, 'Update');
      expect(await page.getByRole('complementary').textContent()).toMatch(/AdamW.*Δ = /s);
      found.push(...(await violations(page)));

      await nextPhase(page, 'What moved');
      const numbers = await page.getByRole('complementary').locator('li').first().textContent();
      expect(numbers).toMatch(/% → /);
      found.push(...(await violations(page)));
      await page.getByText('Paused after update 1 of 4.').waitFor();
      expect(found).toEqual([]);
      expect(problems).toEqual([]);

      // What was shown is in the address, and back is a phase back.
      await page.keyboard.press('b');
      await page.waitForFunction(() => location.hash.includes('phase=update'));
      await page.context().close();
    },
    10 * minutes,
  );

  it('shows a recorded update before anything is loaded, and says what the record has not', async () => {
    const { page } = await host.newPage({ reducedMotion: 'reduce', viewport: { width: 390, height: 844 } });
    await page.goto(`${host.baseUrl}#/update?v=1&step=18&phase=moved`);
    await page.getByText('What the update moved is not in this record').waitFor();
    await page.getByRole('button', { name: /Objective/ }).click();
    await page.getByText('one token', { exact: false }).first().waitFor();
    await page.getByText(/The record holds 3.groups of the batch’s 16/).waitFor();
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    await page.context().close();
  });
});
