import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type BrowserHost } from '../browser/launch.ts';
import { bamboogleCsv, hotpotRow } from '../unit/world/readers/sampleFiles.ts';

/** Files of test sets in Play, with the real worker. */

let host: BrowserHost;
beforeAll(async () => {
  host = await launchBrowser();
});
afterAll(async () => {
  await host.close();
});

const minutes = 60_000;

async function openOwn(): Promise<Page> {
  const { page } = await host.newPage({ reducedMotion: 'reduce' });
  page.setDefaultTimeout(2 * minutes);
  await page.goto(`${host.baseUrl}#/?v=1&backend=wasm`);
  await page.getByRole('radio', { name: 'Your own passages' }).click();
  return page;
}

/** Drops a file on the box, as from another window. */
async function drop(page: Page, name: string, content: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([fileName, text]) => {
      const data = new DataTransfer();
      data.items.add(new File([text], fileName));
      return data;
    },
    [name, content] as const,
  );
  await page
    .getByLabel('Your own passages', { exact: true })
    .last()
    .dispatchEvent('drop', { dataTransfer: transfer });
}

describe('a file of a test set', { timeout: 5 * minutes }, () => {
  it('opens as a set: its passages, its questions, and what was left out of it', async () => {
    const page = await openOwn();
    const rows = [hotpotRow, { ...hotpotRow, answer: undefined }];
    await drop(page, 'dev_distractor.txt', JSON.stringify(rows));
    await page.getByText('dev_distractor.txt: 3 passages and 1 question in use.').waitFor();
    await page.getByRole('alert').getByText('row 2 left out: it has no answer').waitFor();
    await page.waitForFunction(
      (text) =>
        document.querySelector<HTMLTextAreaElement>('textarea[aria-label="Question"]')?.value === text,
      hotpotRow.question,
    );
    await page.getByRole('button', { name: 'Choose…' }).click();
    const question = page.getByRole('list', { name: 'Questions' }).getByRole('listitem');
    await question.first().waitFor();
    expect(await question.allTextContents()).toEqual([
      expect.stringMatching(/author of "Cholwis" born\?HotpotQA · 2\shops$/),
    ]);
    await question.getByRole('button').click();
    // Judged by the file's own answer.
    await page.getByRole('region', { name: 'Before' }).getByText(/Dresk/).first().waitFor();
    await page.context().close();
  });

  it('without paragraphs is asked over the passages that are there, and refused where there are none', async () => {
    const page = await openOwn();
    await drop(page, 'sheet.csv', bamboogleCsv);
    await page
      .getByRole('alert')
      .getByText('sheet.csv: questions without paragraphs to search in.')
      .waitFor();
    await drop(page, 'lake.md', '# Orm\nOrm is a lake.');
    await page.getByText('lake.md: 1 passage in use.').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await drop(page, 'sheet.csv', bamboogleCsv);
    await page.getByText('sheet.csv: 1 passage and 3 questions in use.').waitFor();
    await page.context().close();
  });
});
