import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { serveBuiltPage, type BuiltPage } from '../../bench/load/builtPage.ts';
import { launchBrowser, type BrowserHost } from '../browser/launch.ts';

export interface BuiltSite {
  readonly host: BrowserHost;
  /** Of the page as it is published, without a fragment. */
  readonly address: string;
}

/** A browser and the built page, there from before the first test of a file until after its last. */
export function builtSite(): BuiltSite {
  let host: BrowserHost;
  let site: BuiltPage;
  beforeAll(async () => {
    site = await serveSite();
    host = await launchBrowser();
  });
  afterAll(() => Promise.all([host.close(), site.close()]));
  return {
    get host() {
      return host;
    },
    get address() {
      return site.address;
    },
  };
}

/** The page as it is published, served. */
async function serveSite(): Promise<BuiltPage> {
  // Vitest says 'test', and React would be built for developing.
  vi.stubEnv('NODE_ENV', 'production');
  try {
    return await serveBuiltPage();
  } finally {
    vi.unstubAllEnvs();
  }
}

export interface Visitor {
  readonly page: Page;
  /** What has moved by itself since the address was opened: the sum of the layout's shifts (CLS). */
  readonly shift: () => Promise<number>;
  /** Closes the page; nothing may have been thrown, warned of or complained about until then. */
  readonly leave: () => Promise<void>;
}

/** A visitor with a browser of their own. */
export async function visit(
  { browser }: BrowserHost,
  address: string,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext(options);
  const visitor = await visitIn(context, address);
  return {
    ...visitor,
    leave: async () => {
      await visitor.leave();
      await context.close();
    },
  };
}

/** A visitor with a tab of their own in a browser that may have been here before. */
export async function visitIn(context: BrowserContext, address: string): Promise<Visitor> {
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.stack ?? error.message));
  page.on('console', (message) => {
    if (['error', 'warning', 'assert'].includes(message.type())) problems.push(message.text());
  });
  await page.addInitScript(watchShifts);
  await page.goto(address);
  await page.locator('main h1').first().waitFor({ state: 'attached' });
  return {
    page,
    shift: () => page.evaluate(() => globalThis.shifted ?? 0),
    leave: async () => {
      await page.close();
      expect(problems).toEqual([]);
    },
  };
}

/** For contexts whose visitor saves data: the page keeps nothing for later, so that nothing is fetched beside a test. */
export function saveData(): void {
  Object.defineProperty(navigator, 'connection', { value: { saveData: true } });
}

declare global {
  var shifted: number | undefined;
}

/** Runs in the page before anything of it. What follows a visitor's own press within half a second is no surprise. */
function watchShifts(): void {
  globalThis.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & {
      readonly value: number;
      readonly hadRecentInput: boolean;
    })[]) {
      if (!entry.hadRecentInput) globalThis.shifted = (globalThis.shifted ?? 0) + entry.value;
    }
  }).observe({ type: 'layout-shift', buffered: true });
}
