import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** What every view is held to. */

/** What axe finds wrong, a line a place: rule and element. @param within a selector of the part that is looked at */
export async function violations(page: Page, within?: string): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const { violations: found } = await (within === undefined ? axe : axe.include(within)).analyze();
  return found.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html}`));
}

/** Pixels that the page is wider than its window. */
export const sideways = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
