import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** A visitor who has no pointer: every act is a key, and where the focus is can be seen. */

/** Tab presses after which a thing counts as out of reach. */
const PATIENCE = 150;

const isFocused = (target: Locator): Promise<boolean> =>
  target.evaluate((element) => element === document.activeElement);

/** What has the focus, for messages. */
const focusedWords = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    return `<${element?.tagName.toLowerCase() ?? 'nothing'}> ${element?.getAttribute('aria-label') ?? element?.textContent?.slice(0, 60) ?? ''}`;
  });

/** The focus is on `target`, has a ring, and nothing lies over it (WCAG 2.4.7, 2.4.11), once the page has come to rest. */
export async function expectFocus(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  const seen = (): Promise<string> =>
    target.evaluate((element) => {
      if (element !== document.activeElement) return 'the focus is elsewhere';
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const ring = outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
      if (!ring || !element.matches(':focus-visible')) return 'it has no ring';
      const { left, top, width, height } = element.getBoundingClientRect();
      const over = document.elementFromPoint(left + width / 2, top + Math.min(height, innerHeight) / 2);
      if (over === null) return 'it is out of the window';
      // What it holds, and what holds it: a label's box may lie over the field that it names.
      return element.contains(over) || over.contains(element)
        ? 'seen'
        : `under ${over.outerHTML.slice(0, 120)}`;
    });
  try {
    await expect.poll(seen, { timeout: 20_000 }).toBe('seen');
  } catch (error) {
    throw new Error(`${target.toString()}: ${await seen()}; the focus is on ${await focusedWords(page)}`, {
      cause: error,
    });
  }
}

/** Presses Tab until `target` has the focus. */
export async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const one = target.first();
  await one.waitFor();
  for (let i = 0; i < PATIENCE; i++) {
    await page.keyboard.press(key);
    if (!(await isFocused(one))) continue;
    await expectFocus(page, one);
    return;
  }
  throw new Error(`${PATIENCE} presses of ${key} do not reach ${target.toString()}`);
}

/** Tab to it, then a key on it. */
export async function press(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

/** An action by a part of its name. */
export async function byName(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await expectFocus(page, page.getByRole('combobox', { name: 'Find a command' }));
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
}

/** One of a row of choices that has one Tab stop: arrows move in it, Space takes. */
export async function choose(
  page: Page,
  { of, name }: { readonly of: Locator; readonly name: string | RegExp },
): Promise<void> {
  const wanted = of.getByRole('radio', { name, exact: typeof name === 'string' });
  await wanted.waitFor();
  const within = (): Promise<boolean> => of.evaluate((group) => group.contains(document.activeElement));
  for (let i = 0; i < PATIENCE && !(await within()); i++) await page.keyboard.press('Tab');
  for (let i = 0; i < 20 && !(await isFocused(wanted)); i++) await page.keyboard.press('ArrowRight');
  await expectFocus(page, wanted);
  await page.keyboard.press('Space');
}
