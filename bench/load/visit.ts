import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { findBrowser } from '../../scripts/browserPath.ts';

/** When a visitor saw what, in seconds since navigation began (visitor.mjs). */
export interface Visit {
  readonly firstPaint: number;
  /** The recorded rollouts are drawn. */
  readonly recorded: number;
  /** “Ask both” was clicked, at the first moment at which it can be. */
  readonly asked: number;
  /** The first token of a live rollout is drawn. */
  readonly liveToken: number;
}

/** Gzipped bytes, as a static host sends them; fonts, which are compressed already, as they are. */
export interface Transfers {
  readonly beforeClick: number;
  readonly afterClick: number;
}

interface Seen {
  readonly recorded?: number;
  readonly asked?: number;
  readonly liveToken?: number;
}
declare global {
  var visit: Seen;
}

const MOST_MILLISECONDS = 120_000;
const marks = fileURLToPath(new URL('visitor.mjs', import.meta.url));

/** A visitor's browser: a profile of its own on disk, empty at first. The folder goes when it is closed. */
export class VisitorBrowser {
  readonly version: string;
  private readonly context: BrowserContext;
  private readonly profile: string;

  private constructor(context: BrowserContext, profile: string) {
    this.context = context;
    this.profile = profile;
    this.version = context.browser()?.version() ?? 'unknown version';
  }

  static async open(): Promise<VisitorBrowser> {
    const found = await findBrowser();
    const profile = await mkdtemp(join(tmpdir(), 'visitor-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: found.executablePath,
      args: ['--headless=new', '--disable-background-networking', '--no-first-run', ...found.args],
      env: { ...process.env, ...found.env },
    });
    await context.addInitScript({ path: marks });
    return new VisitorBrowser(context, profile);
  }

  /** Opens the page and asks its question. */
  async visit(address: string): Promise<Visit> {
    const page = await this.context.newPage();
    try {
      return await liveVisit(page, address);
    } finally {
      await page.close();
    }
  }

  /** What a visit transfers. Reading the bodies slows it down, so it is not timed. */
  async transfers(address: string): Promise<Transfers> {
    const page = await this.context.newPage();
    const bodies: Promise<{ readonly path: string; readonly bytes: number }>[] = [];
    let asked = 0;
    page.on('response', (response) => {
      const path = new URL(response.url()).pathname;
      if (path.includes('/assets/worker')) asked = bodies.length;
      const sent = (body: Buffer): number => (path.endsWith('.woff2') ? body.length : gzipSync(body).length);
      bodies.push(response.body().then((body) => ({ path, bytes: sent(body) })));
    });
    await liveVisit(page, address);
    await page.waitForLoadState('networkidle');
    const sizes = (await Promise.all(bodies)).map(({ bytes }) => bytes);
    await page.close();
    const sum = (list: readonly number[]): number => list.reduce((total, bytes) => total + bytes, 0);
    return { beforeClick: sum(sizes.slice(0, asked)), afterClick: sum(sizes.slice(asked)) };
  }

  async close(): Promise<void> {
    await this.context.close();
    await rm(this.profile, { recursive: true, force: true });
  }
}

async function liveVisit(page: Page, address: string): Promise<Visit> {
  await page.goto(address);
  await page.waitForFunction(() => (globalThis.visit.liveToken ?? 0) > 0, null, {
    timeout: MOST_MILLISECONDS,
  });
  const seen = await page.evaluate(() => ({
    ...globalThis.visit,
    firstPaint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
  }));
  const seconds = (milliseconds: number | undefined): number => (milliseconds ?? NaN) / 1000;
  return {
    firstPaint: seconds(seen.firstPaint),
    recorded: seconds(seen.recorded),
    asked: seconds(seen.asked),
    liveToken: seconds(seen.liveToken),
  };
}
