import { readFile } from 'node:fs/promises';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type BrowserHost } from '../browser/launch.ts';
import { parseRecordedRun } from '../../src/app/store/recordedSchema.ts';
import { commonPrefix } from '../../src/traces/compare.ts';
import type { Trace } from '../../src/traces/trace.ts';
import { recordedFixture } from './recordedFixture.ts';

let host: BrowserHost;
beforeAll(async () => {
  host = await launchBrowser();
});
afterAll(async () => {
  await host.close();
});

const minutes = 60_000;
const still: BrowserContextOptions = { reducedMotion: 'reduce' };

interface Opened {
  readonly page: Page;
  readonly problems: readonly string[];
  readonly close: () => Promise<void>;
}

/** The page with a small recorded run; `run` null: the one that is shipped. */
async function open(
  hash: string,
  run: unknown = recordedFixture(),
  options: BrowserContextOptions = still,
): Promise<Opened> {
  const { page, problems } = await host.newPage(options);
  if (run !== null) await page.route('**/runs/first-light.json', (route) => route.fulfill({ json: run }));
  await page.goto(host.baseUrl + hash);
  await page.getByRole('heading', { level: 1, name: 'Rollouts' }).waitFor({ state: 'attached' });
  return { page, problems, close: () => page.context().close() };
}

const article = (page: Page) => page.getByRole('article', { name: 'Rollout' });
const rows = (page: Page) => page.locator('[data-row]');
const hash = (page: Page) => page.evaluate(() => location.hash);

interface Parting {
  /** `group.rollout` of one, and the key of the one beside it. */
  readonly open: string;
  readonly beside: string;
  readonly step: number;
  readonly common: number;
  readonly trace: Trace;
}

/** Two rollouts of a group of the shipped run that part late and earned otherwise. */
async function latestParting(): Promise<Parting> {
  const file = new URL('../../public/runs/first-light.json', import.meta.url);
  const run = parseRecordedRun(JSON.parse(await readFile(file, 'utf8')), 'first-light.json');
  const [best] = run.groups
    .flatMap(({ step, groups }) =>
      groups.flatMap(({ group, traces }) =>
        traces.flatMap((trace, i) =>
          traces.flatMap((other, j): Parting[] => {
            const common = commonPrefix(trace, other);
            if (trace.reward?.value === other.reward?.value || trace.tokens.generated[common] !== true)
              return [];
            return [{ step, open: `${group}.${i}`, beside: `${step}.${group}.${j}`, common, trace }];
          }),
        ),
      ),
    )
    .sort((a, b) => b.common - a.common);
  if (best === undefined) throw new Error('the shipped run has no two rollouts that part');
  return best;
}

/** A run of many updates, as long a list as a long session has. */
function longRun(updates: number) {
  const run = recordedFixture();
  const [first] = run.groups;
  const groups = first?.groups ?? [];
  return {
    ...run,
    recipe: { ...run.recipe, grpo: { ...run.recipe.grpo, steps: updates } },
    steps: Array.from({ length: updates }, (_, i) => ({ ...run.steps[0], step: i + 1 })),
    groups: Array.from({ length: updates }, (_, i) => ({
      step: i + 1,
      groups: Array.from({ length: 10 }, (__, group) => ({ ...groups[0], group })),
    })),
  };
}

describe('the list', () => {
  it('holds the whole run, drawn only where it is in sight', async () => {
    const run = longRun(150);
    const all = run.groups.flatMap(({ groups }) => groups.flatMap(({ traces = [] }) => traces)).length;
    expect(all).toBeGreaterThan(2000);
    const { page, problems, close } = await open('#/rollouts', run);
    await page.getByText(`${all.toLocaleString('en')} rollouts`).waitFor();
    expect(await rows(page).count()).toBeLessThan(120);
    await rows(page).first().focus();
    await page.mouse.move(600, 500);
    await page.mouse.wheel(0, 40_000);
    await page.locator('[data-row^="1"]').first().waitFor();
    expect(await rows(page).count()).toBeLessThan(120);
    expect(problems).toEqual([]);
    await close();
  });

  it('is filtered, searched and sorted; the link says so and brings it back', async () => {
    const { page, close } = await open('#/rollouts');
    await page.getByText('6 rollouts').waitFor();
    await page.getByLabel('Answer', { exact: true }).selectOption({ label: 'right (3)' });
    await page.getByText('3 of 6').waitFor();
    await page.getByLabel('Update', { exact: true }).selectOption('2');
    await page.getByText('1 of 6').waitFor();
    await page.getByLabel('Sort by').selectOption('-reward');
    await page.waitForFunction(() => location.hash.includes('sort=-reward'));
    const address = await hash(page);
    expect(address).toContain('answer=right');
    await close();
    const again = await open(address);
    await again.page.getByText('1 of 6').waitFor();
    await again.page.getByRole('button', { name: 'Clear' }).click();
    await again.page.getByText('6 rollouts').waitFor();
    await again.page.keyboard.press('/');
    await again.page.keyboard.type('no such words');
    await again.page.getByText('No rollout fits these filters.').waitFor();
    await again.close();
  });

  it('is exported as it is filtered, and what was exported is read again', async () => {
    const { page, close } = await open('#/rollouts?v=1&answer=right');
    const coming = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    const path = await (await coming).path();
    expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(3);
    await page.getByLabel('Files of rollouts').setInputFiles({
      name: 'mine.jsonl',
      mimeType: 'text/plain',
      buffer: await readFile(path),
    });
    await page.getByText('Read as traces of this page.').waitFor();
    await page.getByText('3 rollouts').waitFor();
    await close();
  });
});

describe('reading', () => {
  it('goes by keyboard alone: mark, open, token, compare, close', async () => {
    const { page, problems, close } = await open('#/rollouts');
    await page.getByText('6 rollouts').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await article(page).getByText('rollout 2 of 2').waitFor();
    await page.keyboard.press('k');
    await article(page).getByText('rollout 1 of 2').waitFor();
    await page.keyboard.press(']');
    await article(page).getByText('rollout 2 of 2').waitFor();
    await article(page).locator('[data-token][tabindex="0"]').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const token = page.getByRole('region', { name: 'Token', exact: true });
    await token.getByText('token 2 of 18').waitFor();
    await token.getByText('Not known here: ').waitFor();
    await page.keyboard.press('c');
    await page.getByText(/They part at token/).waitFor();
    await page.keyboard.press('Escape');
    await page.getByText(/They part at token/).waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await token.waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await article(page).waitFor({ state: 'detached' });
    expect(problems).toEqual([]);
    await close();
  });

  it('says why it earned what it did, and reveals the gold chain when asked', async () => {
    const { step, open: place, trace } = await latestParting();
    const { page, close } = await open(`#/rollouts?v=1&step=${step}&open=${place}`, null);
    const why = page.getByRole('region', { name: 'Why this reward' });
    await why
      .getByText((trace.reward?.value ?? 0).toFixed(2), { exact: true })
      .first()
      .waitFor();
    await why.getByText('A = (r − mean) / spread').waitFor();
    const hop = why.getByText(/its page came with search|no search brought its page/).first();
    expect(await hop.isVisible()).toBe(false);
    await why.getByText('Reveal the gold chain').click();
    await hop.waitFor();
    await close();
  });

  it('colours tokens by what is known, with a scale, and says what is not', async () => {
    const { step, open: place } = await latestParting();
    const { page, close } = await open(`#/rollouts?v=1&step=${step}&open=${place}`, null);
    await article(page).getByRole('radio', { name: 'entropy' }).click();
    await page.getByRole('list', { name: 'Scale of entropy' }).getByText('1.4 and more').waitFor();
    await article(page).getByRole('radio', { name: 'KL' }).click();
    await article(page).getByText('Not known for this rollout.').waitFor();
    await close();
  });

  it('opens what a link names: rollout, token, and the rollout beside it', async () => {
    const { step, open: place, beside, common, trace } = await latestParting();
    const { page, close } = await open(
      `#/rollouts?v=1&step=${step}&open=${place}&token=${common}&beside=${beside}`,
      null,
    );
    await article(page)
      .getByText(`They part at token ${common + 1}`)
      .waitFor();
    const token = page.getByRole('region', { name: 'Token', exact: true });
    await token.getByText(`token ${common + 1} of ${trace.tokens.texts.length}`).waitFor();
    await article(page)
      .getByText(/the same in both/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Show in the text' }).click();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-token'))).toBe(
      String(common),
    );
    await close();
    const lost = await open('#/rollouts?v=1&step=999&open=0.0');
    await lost.page.getByText('not among those that are kept here').waitFor();
    await lost.close();
  });

  it('shows untrusted text as text', async () => {
    const hostile = '<img src=x onerror="window.broken = 1"><script>window.broken = 1</script>';
    const { page, problems, close } = await open('#/rollouts?v=1&step=3&open=0.1', recordedFixture(hostile));
    await article(page).getByText('It was Ada.').first().waitFor();
    await page.getByLabel('Files of rollouts').setInputFiles({
      name: 'hostile.jsonl',
      mimeType: 'text/plain',
      buffer: Buffer.from(
        JSON.stringify({ input: hostile, output: `<answer>${hostile}</answer>`, score: 1 }),
      ),
    });
    await page.getByText('Read as rollouts of verl').waitFor();
    await rows(page).first().click();
    await article(page).getByText('<img src=x').first().waitFor();
    expect(await page.locator('main img, main script').count()).toBe(0);
    expect(await page.evaluate(() => 'broken' in window)).toBe(false);
    expect(problems).toEqual([]);
    await close();
  });
});

describe('files', () => {
  const files: readonly (readonly [name: string, text: string, read: string])[] = [
    [
      'train_12.jsonl',
      JSON.stringify({
        data_source: 'musique',
        sequences_str:
          '<|im_start|>user\nWho?<|im_end|>\n<|im_start|>assistant\n<think>x</think><answer>\\boxed{Ada}</answer><|im_end|>',
        ground_truth: ['Ada'],
        score: 1,
        reason: 'correct answer, get f1 score: 1',
      }),
      'rollouts of ReSearch’s training',
    ],
    [
      'intermediate_data.json',
      JSON.stringify([
        { question: 'Who?', golden_answers: ['Ada'], output: { final_response: '<answer>Ada</answer>' } },
      ]),
      'an evaluation of FlashRAG',
    ],
    [
      'results.jsonl',
      JSON.stringify({
        prompt: [{ role: 'user', content: 'Who?' }],
        completion: [{ role: 'assistant', content: '<answer>Ada</answer>' }],
        reward: 1,
      }),
      'results of verifiers',
    ],
    ['readme.txt', '<think>x</think> <answer>\\boxed{Ada}</answer>', 'plain text with tags'],
  ];

  it('of other projects are read, and one that cannot be says why', async () => {
    const { page, problems, close } = await open('#/rollouts');
    const input = page.getByLabel('Files of rollouts');
    for (const [name, text, read] of files) {
      await input.setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
      await page.getByText(`Read as ${read}`).waitFor();
      await rows(page).first().click();
      await article(page).getByText('Ada').first().waitFor();
      // No token ids of this page's policy: the page says that nothing can go on from here.
      await article(page).locator('[data-token]').first().click();
      await page.getByText('no token ids of this page’s policies').waitFor();
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
    }
    await input.setInputFiles({
      name: 'story.json',
      mimeType: 'text/plain',
      buffer: Buffer.from('{"a": 1}'),
    });
    await page.getByRole('alert').getByText('none of the layouts that are known').waitFor();
    await page.getByRole('button', { name: 'Close file' }).click();
    await page.getByText('6 rollouts').waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it('can be dropped on the page', async () => {
    const { page, close } = await open('#/rollouts');
    await page.getByText('6 rollouts').waitFor();
    const data = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['<think>x</think><answer>Ada</answer>'], 'dropped.txt'));
      return transfer;
    });
    await page.dispatchEvent('[aria-label="Rollouts"]', 'drop', { dataTransfer: data });
    await page.getByText('Read as plain text with tags').waitFor();
    await close();
  });
});

describe('a fork', () => {
  it(
    'goes on live from another token, beside the original, in the world of its update',
    async () => {
      const { step, open: place, common, trace } = await latestParting();
      const { page, problems, close } = await open(
        `#/rollouts?v=1&step=${step}&open=${place}&token=${common}&backend=wasm`,
        null,
      );
      const token = page.getByRole('region', { name: 'Token', exact: true });
      await token.getByRole('button', { name: 'What else could stand here?' }).click();
      const other = token.getByRole('button', { name: /^Take (?!.*as the rollout did)/ }).first();
      await other.waitFor({ timeout: 3 * minutes });
      await other.click();
      const finished = page.getByRole('button', { name: 'Again with other dice' });
      await finished.waitFor({ timeout: 3 * minutes });
      await article(page).getByText('continued live by the shipped trained policy').waitFor();
      await article(page)
        .getByText(`They part at token ${common + 1}`)
        .waitFor();
      expect(
        await page.getByRole('list', { name: 'Forks of this rollout' }).getByRole('listitem').count(),
      ).toBe(1);
      // The fork can be left for another place of the original: the token that closes its first search.
      const closing = trace.tokens.texts.findIndex((text) => text.includes('</search>'));
      await page.keyboard.press('Escape');
      await article(page).locator(`[data-token="${closing}"]`).click();
      const same = token.getByRole('button', { name: /as the rollout did$/ });
      await same.click();
      await article(page)
        .getByText(`Fork at token ${closing + 1}`)
        .first()
        .waitFor({ timeout: 2 * minutes });
      await finished.waitFor({ timeout: 3 * minutes });
      expect(problems).toEqual([]);
      await close();
    },
    10 * minutes,
  );
});
