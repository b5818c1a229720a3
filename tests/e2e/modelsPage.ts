import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { serveHub, type HubServer } from '../unit/lab/modelStore/hubServer.ts';
import { tinyFolders } from '../unit/lab/modelStore/tinyFolder.ts';
import { builtSite } from './builtSite.ts';

/**
 * The built page and a hub on this machine, for the tests of a file. Before each of them the hub has `tiny/folder`, no
 * faults and no guards.
 */
export function modelsPage() {
  const site = builtSite();
  let hub: HubServer;
  let models: Awaited<ReturnType<typeof tinyFolders>>;
  beforeAll(async () => {
    [hub, models] = await Promise.all([serveHub(), tinyFolders()]);
  });
  afterAll(() => hub.close());
  beforeEach(() => {
    for (const map of [hub.faults, hub.guarded, hub.tokens]) map.clear();
    hub.told.length = 0;
    hub.repositories.set('tiny/folder', new Map(models.folder));
  });
  return {
    site,
    get hub() {
      return hub;
    },
    get models() {
      return models;
    },
    /** Models, as a visitor whose hub is this one opens it. */
    open: async (options: BrowserContextOptions = {}) => {
      const { page, problems } = await site.host.newPage({ reducedMotion: 'reduce', ...options });
      page.setDefaultTimeout(30_000);
      await page.goto(`${site.address}#/models?v=1&backend=wasm`);
      await page.getByText('A gated or private repository, or another hub').click();
      await page.getByLabel('Address of a mirror').fill(hub.address);
      return { page, problems, close: () => page.context().close() };
    },
  };
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
