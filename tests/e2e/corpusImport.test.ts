import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateWorld } from '../../src/world/generate.ts';
import { launchBrowser, type BrowserHost } from '../browser/launch.ts';
import { tinyModel, tinyTokenizer } from '../unit/retrieval/tinyModels.ts';

/** A corpus of thousands of passages in a browser: imported, indexed, broken off by a reload, gone on with, searched. */

let host: BrowserHost;
beforeAll(async () => {
  host = await launchBrowser();
});
afterAll(async () => {
  await host.close();
});

const minutes = 60_000;
const COUNT = 2_000;

/** Rows in FlashRAG's layout, of several made-up worlds, and one row that is wrong. */
function corpusFile(): string {
  const rows: string[] = [];
  for (let seed = 1; rows.length < COUNT; seed++) {
    const { passages } = generateWorld({
      seed,
      passages: 400,
      namesakes: 0.3,
      hops: { two: 1, three: 0, four: 0 },
      questions: 10,
    });
    for (const { title, text } of passages) {
      if (rows.length < COUNT)
        rows.push(JSON.stringify({ id: String(rows.length), contents: `"${title}"\n${text}` }));
    }
  }
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
    await kept.getByText('2,000 passages').waitFor();
    await kept.getByRole('button', { name: 'Index it' }).click();

    // Some of it is on file; the tab goes away in the midst of the rest.
    await page
      .getByRole('status')
      .getByText(/Indexing: ([3-9]\d\d|1,[0-5]\d\d) of 2,000 passages/)
      .waitFor();
    await page.reload();
    await openKept(page);
    await indexRow(page)
      .getByText(/of 2,000$/)
      .waitFor();
    const before = Number(
      /([\d,]+) of 2,000/.exec((await indexRow(page).textContent()) ?? '')?.[1]?.replace(',', ''),
    );
    expect(before).toBeGreaterThanOrEqual(256);
    expect(before).toBeLessThan(COUNT);
    expect(before % 256).toBe(0);

    // What is done can be searched, and the page says how much that is.
    await indexRow(page).getByRole('button', { name: 'Search what is done' }).click();
    const search = page.getByRole('searchbox', { name: 'Search as the policy does' });
    await search.fill('book author');
    await search.press('Enter');
    await page.getByText(`Searched ${before.toLocaleString('en')} of 2,000 passages`).waitFor();

    await indexRow(page).getByRole('button', { name: 'Go on' }).click();
    await indexRow(page)
      .getByText(/all passages/)
      .waitFor();
    // The map grew with it.
    await page.getByText(/^2,000\spassages\s*; the map/).waitFor();
    await search.fill('book writer');
    await search.press('Enter');
    await page.getByRole('region', { name: 'Search' }).getByRole('listitem').first().waitFor();
    expect(await page.getByText(/^Searched/).count()).toBe(0);

    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html}`))).toEqual([]);
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
    const files = page.getByLabel('Files', { exact: true });
    await files.setInputFiles({
      name: 'colours.onnx',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(tinyModel()),
    });
    await page.getByRole('alert').getByText('tokenizer.json is not among them').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('colours-minilm');
    await files.setInputFiles([
      { name: 'colours.onnx', mimeType: 'application/octet-stream', buffer: Buffer.from(tinyModel()) },
      {
        name: 'tokenizer.json',
        mimeType: 'application/json',
        buffer: Buffer.from(JSON.stringify(tinyTokenizer)),
      },
    ]);
    await page.getByRole('list', { name: 'Kept embedding models' }).getByText('colours-minilm').waitFor();
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
});
