import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { jsonBytes } from '../unit/lab/modelStore/tinyFolder.ts';
import { sideways, violations } from './checks.ts';
import { download, keptList, lookUp, modelsPage } from './modelsPage.ts';

/** What goes wrong with a model: said in words with the mend, nothing of it listed as whole, and the page goes on. */

const at = modelsPage();
beforeEach(() => {
  at.hub.repositories.set('tiny/bad', new Map(at.models.folder));
});

const weights = 'model.safetensors';
const alert = (page: Page, text: string) => page.getByRole('alert').getByText(text).waitFor();
const kept = (page: Page) => page.getByText('is kept in this browser.').waitFor();

/** tiny/bad with another configuration. */
function configured(fields: object): void {
  const config = JSON.parse(new TextDecoder().decode(at.models.folder.get('config.json'))) as object;
  at.hub.repositories.get('tiny/bad')?.set('config.json', jsonBytes({ ...config, ...fields }));
}

/** Paths of the store's files in the browser. */
const stored = (page: Page): Promise<readonly string[]> =>
  page.evaluate(async () => {
    const paths: string[] = [];
    async function walk(folder: FileSystemDirectoryHandle, path: string): Promise<void> {
      for await (const [name, entry] of folder.entries()) {
        if (entry.kind === 'file') paths.push(`${path}${name}`);
        else await walk(entry, `${path}${name}/`);
      }
    }
    const root = await navigator.storage.getDirectory();
    await walk(await root.getDirectoryHandle('models'), '');
    return paths;
  });

/** The page is as useful as before: another model is looked up and kept. */
async function goesOn(page: Page): Promise<void> {
  await lookUp(page, 'tiny/folder');
  await download(page).click();
  await kept(page);
  expect(await page.getByRole('alert').count()).toBe(0);
}

describe('a model that cannot be had', { timeout: 300_000 }, () => {
  it('cut short: the file and how much of it is here, and it is resumed', async () => {
    const { page, close } = await at.open();
    at.hub.faults.set(weights, { breakAfter: 0 });
    await lookUp(page, 'tiny/folder');
    await download(page).click();
    await alert(page, `${weights} stops at`);
    await alert(page, 'Resume goes on from there.');
    expect((await stored(page)).some((path) => path.startsWith('kept/'))).toBe(false);
    at.hub.faults.clear();
    await keptList(page).getByRole('button', { name: 'Resume tiny/folder' }).click();
    await kept(page);
    await close();
  });

  it('with a wrong hash: the file is thrown away, and fetched again', async () => {
    const { page, close } = await at.open();
    at.hub.faults.set(weights, { corrupt: true });
    await lookUp(page, 'tiny/folder');
    await download(page).click();
    await alert(page, `${weights} came otherwise than the hub says it is`);
    expect((await stored(page)).filter((path) => /^(kept|partial)\//.test(path))).toEqual([]);
    at.hub.faults.clear();
    await keptList(page).getByRole('button', { name: 'Resume tiny/folder' }).click();
    await kept(page);
    await close();
  });

  it('of an unknown architecture, or with the tokenizer of another: nothing of it is stored', async () => {
    const { page, close } = await at.open();
    configured({ model_type: 'mamba' });
    await lookUp(page, 'tiny/bad');
    await alert(page, 'config.json is not a configuration this engine can run: field "model_type"');
    expect(await download(page).count()).toBe(0);

    const { vocab_size } = JSON.parse(new TextDecoder().decode(at.models.folder.get('config.json'))) as {
      vocab_size: number;
    };
    configured({ vocab_size: 2 * vocab_size });
    await lookUp(page, 'tiny/bad');
    await download(page).click();
    await alert(page, 'they are of two models. Use the tokenizer that belongs to the model.');
    expect(await stored(page)).toEqual([]);
    expect(await keptList(page).count()).toBe(0);
    await goesOn(page);
    await close();
  });

  it('for which the disk fills up: said with the mend, nothing of it whole, and thrown away it leaves nothing', async () => {
    // The service worker would fill the disk too.
    const { page, close } = await at.open({ serviceWorkers: 'block' });
    const devtools = await page.context().newCDPSession(page);
    const { origin } = new URL(at.site.address);
    await lookUp(page, 'tiny/folder');
    await download(page).waitFor();
    // Room for the small files, and for some of the weights. What the page is told of its room does not show it.
    const { usage } = await devtools.send('Storage.getUsageAndQuota', { origin });
    const size = [...at.models.folder.values()].reduce((sum, bytes) => sum + bytes.length, 0);
    const half = Math.ceil((at.models.folder.get(weights)?.length ?? 0) / 2);
    await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: usage + size - half });
    await download(page).click();
    await alert(page, 'storage for the page is full at');
    await alert(page, `of ${weights}. Delete models below or make room on the disk, then resume.`);
    expect((await stored(page)).some((path) => path.startsWith('kept/'))).toBe(false);
    await devtools.send('Storage.overrideQuotaForOrigin', { origin });
    await keptList(page).getByRole('button', { name: 'Throw away tiny/folder' }).click();
    await keptList(page).waitFor({ state: 'detached' });
    expect(await stored(page)).toEqual([]);
    await goesOn(page);
    await close();
  });

  it('of this computer, cut short: nothing of it is stored', async () => {
    const { page, close } = await at.open();
    const files = [...at.models.folder].map(([name, bytes]) => ({
      name,
      mimeType: '',
      buffer: Buffer.from(name === weights ? bytes.subarray(0, 900) : bytes),
    }));
    await page.getByLabel('or its files, or one GGUF file').setInputFiles(files);
    await alert(page, weights);
    expect(await stored(page)).toEqual([]);
    await goesOn(page);
    await close();
  });
});

describe('a gated repository', { timeout: 300_000 }, () => {
  const token = (page: Page) => page.getByLabel(/^Access token for 127\.0\.0\.1/);

  it('says where to accept its licence, and comes with a token that only the hub is told', async () => {
    const { page, close } = await at.open();
    at.hub.tokens.add('hf_mine');
    at.hub.guarded.set('tiny/folder', { kind: 'gated', tokens: ['hf_mine'] });
    await lookUp(page, 'tiny/folder');
    await alert(page, `Accept it at ${at.hub.address}/tiny/folder, and give an access token`);
    await token(page).fill('hf_typo');
    await lookUp(page, 'tiny/folder');
    await alert(page, 'The hub does not know this access token (HTTP 401)');
    await token(page).fill('hf_mine');
    await lookUp(page, 'tiny/folder');
    await download(page).click();
    await kept(page);
    const toldAt = (place: string) => at.hub.told.filter((asked) => asked.at === place);
    expect(toldAt('store').length).toBeGreaterThan(3);
    expect(toldAt('store').filter((asked) => asked.token !== undefined)).toEqual([]);
    expect(toldAt('hub').filter((asked) => asked.token === 'hf_mine').length).toBeGreaterThan(3);
    expect(page.url()).not.toContain('hf_mine');
    // Another hub has another token, or none.
    await page.getByLabel('Address of a mirror').fill('https://mirror.test');
    expect(await page.getByLabel('Access token for mirror.test').inputValue()).toBe('');
    await close();
  });

  it('forgets the token with a reload, unless it shall stay until the tab is closed', async () => {
    const { page, close } = await at.open();
    const reload = async (): Promise<void> => {
      await page.reload();
      await page.getByText('A gated or private repository, or another hub').click();
      await page.getByLabel('Address of a mirror').fill(at.hub.address);
    };
    const everywhere = () =>
      page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    await token(page).fill('hf_mine');
    expect(await everywhere()).not.toContain('hf_mine');
    await reload();
    expect(await token(page).inputValue()).toBe('');
    await token(page).fill('hf_mine');
    await page.getByLabel('Keep it until this tab is closed').check();
    await reload();
    expect(await token(page).inputValue()).toBe('hf_mine');
    expect(await violations(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    await page.getByLabel('Keep it until this tab is closed').uncheck();
    expect(await everywhere()).not.toContain('hf_mine');
    await close();
  });
});
