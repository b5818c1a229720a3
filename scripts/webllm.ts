/**
 * Drives the built page in a headless Chromium with a model for web-llm, from its record to a rollout in Play, and
 * prints how long each part took. By hand: it needs weights and a library, which no test has.
 *
 * npm run -s e2e:webllm -- --model URL --lib URL [--id ID] [--context N] [--question TEXT] [--minutes N]
 *   --model      folder of the weights, as mlc_llm writes it; its files below resolve/main/
 *   --lib        the .wasm library built for it
 *   --id         its name; by default the last part of --model
 *   --context    overrides.context_window_size
 *   --minutes    most to wait for each part (30)
 *
 * Ends with 1 and web-llm's reason where the model cannot be loaded or asked.
 */
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { preview } from 'vite';
import { parseModelRecord } from '../src/policy/webllmRecord.ts';
import { findBrowser } from './browserPath.ts';

interface Wanted {
  /** The record as JSON, checked. */
  readonly record: string;
  readonly question: string | undefined;
  /** Milliseconds to wait for each part. */
  readonly patience: number;
}

/** @throws Error naming the option that is wrong or missing */
export function wantedOf(args: readonly string[]): Wanted {
  const { values } = parseArgs({
    args: [...args],
    options: {
      model: { type: 'string' },
      lib: { type: 'string' },
      id: { type: 'string' },
      context: { type: 'string' },
      question: { type: 'string' },
      minutes: { type: 'string', default: '30' },
    },
  });
  const { model, lib, context, question } = values;
  if (model === undefined || lib === undefined) {
    throw new Error('Give --model URL (folder of the weights) and --lib URL (the .wasm built for it).');
  }
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes is “${values.minutes}”; it has to be a number above 0.`);
  const record = JSON.stringify({
    model,
    model_id: values.id ?? model.replace(/\/+$/, '').split('/').at(-1),
    model_lib: lib,
    ...(context === undefined ? {} : { overrides: { context_window_size: Number(context) } }),
  });
  parseModelRecord(record, 'The record of --model, --lib, --id and --context');
  return { record, question, patience: minutes * 60_000 };
}

async function main(): Promise<void> {
  const wanted = wantedOf(process.argv.slice(2));
  const server = await preview({ logLevel: 'warn', preview: { port: 0 } });
  const base = server.resolvedUrls?.local[0];
  if (base === undefined) throw new Error('vite preview started without an address.');
  const found = await findBrowser();
  const browser = await chromium.launch({
    executablePath: found.executablePath,
    args: ['--headless=new', '--enable-unsafe-webgpu', ...found.args],
    env: { ...process.env, ...found.env },
  });
  try {
    const context = await browser.newContext({ reducedMotion: 'reduce', serviceWorkers: 'block' });
    await drive(await context.newPage(), base, wanted);
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Milliseconds since a moment, as seconds for people. */
const since = (began: number): string => `${((performance.now() - began) / 1000).toFixed(1)} s`;

async function drive(page: Page, base: string, { record, question, patience }: Wanted): Promise<void> {
  page.setDefaultTimeout(patience);
  await page.goto(`${base}#/models?v=1&backend=wasm&webllm=${encodeURIComponent(record)}`);
  const panel = page.getByRole('region', { name: 'Larger, by web-llm' });
  const failed = panel.getByRole('alert');
  const began = performance.now();
  await panel.getByRole('button', { name: 'Load', exact: true }).click();
  const loaded = panel.getByRole('button', { name: 'Unload' });
  await loaded.or(failed).first().waitFor();
  if (await failed.isVisible()) throw new Error((await failed.textContent()) ?? 'The model was not loaded.');
  console.log(`loaded           ${since(began)}`);

  await page.getByRole('link', { name: 'Ask it in Play' }).click();
  const box = page.getByLabel('Question', { exact: true });
  if (question !== undefined) await box.fill(question);
  console.log(`question         ${await box.inputValue()}`);
  const pane = page.getByRole('region', { name: 'web-llm' });
  const problem = pane.getByRole('alert');
  const asked = performance.now();
  await page.getByRole('button', { name: 'Ask both' }).click();
  // Its turns appear with its first word.
  await pane.getByRole('list', { name: 'web-llm' }).or(problem).first().waitFor();
  if (await problem.isVisible()) throw new Error((await problem.textContent()) ?? 'It did not answer.');
  console.log(`first word       ${since(asked)}`);
  await page.getByRole('button', { name: 'Open in Rollouts' }).waitFor();
  console.log(`whole rollout    ${since(asked)}`);
  console.log(`\n${await pane.innerText()}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
}
