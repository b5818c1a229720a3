/**
 * An exported GGUF file in llama.cpp (WebAssembly, @wllama/wllama, in Chromium) against our engine:
 *
 *   npm run -s e2e:llamacpp -- [--model FOLDER|FILE.gguf] [--adapter FOLDER] [--dtype f32,f16,keep] [--prompts N]
 *     [--tokens N]
 *
 * Writes the file as `cli -- export` does, with the adapter worked in, and continues chat prompts greedily: our engine
 * with base and adapter apart, llama.cpp from the file. Ends with 1 unless prompts have as many tokens there, the ids of
 * the f32 file are all equal, and, with an adapter, most texts are others than the base's. llama.cpp rounds what it
 * multiplies f16 and quantised weights by, so of those files it is only told how far they agree. Without --model: the
 * nano policy's trained checkpoint.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runExport } from '../src/cli/export.ts';
import { openPolicy } from '../src/cli/models.ts';
import { nodeHost } from '../src/engine/wasm/nodeHost.ts';
import { createWasmBackend } from '../src/engine/wasm/wasmBackend.ts';
import { presets } from '../src/lab/presets.ts';
import { testWorld } from '../src/lab/testWorld.ts';
import { formatOf } from '../src/research/format.ts';
import { PEERS, startBrowser } from './browser/host.ts';
import { agreement, greedy } from './greedy.ts';
import { THREADS } from './policy.ts';

const WLLAMA = '@wllama/wllama/';
const WORLD_SEED = 1;

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'public/models/nano' },
    adapter: { type: 'string' },
    dtype: { type: 'string', default: 'f32' },
    prompts: { type: 'string', default: '8' },
    tokens: { type: 'string', default: '48' },
  },
});
if (!existsSync(fileURLToPath(new URL(`./node_modules/${WLLAMA}`, import.meta.url)))) {
  throw new Error('@wllama/wllama is not installed: run npm ci in bench/');
}
const { model, adapter } = values;
const [count, tokens] = [Number(values.prompts), Number(values.tokens)];

const backend = await createWasmBackend({ host: nodeHost, threads: THREADS });
const { decoder, base, tokenizer, name } = await openPolicy(backend, model, adapter);
const format = formatOf(tokenizer, 'system');
const prompts = testWorld(presets.quick, WORLD_SEED, count)
  .questions.slice(0, count)
  .map(({ text }) => format.prompt.build(text, tokenizer));
const ours: (readonly number[])[] = [];
let changed = 0;
for (const prompt of prompts) {
  const written = untilEnd(await greedy(decoder, prompt, tokens));
  if (adapter !== undefined) {
    changed += Number(untilEnd(await greedy(base, prompt, tokens)).join() !== written.join());
  }
  ours.push(written);
}
backend.dispose();
console.log(
  `${model}, ${name}: ${prompts.length} prompts, at most ${tokens} greedy tokens each; ${backend.label}`,
);
if (adapter !== undefined) console.log(`the adapter changes ${changed} of ${prompts.length} texts`);
let fine = adapter === undefined || 2 * changed > prompts.length;

const folder = await mkdtemp(join(tmpdir(), 'exported-'));
const host = await startBrowser();
try {
  for (const dtype of values.dtype.split(',')) fine = (await compare(dtype)) && fine;
} finally {
  await host.close();
  await rm(folder, { recursive: true });
}
process.exit(fine ? 0 : 1);

/** Our continuation as far as llama.cpp tells its own: up to the token that ends it, that one included. */
function untilEnd(ids: readonly number[]): readonly number[] {
  const end = ids.indexOf(tokenizer.eosId);
  return end < 0 ? ids : ids.slice(0, end + 1);
}

/** Prints how llama.cpp goes on from the file of these numbers. @returns whether it does as it must */
async function compare(dtype: string): Promise<boolean> {
  const file = `${dtype}.gguf`;
  const worked = adapter === undefined ? [] : ['--adapter', adapter];
  const out = join(folder, file);
  const told = ['--json', join(folder, 'export.json')];
  await runExport(['--model', model, ...worked, '--format', 'gguf', '--dtype', dtype, '--out', out, ...told]);
  const task = {
    ...{ wllama: `${PEERS}${WLLAMA}`, file, threads: THREADS, tokens },
    prompts: prompts.map((ids) => tokenizer.decode(ids)),
  };
  const { llama, answers } = await host.withPage(
    'exported.html',
    (page) => page.evaluate((given) => window.continueAll(given), task),
    folder,
  );
  const counted = answers.filter(({ promptTokens }, i) => promptTokens === prompts[i]?.length).length;
  const equal = answers.filter(({ ids }, i) => ids.join() === ours[i]?.join()).length;
  console.log(
    `${dtype}, ${Math.round((await stat(out)).size / 1e6)} MB, ${llama}: prompts of as many tokens ${counted}, texts equal ${equal} of ${prompts.length}`,
  );
  answers.forEach(({ ids, text }, i) => {
    console.log(`  ${agreement(ours[i] ?? [], ids)}: ${JSON.stringify(text.slice(0, 70))}`);
  });
  return counted === prompts.length && (dtype !== 'f32' || equal === prompts.length);
}
