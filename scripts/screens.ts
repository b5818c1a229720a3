import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium, type Browser, type Page } from 'playwright-core';
import { preview } from 'vite';
import { views } from '../src/app/routing/views.ts';
import { findBrowser } from './browserPath.ts';
import { states } from './screenStates.ts';

/** What is pictured: a name for the file, an address, and what is done there before the picture. */
export interface Shot {
  readonly name: string;
  readonly hash: string;
  /** Leaves the page as it is to be seen; must not depend on its width. */
  readonly prepare?: (page: Page) => Promise<void>;
  /** Pictured at two widths, of a desk and of a phone: the state of a view that stands at all three. */
  readonly isState?: true;
}

/** Wide, a small laptop or tablet, a phone: viewports in CSS pixels. */
const sizes = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
] as const;

const themes = ['light', 'dark'] as const;

/** Every view, and a rollout of the recorded run that corrects itself and is right in the end. */
const shots: readonly Shot[] = [
  ...views.map(({ path }) => ({
    name: path === '/' ? 'play' : path.slice(1),
    // What opens an engine says which one it may have; a browser without a window has no WebGPU.
    hash: `#${path}?v=1&backend=wasm`,
  })),
  { name: 'rollout', hash: '#/rollouts?v=1&step=60&open=0.3' },
  ...states,
];

/** A corpus is embedded on arrival. */
const patience = 120_000;

/**
 * Pictures of every view of the built page, in both themes and at each width, into a folder.
 * Returns what went wrong: errors in the console, and pages that are wider than their window.
 */
async function takeScreens(
  folder: string,
  format: 'webp' | 'png',
  only?: string,
): Promise<readonly string[]> {
  const server = await preview({ logLevel: 'warn', preview: { port: 0 } });
  const base = server.resolvedUrls?.local[0];
  if (base === undefined)
    throw new Error('vite preview started without an address. Is there a build in dist/?');
  const found = await findBrowser();
  const browser = await chromium.launch({
    executablePath: found.executablePath,
    // Hinting moves letters of small text to whole pixels, which no screen of today does.
    args: ['--font-render-hinting=none', ...found.args],
    env: { ...process.env, ...found.env },
  });
  try {
    await mkdir(folder, { recursive: true });
    const problems: string[] = [];
    for (const shot of shots.filter(({ name }) => only === undefined || only.split(',').includes(name))) {
      problems.push(...(await takeOne(browser, base, shot, folder, format)));
    }
    return problems;
  } finally {
    await browser.close();
    await server.close();
  }
}

async function takeOne(
  browser: Browser,
  base: string,
  { name, hash, prepare, isState }: Shot,
  folder: string,
  format: 'webp' | 'png',
): Promise<readonly string[]> {
  const problems: string[] = [];
  // Two visits: what a chart or a map drew for one size must not be what another size shows.
  for (const phone of [false, true]) {
    const context = await browser.newContext({
      reducedMotion: 'reduce',
      serviceWorkers: 'block',
      isMobile: phone,
      hasTouch: phone,
    });
    const page = await context.newPage();
    page.on('pageerror', (error) => problems.push(`${name}: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(`${name}: ${message.text()}`);
    });
    const shown = sizes.filter(({ width }) => width < 600 === phone && !(isState === true && width === 1024));
    for (const size of shown) {
      await page.setViewportSize(size);
      if (page.url() === 'about:blank') {
        await arrive(page, base + hash, name);
        await prepare?.(page);
      }
      for (const theme of themes) {
        await page.emulateMedia({ colorScheme: theme });
        await settled(page);
        const file = `${name}-${size.width}-${theme}.${format}`;
        await writeFile(join(folder, file), await picture(page, format));
        console.log(file);
      }
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (over > 0) problems.push(`${name}: ${over} pixels too wide for ${size.width}`);
    }
    await context.close();
  }
  return problems;
}

async function arrive(page: Page, address: string, name: string): Promise<void> {
  await page.goto(address);
  await page.locator('main h1').first().waitFor({ state: 'attached' });
  await page.waitForLoadState('networkidle');
  if (name === 'corpus') {
    await page.getByRole('application', { name: /Map of the passages/ }).waitFor({ timeout: patience });
  }
}

/** Fonts are there, and what listens to size and theme has drawn. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    for (let frame = 0; frame < 4; frame++) await new Promise((done) => requestAnimationFrame(done));
  });
}

/** WebP, which Playwright itself does not write, is a third of the size of PNG here. */
async function picture(page: Page, format: 'webp' | 'png'): Promise<Buffer> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', {
    format,
    ...(format === 'webp' && { quality: 82 }),
  });
  await session.detach();
  return Buffer.from(data, 'base64');
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: 'docs/screens' },
      png: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
  });
  const problems = await takeScreens(values.out, values.png ? 'png' : 'webp', values.only);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
