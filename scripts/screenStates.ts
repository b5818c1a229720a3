import type { Page } from 'playwright-core';
import { corpusLines, madeUpPassages } from './madeUpPassages.ts';
import type { Shot } from './screens.ts';

/** A run on two cores, shared with whatever else they do. */
const timeout = 300_000;
const tiny = 'v=1&backend=wasm&preset=tiny&evaluation.questions=0&grpo.steps=80';

const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name }).first().click();

/** States of the views that an address alone does not show: runs under way, dialogs, what went wrong. */
export const states: readonly Shot[] = [
  {
    name: 'train-slow',
    hash: `#/train?${tiny}`,
    isState: true,
    prepare: async (page) => {
      await press(page, 'Train it here');
      await page.getByText(/^Update ([4-9]|\d\d) of/).waitFor({ timeout });
      await page.getByRole('radio', { name: 'reading' }).click();
      await page.getByRole('heading', { name: /^Being written/ }).waitFor({ timeout });
      await page
        .getByRole('region', { name: /^Being written/ })
        .getByText('<search>')
        .first()
        .waitFor({ timeout });
    },
  },
  {
    name: 'train-rollout',
    hash: '#/train?v=1&step=60&open=0.3',
    isState: true,
  },
  {
    name: 'update-objective',
    hash: '#/update?v=1&step=60&phase=objective',
    isState: true,
  },
  {
    name: 'update-moved',
    hash: `#/update?${tiny}`,
    isState: true,
    prepare: async (page) => {
      await press(page, 'Make an update here');
      for (const phase of ['rollouts and rewards', 'advantages', 'objective', 'gradient', 'update']) {
        await page.getByText(`is held after: ${phase}.`).waitFor({ timeout });
        await press(page, /^Next phase/);
        // What was computed with the rollouts is shown first.
        if (phase === 'rollouts and rewards') await press(page, /^Next phase/);
      }
      await page.getByText('The same prefix, asked again').waitFor({ timeout });
    },
  },
  {
    name: 'rollouts-beside',
    hash: '#/rollouts?v=1&step=60&open=0.3&beside=60.0.0',
    isState: true,
  },
  {
    name: 'rollout-token',
    hash: '#/rollouts?v=1&step=60&open=0.3&token=4',
    isState: true,
  },
  {
    name: 'evaluate-run',
    hash: '#/evaluate?v=1&backend=wasm',
    isState: true,
    prepare: async (page) => {
      await page.getByRole('radio', { name: '50', exact: true }).click();
      await press(page, 'Run the table here');
      await page.getByText(/^Run here in/).waitFor({ timeout });
    },
  },
  {
    name: 'play-asked',
    hash: '#/?v=1&backend=wasm',
    isState: true,
    prepare: async (page) => {
      await press(page, 'Ask both');
      const fork = page.getByRole('button', { name: 'Fork: After' });
      await fork.waitFor({ timeout });
      await page
        .getByRole('region', { name: 'Before', exact: true })
        .evaluate((pane) => pane.scrollIntoView());
    },
  },
  {
    name: 'corpus-kept',
    hash: '#/corpus?v=1&backend=wasm',
    isState: true,
    prepare: async (page) => {
      await page.getByRole('radio', { name: 'A large corpus' }).click();
      await page.getByLabel('Import a corpus').setInputFiles({
        name: 'six-worlds.jsonl',
        mimeType: 'application/json',
        buffer: Buffer.from(corpusLines(madeUpPassages(4000)).join('\n')),
      });
      await press(page, 'Index it');
      const index = page
        .getByRole('list', { name: /^Indexes of/ })
        .getByRole('listitem')
        .first();
      await index.getByText(/all passages/).waitFor({ timeout });
      await index.getByRole('button', { name: /^Search/ }).click();
      await page.getByText(/; the map holds/).waitFor({ timeout });
      const box = page.getByRole('searchbox', { name: 'Search as the policy does' });
      await box.fill('book author');
      await box.press('Enter');
      await page.getByRole('region', { name: 'Search' }).getByRole('listitem').first().waitFor({ timeout });
    },
  },
  {
    name: 'models-kept',
    hash: '#/models?v=1&backend=wasm&webllm=Qwen3-0.6B-q4f32_1-MLC',
    isState: true,
    prepare: async (page) => {
      const nano = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
      await page
        .getByLabel('or its files, or one GGUF file')
        .setInputFiles(nano.map((name) => `public/models/nano/${name}`));
      await page
        .getByRole('region', { name: /^Kept in this browser/ })
        .getByRole('button', { name: /^Use .* for training/ })
        .waitFor({ timeout });
    },
  },
  {
    name: 'models-refused',
    hash: '#/models?v=1&backend=wasm',
    isState: true,
    prepare: async (page) => {
      await page.getByLabel('or its files, or one GGUF file').setInputFiles('public/models/nano/config.json');
      await page.getByRole('alert').first().waitFor({ timeout });
    },
  },
  {
    name: 'learn-shown',
    hash: '#/learn/4?v=1',
    isState: true,
    prepare: (page) => page.getByLabel('None of them').check(),
  },
  {
    name: 'recipe',
    hash: '#/train?v=1',
    isState: true,
    prepare: async (page) => {
      await press(page, /^Recipe/);
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'palette',
    hash: '#/train?v=1',
    isState: true,
    prepare: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').getByRole('combobox').fill('train');
    },
  },
  {
    name: 'wrong-link',
    hash: '#/train?v=1&grpo.groupSize=1',
    isState: true,
  },
];
