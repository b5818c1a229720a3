import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser, type BrowserHost } from '../browser/launch.ts';
import { recordedFixture } from './recordedFixture.ts';

/** Light and dark: as the system asks, or against it as the visitor chose; on the page, on its canvases and on paper. */

let host: BrowserHost;
beforeAll(async () => {
  host = await launchBrowser();
});
afterAll(async () => {
  await host.close();
});

/** --paper and --answer of tokens.css, in which the curve of right answers is drawn. */
const colours = {
  light: { paper: 'rgb(251, 250, 246)', answer: '0,135,95,255' },
  dark: { paper: 'rgb(20, 22, 26)', answer: '47,198,152,255' },
} as const;

const paper = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

/** Whether a colour is drawn in the curve, opaque. */
const isDrawn = (page: Page, rgba: string) =>
  page.evaluate((wanted) => {
    const canvas = document.querySelector('canvas');
    const context = canvas?.getContext('2d');
    if (!canvas || !context) return false;
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return data.some((_, i) => i % 4 === 0 && data.slice(i, i + 4).join() === wanted);
  }, rgba);

it.each([
  { system: 'light', chosen: undefined, shown: 'light' },
  { system: 'dark', chosen: undefined, shown: 'dark' },
  { system: 'light', chosen: 'dark', shown: 'dark' },
  { system: 'dark', chosen: 'light', shown: 'light' },
] as const)(
  '$shown where the system is $system and the choice $chosen',
  async ({ system, chosen, shown }) => {
    const { page, problems } = await host.newPage({ colorScheme: system, reducedMotion: 'reduce' });
    await page.route('**/runs/first-light.json', (route) => route.fulfill({ json: recordedFixture() }));
    await page.goto(`${host.baseUrl}#/train?v=1`);
    await page.locator('canvas').first().waitFor();
    if (chosen !== undefined) await page.getByRole('button', { name: /^(Light|Dark)$/ }).click();
    const other = shown === 'light' ? 'dark' : 'light';
    await expect.poll(() => paper(page)).toBe(colours[shown].paper);
    await expect.poll(() => isDrawn(page, colours[shown].answer)).toBe(true);
    expect(await isDrawn(page, colours[other].answer)).toBe(false);
    await page.emulateMedia({ media: 'print' });
    await expect.poll(() => paper(page)).toBe('rgba(0, 0, 0, 0)');
    await expect.poll(() => isDrawn(page, colours.light.answer)).toBe(true);
    expect(problems).toEqual([]);
    await page.context().close();
  },
);

it('on paper an opened rollout stands below its batch and covers nothing, and no dial is printed', async () => {
  const { page } = await host.newPage({ viewport: { width: 794, height: 1123 }, reducedMotion: 'reduce' });
  await page.route('**/runs/first-light.json', (route) => route.fulfill({ json: recordedFixture() }));
  await page.goto(`${host.baseUrl}#/train?v=1`);
  const strip = page.getByRole('button', { name: /^Rollout 1:/ }).first();
  await strip.click();
  const panel = page.getByRole('complementary', { name: 'Rollout' });
  const colour = panel.getByRole('radiogroup', { name: 'Colour of the tokens' });
  await colour.waitFor();
  await page.emulateMedia({ media: 'print' });
  const [batch, read] = [await strip.boundingBox(), await panel.boundingBox()];
  expect(read?.y).toBeGreaterThan(batch?.y ?? Infinity);
  expect(await colour.isVisible()).toBe(false);
  await page.context().close();
});
