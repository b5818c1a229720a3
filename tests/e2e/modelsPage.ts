import AxeBuilder from '@axe-core/playwright';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { BrowserHost } from '../browser/launch.ts';

/** Models of the built page, as a visitor with a hub on this machine opens it. */
export async function openModels(
  host: BrowserHost,
  site: string,
  hub: string,
  options: BrowserContextOptions = {},
) {
  const { page, problems } = await host.newPage({ reducedMotion: 'reduce', ...options });
  page.setDefaultTimeout(30_000);
  await page.goto(`${site}#/models?v=1&backend=wasm`);
  await page.getByText('A gated or private repository, or another hub').click();
  await page.getByLabel('Address of a mirror').fill(hub);
  return { page, problems, close: () => page.context().close() };
}

export const keptList = (page: Page) => page.getByRole('region', { name: /Kept in this browser/ });

/** By keyboard alone: name, Enter. */
export async function lookUp(page: Page, name: string): Promise<void> {
  const field = page.getByLabel('Repository on the Hugging Face hub');
  await field.fill('');
  await field.focus();
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
}

export const download = (page: Page) => page.getByRole('button', { name: /^Download/ });

/** What axe finds. */
export async function violations(page: Page): Promise<readonly string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html}`));
}

/** Pixels that the page is wider than its window. */
export const sideways = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
