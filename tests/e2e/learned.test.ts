import { readFile } from 'node:fs/promises';
import type { Download, Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { readGguf } from '../../src/engine/ggufFile.ts';
import { readSafetensors } from '../../src/engine/safetensors.ts';
import { chatFolder } from '../unit/lab/chatFolder.ts';
import { priorFile } from '../unit/lab/nodeSurroundings.ts';
import { violations } from './checks.ts';
import { builtSite, visit } from './builtSite.ts';

/** An adapter on a small chat model: its dials, its memory, taken away and begun with; in the page as published. */

const site = builtSite();
let files: ReadonlyMap<string, Uint8Array>;
beforeAll(async () => {
  files = new Map([...(await chatFolder()), ['prior.json', priorFile()]]);
});

const recipe =
  'preset=tiny&model=chat&grpo.steps=3&grpo.questions=2&grpo.groupSize=2&grpo.entropyWeight=0.01' +
  '&rollout.maxTokens=16&evaluation.questions=0&backend=wasm';

/** The published page has no chat model of its own. */
async function withChatModel(page: Page): Promise<void> {
  await page.route('**/models/chat/*', (route) => {
    const body = files.get(new URL(route.request().url()).pathname.split('/').at(-1) ?? '');
    return body === undefined ? route.fulfill({ status: 404 }) : route.fulfill({ body: Buffer.from(body) });
  });
}

const memory = (page: Page) => page.getByRole('status', { name: 'Memory of a run' });

async function downloads(
  page: Page,
  button: string,
  count: number,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const come: Download[] = [];
  const listen = (download: Download): number => come.push(download);
  page.on('download', listen);
  await page.getByRole('button', { name: button }).click();
  await expect.poll(() => come.length, { timeout: 60_000 }).toBe(count);
  page.off('download', listen);
  const read = come.map(async (download): Promise<[string, Uint8Array]> => [
    download.suggestedFilename(),
    await readFile(await download.path()),
  ]);
  return new Map(await Promise.all(read));
}

it('dials, memory, download and a new beginning', { timeout: 300_000 }, async () => {
  const { page } = await visit(site.host, site.address, {
    reducedMotion: 'reduce',
    // It would ask for the model by itself, past what stands in for the server.
    serviceWorkers: 'block',
  });
  page.setDefaultTimeout(60_000);
  await withChatModel(page);
  await page.goto(`${site.address}#/train?v=1&${recipe}`);
  await page.reload();

  await page.getByRole('button', { name: /^Recipe/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Recipe' });
  await dialog.getByLabel(/^Adapter’s rank/).fill('3');
  await memory(page).getByText('Memory of a run:').waitFor();
  await dialog.getByLabel(/^Most response tokens/).fill('4000');
  await memory(page)
    .getByText(/rollout\.maxTokens/)
    .waitFor();
  await dialog.getByLabel(/^Most response tokens/).fill('16');
  await memory(page)
    .getByText(/rollout\.maxTokens/)
    .waitFor({ state: 'detached' });
  expect(await violations(page, '[role=dialog]')).toEqual([]);
  await dialog.getByRole('button', { name: 'Done' }).click();

  await page.getByRole('button', { name: /^One update/ }).click();
  const learned = page.getByRole('region', { name: /^What was learned/ });
  await learned.getByText(/The adapter, after 1\supdate: rank 3, alpha 16/).waitFor();
  await page.getByRole('button', { name: /^Recipe/ }).click();
  await dialog.getByText('Adapter’s rank').getByText('new run').waitFor();
  await dialog.getByRole('button', { name: 'Done' }).click();

  const adapter = await downloads(page, 'Download the adapter', 2);
  const config: unknown = JSON.parse(new TextDecoder().decode(adapter.get('adapter_config.json')));
  expect(config).toMatchObject({ peft_type: 'LORA', r: 3, lora_alpha: 16, base_model_name_or_path: 'chat' });
  const saved = adapter.get('adapter_model.safetensors') ?? new Uint8Array();
  const { tensors } = readSafetensors(saved, 'adapter');
  const b = tensors.get('base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight');
  // It is 0 before it has learned.
  expect(b?.values().some((value) => value !== 0)).toBe(true);

  await learned.getByLabel('Form of the model').selectOption('GGUF file');
  const [gguf] = (await downloads(page, 'Download the model', 1)).values();
  const { metadata } = readGguf(gguf ?? new Uint8Array(), 'model');
  expect(metadata.get('general.architecture')).toBe('llama');

  await learned
    .getByLabel('Files of an adapter')
    .setInputFiles([
      { name: 'adapter_config.json', mimeType: 'application/json', buffer: Buffer.from('{}') },
    ]);
  await learned
    .getByRole('alert')
    .getByText('There is no adapter_model.safetensors among the files')
    .waitFor();
  await learned.getByLabel('Files of an adapter').setInputFiles(
    [...adapter].map(([name, bytes]) => ({
      name,
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(bytes),
    })),
  );
  await learned.getByText(/the next run begins with an adapter of rank 3/).waitFor();
  await page.getByRole('button', { name: 'Begin again with the changes' }).click();
  await learned.getByText(/the run of this tab began with an adapter of rank 3/).waitFor();
  await learned.getByText(/The adapter, after 3\supdates/).waitFor();
  expect(await violations(page, 'main')).toEqual([]);
  await page.context().close();
});
