import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corpusLines, madeUpPassages } from '../../scripts/madeUpPassages.ts';
import { embedderFolder } from '../golden/embedderFolder.ts';
import { launchBrowser, type BrowserHost } from '../browser/launch.ts';
import { serveHub } from '../unit/lab/modelStore/hubServer.ts';
import { tinyModel, tinyTokenizer } from '../unit/retrieval/tinyModels.ts';
import { violations } from './checks.ts';

/** A corpus of thousands of passages in a browser: imported, indexed, broken off by a reload, gone on with, searched. */

let host: BrowserHost;
beforeAll(async () => {
  host = await launchBrowser();
});
afterAll(async () => {
  await host.close();
});

const minutes = 60_000;
const COUNT = 4_000;
const all = COUNT.toLocaleString('en');

/** Rows in FlashRAG's layout, of several made-up worlds, and one row that is wrong. */
function corpusFile(): string {
  const rows = [...corpusLines(madeUpPassages(COUNT))];
  rows.splice(6, 0, '{"id": "x"}');
  return `${rows.join('\n')}\n`;
}

async function openKept(page: Page): Promise<void> {
  await page.goto(`${host.baseUrl}#/corpus?v=1&backend=wasm`);
  await page.getByRole('radio', { name: 'A large corpus' }).click();
  await page.getByRole('group', { name: 'Large corpora' }).waitFor();
}

const indexRow = (page: Page) =>
  page
    .getByRole('list', { name: /^Indexes of/ })
    .getByRole('listitem')
    .first();

describe('a large corpus', { timeout: 10 * minutes }, () => {
  it('is imported, indexed, broken off, gone on with and searched', async () => {
    const { page, problems } = await host.newPage({ reducedMotion: 'reduce' });
    page.setDefaultTimeout(4 * minutes);
    await openKept(page);
    await page.getByText('No corpus is kept in this browser yet.').waitFor();
    await page.getByLabel('Import a corpus').setInputFiles({
      name: 'wiki.jsonl',
      mimeType: 'application/json',
      buffer: Buffer.from(corpusFile()),
    });
    await page.getByText('wiki.jsonl, line 7: neither "text" nor "contents" is there.').waitFor();
    const kept = page.getByRole('list', { name: 'Kept corpora' });
    await kept.getByText(`${all} passages`).waitFor();
    await kept.getByRole('button', { name: 'Index it' }).click();

    // Some of it is on file; the tab goes away in the midst of the rest.
    // Looked at in every frame: all of it takes two seconds, and a locator may look away for half a second.
    await page.waitForFunction(() => {
      const [, done] = /Indexing: ([\d,]+) of/.exec(document.body.textContent) ?? [];
      return Number(done?.replace(',', '')) >= 300;
    });
    await page.reload();
    await openKept(page);
    await indexRow(page)
      .getByText(new RegExp(`of ${all}$`))
      .waitFor();
    const before = Number(
      new RegExp(`([\\d,]+) of ${all}`)
        .exec((await indexRow(page).textContent()) ?? '')?.[1]
        ?.replace(',', ''),
    );
    expect(before).toBeGreaterThanOrEqual(256);
    expect(before).toBeLessThan(COUNT);
    expect(before % 256).toBe(0);

    // What is done can be searched, and the page says how much that is. The panel folds to that line.
    await indexRow(page).getByRole('button', { name: 'Search what is done' }).press('Enter');
    const line = page.locator('summary', { hasText: 'wiki.jsonl' });
    await line
      .getByText(
        new RegExp(`${before.toLocaleString('en')} of ${all}\\spassages, indexed with .* dimensions`),
      )
      .waitFor();
    expect(await page.getByLabel('Import a corpus').isVisible()).toBe(false);
    expect(await line.evaluate((summary) => summary === document.activeElement)).toBe(true);
    const search = page.getByRole('searchbox', { name: 'Search as the policy does' });
    await search.fill('book author');
    await search.press('Enter');
    await page.getByText(`Searched ${before.toLocaleString('en')} of ${all} passages`).waitFor();

    await line.press('Enter');
    await indexRow(page).getByRole('button', { name: 'Go on' }).click();
    // Folded or not, what is under way is to be seen and stopped.
    await line.press('Enter');
    await page.getByRole('button', { name: 'Stop here' }).waitFor();
    expect(await page.getByLabel('Import a corpus').isVisible()).toBe(false);
    await line.press('Enter');
    await indexRow(page)
      .getByText(/all passages/)
      .waitFor();
    // The map grew with it.
    await page.getByText(new RegExp(`^${all}\\spassages\\s*; the map`)).waitFor();
    await search.fill('book writer');
    await search.press('Enter');
    await page.getByRole('region', { name: 'Search' }).getByRole('listitem').first().waitFor();
    expect(await page.getByText(/^Searched/).count()).toBe(0);

    expect(await violations(page)).toEqual([]);
    expect(problems).toEqual([]);

    await kept.getByRole('button', { name: 'Delete' }).first().click();
    await kept.getByRole('button', { name: 'Really delete, with its indexes?' }).click();
    await page.getByText('No corpus is kept in this browser yet.').waitFor();
    await page.context().close();
  });

  it('is indexed with a model from the disk, which stays when the page is opened again', async () => {
    const { page } = await host.newPage({ reducedMotion: 'reduce' });
    page.setDefaultTimeout(2 * minutes);
    await openKept(page);
    await page.getByText(/^Embedding models:/).click();
    const files = page.getByLabel('or its files from this computer');
    await files.setInputFiles({
      name: 'colours.onnx',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(tinyModel()),
    });
    await page.getByRole('alert').getByText('colours has no tokenizer.json').waitFor();
    await page.getByText('A name of your own').click();
    await page.getByLabel('Name of what comes from this computer').fill('colours-minilm');
    await files.setInputFiles([
      { name: 'colours.onnx', mimeType: 'application/octet-stream', buffer: Buffer.from(tinyModel()) },
      {
        name: 'tokenizer.json',
        mimeType: 'application/json',
        buffer: Buffer.from(JSON.stringify(tinyTokenizer)),
      },
    ]);
    await page
      .getByRole('list', { name: 'Kept embedding models' })
      .getByText('colours-minilm')
      .first()
      .waitFor();
    await page.reload();
    await openKept(page);
    await page.getByLabel('Import a corpus').setInputFiles({
      name: 'c.tsv',
      mimeType: 'text/plain',
      buffer: Buffer.from('a\tred\nb\tblue blue\nc\tgreen\n'),
    });
    await page.getByLabel('Embedding model to index with').selectOption({ label: 'colours-minilm' });
    await page.getByRole('button', { name: 'Index it' }).click();
    await indexRow(page)
      .getByText(/colours-minilm 2 dimensions.*all passages/)
      .waitFor();
    await indexRow(page).getByRole('button', { name: 'Search in it' }).click();
    const search = page.getByRole('searchbox', { name: 'Search as the policy does' });
    await search.fill('blue blue');
    await search.press('Enter');
    const hits = page.getByRole('region', { name: 'Search' }).getByRole('button', { name: /\d\.\d\d$/ });
    await hits.first().waitFor();
    expect(await hits.allTextContents()).toEqual(['b. blue blue1.00', 'c. green0.97', 'a. red0.94']);
    await page.context().close();
  });

  it('is indexed with a model of the hub, which the other corpora may be searched with, too', async () => {
    const hub = await serveHub();
    hub.repositories.set('intfloat/e5-small-v2', await embedderFolder('e5'));
    const { page, problems } = await host.newPage({ reducedMotion: 'reduce' });
    page.setDefaultTimeout(2 * minutes);
    await openKept(page);
    await page.getByText(/^Embedding models:/).click();
    await page.getByText('A gated or private repository, or another hub').click();
    await page.getByLabel('Address of a mirror').fill(hub.address);
    await page.getByLabel('Embedding model on the Hugging Face hub').fill('intfloat/e5-small-v2');
    await page.getByRole('button', { name: 'Look it up' }).click();
    await page.getByText('onnx/model_quantized.onnx').waitFor();
    await page.getByLabel('Its network').selectOption('full');
    await page.getByRole('button', { name: 'Look it up' }).click();
    await page.getByText('onnx/model.onnx', { exact: true }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: /^Download/ }).click();
    const list = page.getByRole('list', { name: 'Kept embedding models' });
    await list.getByText(/24 dimensions .* queries begin with “query: ”/).waitFor();
    await page.getByLabel('Import a corpus').setInputFiles({
      name: 'c.tsv',
      mimeType: 'text/plain',
      buffer: Buffer.from('a\tthe river Ombry\nb\tthe novel Cholwis\nc\tthe city of Lissen\n'),
    });
    await page.getByLabel('Embedding model to index with').selectOption({ label: 'intfloat/e5-small-v2' });
    await page.getByRole('button', { name: 'Index it' }).click();
    await indexRow(page)
      .getByText(/e5-small-v2 24 dimensions.*all passages/)
      .waitFor();
    await indexRow(page).getByRole('button', { name: 'Search in it' }).click();
    const search = page.getByRole('searchbox', { name: 'Search as the policy does' });
    await search.fill('the novel Cholwis');
    await search.press('Enter');
    await page.getByRole('region', { name: 'Search' }).getByRole('listitem').first().waitFor();

    await page.getByRole('radio', { name: 'A made-up world' }).click();
    await page.locator('summary', { hasText: 'How passages are found' }).click();
    await page.getByRole('button', { name: 'Use intfloat/e5-small-v2' }).click();
    await page.locator('summary', { hasText: 'with intfloat/e5-small-v2, 24 dimensions' }).waitFor();

    await page.goto(`${host.baseUrl}#/models?v=1&backend=wasm`);
    const kept = page.getByRole('region', { name: /Kept in this browser/ });
    await kept.getByText('An embedding model, to search with').waitFor();
    await kept.getByRole('button', { name: 'Delete intfloat/e5-small-v2' }).click();
    await kept.getByRole('button', { name: 'Delete it' }).click();
    await kept.waitFor({ state: 'detached' });
    expect(problems).toEqual([]);
    await page.context().close();
    await hub.close();
  });
});
