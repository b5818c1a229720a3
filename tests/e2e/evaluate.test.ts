import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type BrowserHost } from '../browser/launch.ts';
import { violations } from './checks.ts';

/** The paper's table on the page, with the real worker on WebAssembly. */

let host: BrowserHost;
beforeAll(async () => {
  host = await launchBrowser();
});
afterAll(async () => {
  await host.close();
});

const minutes = 60_000;

describe('Evaluate', { timeout: 8 * minutes }, () => {
  it('runs the table, opens a cell and a rollout of it, and gives the rows as a file', async () => {
    const { page, problems } = await host.newPage({ reducedMotion: 'reduce' });
    page.setDefaultTimeout(6 * minutes);
    await page.goto(`${host.baseUrl}#/evaluate?v=1&backend=wasm&questions=4&table-world=countries`);
    // Before anything is run: a recorded table, named as such, whose cells open nothing; and the paper's own figures.
    const table = page.getByRole('region', { name: 'Table, methods by sets' });
    await page.getByText(/^recorded 250 questions a set/).waitFor();
    expect(await table.getByRole('row', { name: /^ReSearch the same after training 72/ }).count()).toBe(1);
    expect(await table.getByRole('button').count()).toBe(0);
    const paper = page.getByRole('region', { name: /The paper’s own figures published, not run here/ });
    expect(await paper.getByRole('row', { name: /ReSearch/ }).textContent()).toContain('22.30');
    await page.getByRole('button', { name: 'Run the table here' }).click();
    await page.getByText(/^Run here in .*4 questions a set, seed 1/).waitFor();
    const cells = table.getByRole('button');
    expect(await cells.count()).toBe(6);
    const searches = await cells.allTextContents();
    expect(searches.map((text) => /([\d.]+) searches/.exec(text)?.[1]).slice(0, 3)).toEqual([
      '0.0',
      '1.0',
      '3.0',
    ]);

    await cells.nth(1).click();
    const panel = page.getByRole('complementary', { name: 'Rollouts of the cell' });
    const rollouts = panel.getByRole('list', { name: 'Rollouts' }).getByRole('listitem');
    expect(await rollouts.count()).toBe(4);
    await rollouts.first().getByRole('button').click();
    const turns = panel.getByRole('list', { name: 'What it did' });
    expect(await turns.getByText('reads', { exact: true }).count()).toBe(1);
    await page.waitForFunction(() => location.hash.includes('cell=naive-rag.countries&item=0'));
    await page.keyboard.press('Escape');
    await rollouts.first().waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV' }).click(),
    ]);
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n');
    expect(lines[0]).toBe('method,set,hops,n,em,em low,em high,f1,searches');
    expect(lines.filter((line) => line.includes(',countries,all,4,'))).toHaveLength(6);
    expect(await violations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('shows its tables whole on a phone, each figure below the name of its set', async () => {
    const { page } = await host.newPage({ viewport: { width: 390, height: 844 } });
    await page.goto(`${host.baseUrl}#/evaluate?v=1&backend=wasm`);
    for (const name of ['Table, methods by sets', 'Right answers by hops', 'The paper’s table']) {
      const table = page.getByRole('region', { name, exact: true });
      await table.getByRole('row').nth(1).waitFor();
      const over = await table.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
      expect(`${name}: ${over}`).toBe(`${name}: 0`);
    }
    const cell = page.getByRole('region', { name: 'Table, methods by sets' }).getByRole('cell').last();
    const said = await cell.evaluate((td) => getComputedStyle(td, '::before').content);
    expect(said).toContain(await cell.getAttribute('data-column'));
    await page.context().close();
  });

  it('stops when told to, and keeps the cells that were finished', async () => {
    const { page } = await host.newPage({ reducedMotion: 'reduce' });
    page.setDefaultTimeout(6 * minutes);
    await page.goto(`${host.baseUrl}#/evaluate?v=1&backend=wasm&questions=200&table-world=countries`);
    await page.getByRole('button', { name: 'Run the table here' }).click();
    await page.getByRole('region', { name: 'Table, methods by sets' }).getByRole('button').first().waitFor();
    await page.getByRole('button', { name: 'Stop the table' }).click();
    await page.getByText(/^Stopped after [1-5] of 6 cells/).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.context().close();
  });
});
