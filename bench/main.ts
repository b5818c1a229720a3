/**
 * Measures the playground beside its peers, in one run on one machine:
 *
 *   npm run -s bench -- SUITE [SUITE …] [--json FILE] [--quick]
 *
 * Peers live in bench/node_modules and are installed by the first run; those in Python (torch, transformers, trl,
 * datasets) run in the Python that BENCH_PYTHON names, default python3. Rows: bench/suite.ts.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Row, Suite } from './suite.ts';

/** Loaded by name, so that a suite's peers are needed by that suite only. */
const suites: Readonly<Record<string, () => Promise<{ readonly suite: Suite }>>> = {
  kernels: () => import('./suites/kernels.ts'),
  'train-step': () => import('./suites/trainStep.ts'),
  decode: () => import('./suites/decode.ts'),
  'grpo-step': () => import('./suites/grpoStep.ts'),
  retrieval: () => import('./suites/retrieval.ts'),
  load: () => import('./suites/load.ts'),
  page: () => import('./suites/page.ts'),
  corpus: () => import('./suites/corpus.ts'),
};

const here = fileURLToPath(new URL('.', import.meta.url));
const say = (text: string): void => void process.stderr.write(`${text}\n`);

function installPeers(): void {
  if (existsSync(`${here}node_modules`)) return;
  say('installing the peers (bench/package-lock.json)');
  const { status } = spawnSync('npm', ['ci'], { cwd: here, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('npm ci failed in bench/');
}

const show = (value: number | null): string =>
  value === null ? '–' : value >= 100 ? value.toFixed(0) : value.toPrecision(3);

function line(row: Row): string {
  const floor = row.floor === undefined ? '' : ` (floor ${row.floor})`;
  const limit = row.ofLimit === undefined ? '' : `, ${(100 * row.ofLimit).toFixed(0)} % of the limit`;
  const note = row.note === undefined ? '' : ` — ${row.note}`;
  return `${row.case}: ${show(row.ours)} ${row.unit}, ${row.peerName} ${show(row.peer)}: ratio ${show(row.ratio)}${floor}${limit}${note}`;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, quick: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !Object.hasOwn(suites, name));
if (positionals.length === 0 || unknown.length > 0) {
  say(
    `${unknown.length > 0 ? `no suite ${unknown.join(', ')}; ` : ''}suites: ${Object.keys(suites).join(', ')}`,
  );
  process.exit(2);
}
installPeers();
const rows: Row[] = [];
for (const name of positionals) {
  const { suite } = (await suites[name]?.()) ?? {};
  if (!suite) continue;
  say(`${suite.name}: ${suite.help}`);
  const measured = await suite.run({ say, quick: values.quick });
  for (const row of measured) console.log(line(row));
  rows.push(...measured);
}
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(rows, null, 1)}\n`);
process.exit(0);
