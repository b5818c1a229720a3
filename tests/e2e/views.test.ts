import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { views } from '../../src/app/routing/views.ts';
import { sideways, violations } from './checks.ts';
import { builtSite, saveData, visitIn } from './builtSite.ts';

/**
 * Every view of the built page as it is on arrival, with the recorded run that is shipped: wide and phone, light and
 * dark; and a live run that takes the recorded one's place.
 */

const site = builtSite();

const minutes = 60_000;
/** Of what is in sight, by the layout's shifts (CLS); what browsers call good is five times as much. */
const MOST_SHIFT = 0.02;

/** What of a view comes last, by its word in the rail. */
const lastOf: Readonly<Record<string, (page: Page) => ReturnType<Page['locator']>>> = {
  Play: (page) => page.getByRole('region', { name: 'After', exact: true }).getByText('recorded'),
  Train: (page) => page.getByText('All numbers, as a table'),
  Rollouts: (page) => page.locator('[data-row]'),
  'One update': (page) => page.getByRole('group', { name: 'Group' }).getByRole('button'),
  Behaviours: (page) => page.getByRole('radio', { name: /^Self-correction/ }),
  Evaluate: (page) => page.getByRole('row', { name: /ReSearch/ }),
  Corpus: (page) => page.getByRole('application', { name: /Map of the passages/ }),
  Learn: (page) => page.getByRole('region', { name: /Groups and advantages/ }),
  Models: (page) => page.getByLabel('Repository on the Hugging Face hub'),
  'a rollout': (page) => page.getByRole('article', { name: 'Rollout' }).locator('[data-token]'),
  'a token of it': (page) => page.getByRole('region', { name: 'Token', exact: true }),
  'two of a group': (page) => page.getByText(/They part at token/),
  'a rollout of Train': (page) =>
    page.getByRole('complementary', { name: 'Rollout' }).locator('[data-token]'),
  'a rollout of Behaviours': (page) => page.getByRole('article', { name: 'Rollout' }).locator('[data-token]'),
};

const places = [
  ...views.map(({ path, label }) => ({ name: label, hash: `#${path}?v=1&backend=wasm` })),
  { name: 'a rollout', hash: '#/rollouts?v=1&step=60&open=0.3' },
  { name: 'a token of it', hash: '#/rollouts?v=1&step=60&open=0.3&token=4' },
  { name: 'two of a group', hash: '#/rollouts?v=1&step=60&open=0.3&beside=60.0.0' },
  { name: 'a rollout of Train', hash: '#/train?v=1&step=60&open=0.3' },
  { name: 'a rollout of Behaviours', hash: '#/behaviours?v=1&step=60&open=0.3' },
];

/** Fonts have come, and what listens to size and theme has drawn. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    for (let frame = 0; frame < 4; frame++) await new Promise((done) => requestAnimationFrame(done));
  });
}

async function violationsIn(page: Page, theme: 'light' | 'dark'): Promise<readonly string[]> {
  await page.emulateMedia({ colorScheme: theme });
  await settled(page);
  return (await violations(page)).map((line) => `${theme} ${line}`);
}

/** What is out of sight is drawn too: it would keep the colours of the theme it was first drawn in, and axe reads those. */
const drawAll = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { content-visibility: visible !important; }');
    document.adoptedStyleSheets.push(sheet);
  });

describe.each([
  { device: 'at 1440 pixels', size: { viewport: { width: 1440, height: 900 } } },
  {
    device: 'on a phone of 390',
    size: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  },
])('$device', ({ size }) => {
  let context: BrowserContext;
  beforeAll(async () => {
    context = await site.host.browser.newContext({ ...size, colorScheme: 'light', reducedMotion: 'reduce' });
    context.setDefaultTimeout(2 * minutes);
    await context.addInitScript(saveData);
  });
  afterAll(() => context.close());

  it.each(places)(
    '$name stands still, fits, can be read while its fonts are on their way, and axe finds nothing in light or dark',
    async ({ name, hash }) => {
      const { page, shift, leave } = await visitIn(context, site.address + hash);
      await lastOf[name]?.(page).first().waitFor();
      await settled(page);
      expect(await shift()).toBeLessThan(MOST_SHIFT);
      // The stand-ins are of the system, and there at once.
      const waits = await page.evaluate(() =>
        [...document.fonts]
          .filter(({ display, family }) => display !== 'swap' && !family.includes('before'))
          .map(({ family }) => family),
      );
      expect(waits).toEqual([]);
      expect(await sideways(page)).toBeLessThanOrEqual(0);
      if (name === 'a rollout') await page.keyboard.press('h');
      await drawAll(page);
      expect([...(await violationsIn(page, 'light')), ...(await violationsIn(page, 'dark'))]).toEqual([]);
      await leave();
    },
  );

  it(
    'a run that is started takes the place of the recorded one, and its updates that of each other, and nothing moves',
    async () => {
      const tiny = 'v=1&backend=wasm&preset=tiny&grpo.steps=3&evaluation.questions=8';
      const { page, shift, leave } = await visitIn(context, `${site.address}#/train?${tiny}`);
      await page.getByText('All numbers, as a table').waitFor();
      await page.getByRole('button', { name: 'Train it here' }).click();
      await page.getByText('The groups of the first update stand here').waitFor();
      await page.getByText('Done: 3 of 3 updates.').waitFor();
      await page.getByRole('heading', { name: 'Update 3', exact: true }).waitFor();
      await settled(page);
      expect(await shift()).toBeLessThan(MOST_SHIFT);
      await leave();
    },
    4 * minutes,
  );
});
