import { fileURLToPath } from 'node:url';
import { type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core';
import { findBrowser } from '../../scripts/browserPath.ts';

/** One click or key press, in milliseconds until the frame that shows what came of it (probe.mjs). */
export interface Press {
  readonly kind: string;
  readonly hand: number;
  /** By the Event Timing API; 0 where it told none, which means less than 16. */
  readonly told: number;
}

declare global {
  interface Performance {
    /** Of pages that are cross-origin isolated, in Chromium. */
    measureUserAgentSpecificMemory(): Promise<{
      readonly breakdown: readonly {
        readonly bytes: number;
        readonly types: readonly string[];
        readonly attribution: readonly { readonly scope: string }[];
      }[];
    }>;
  }
  var pageProbe: { readonly presses: readonly Press[]; readonly name: (kind: string | undefined) => void };
}

const probe = fileURLToPath(new URL('probe.mjs', import.meta.url));

/** The built page in a Chromium without a window, with what measures it. */
export class TrainingPage {
  readonly page: Page;
  readonly version: string;
  private readonly session: CDPSession;

  private readonly shut: () => Promise<void>;

  private constructor(page: Page, session: CDPSession, version: string, shut: () => Promise<void>) {
    this.page = page;
    this.session = session;
    this.version = version;
    this.shut = shut;
  }

  /** `profile`: a folder for what the browser keeps; without it, that is in memory and gone in the end. */
  static async open(address: string, profile?: string): Promise<TrainingPage> {
    const found = await findBrowser();
    const options = {
      executablePath: found.executablePath,
      // Memory is measured when it is asked for, not when the browser finds a moment.
      args: [
        '--headless=new',
        '--enable-blink-features=ForceEagerMeasureMemory',
        '--no-first-run',
        ...found.args,
      ],
      env: { ...process.env, ...found.env },
    };
    const view = { viewport: { width: 1440, height: 900 }, serviceWorkers: 'block' } as const;
    let context: BrowserContext;
    let shut: () => Promise<void>;
    if (profile === undefined) {
      const browser = await chromium.launch(options);
      context = await browser.newContext(view);
      shut = () => browser.close();
    } else {
      const kept = await chromium.launchPersistentContext(profile, { ...options, ...view });
      context = kept;
      shut = () => kept.close();
    }
    await context.addInitScript({ path: probe });
    const page = await context.newPage();
    await page.goto(address);
    const session = await context.newCDPSession(page);
    const { product } = await session.send('Browser.getVersion');
    return new TrainingPage(page, session, product.replace(/^.*\//, ''), shut);
  }

  /** Does `press` with the presses counted as `kind`, then lets what it led to be drawn. */
  async timed(kind: string, press: () => Promise<void>): Promise<void> {
    await this.page.evaluate((name) => globalThis.pageProbe.name(name), kind);
    await press();
    await this.page.evaluate(async () => {
      for (let i = 0; i < 3; i++) await new Promise((drawn) => requestAnimationFrame(drawn));
      globalThis.pageProbe.name(undefined);
    });
  }

  presses(): Promise<readonly Press[]> {
    return this.page.evaluate(() => globalThis.pageProbe.presses.map((press) => ({ ...press })));
  }

  /** Bytes of the page's JavaScript after a collection, at once. */
  async heap(): Promise<number> {
    await this.session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await this.session.send('Runtime.getHeapUsage');
    return usedSize;
  }

  /**
   * Bytes of the workers' JavaScript after a collection of theirs, which is waited for (half a minute and more). The
   * engine's memory is no JavaScript, and not in it; the page says that itself.
   */
  async workersHeap(): Promise<number> {
    const { breakdown } = await this.page.evaluate(() => performance.measureUserAgentSpecificMemory());
    return breakdown
      .filter(
        ({ attribution, types }) =>
          types.includes('JavaScript') && attribution[0]?.scope === 'DedicatedWorkerGlobalScope',
      )
      .reduce((sum, { bytes }) => sum + bytes, 0);
  }

  close(): Promise<void> {
    return this.shut();
  }
}
