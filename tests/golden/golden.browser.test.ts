import { afterAll, describe, it } from 'vitest';
import { notRunOrFail, Unavailable } from '../browser/availability.ts';
import { launchBrowser, type BrowserHost, type WatchedPage } from '../browser/launch.ts';
import { goldenModels } from './check.ts';
import { loraModels } from './loraCheck.ts';

let host: BrowserHost | null = null;
let opened: Promise<WatchedPage['page']> | null = null;

async function openPage(): Promise<WatchedPage['page']> {
  host = await launchBrowser();
  const { page, problems } = await host.newPage();
  await page.goto(`${host.baseUrl}tests/golden/golden.html`);
  await page
    .waitForFunction(() => 'modelChecks' in window, null, { timeout: 60_000 })
    .catch((error: unknown) => {
      throw new Error(`the page of the checks did not load: ${problems.join('; ')}`, { cause: error });
    });
  const label = await page.evaluate(() => window.modelChecks.start());
  if (label === null) throw new Unavailable(`no WebGPU adapter in ${host.source}`);
  return page;
}

afterAll(async () => {
  await host?.close();
});

describe('whole models on WebGPU in Chromium', () => {
  const loras = loraModels.map((model) => `lora ${model}`);
  it.for([...goldenModels, 'generation', 'memory', ...loras, 'quantised qwen3-f16'])('%s', async (name, context) => {
    opened ??= openPage();
    const page = await opened.catch((error: unknown) => notRunOrFail(context, error));
    await page.evaluate((check) => window.modelChecks.run(check), name);
  });
});
