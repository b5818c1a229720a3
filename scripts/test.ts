/**
 * Runs every test: builds the WebAssembly kernels, then TypeScript, ESLint and Prettier (one test each), then
 * Vitest. Names what was not run; in CI that counts as failed. The last line is "N passed, N failed".
 *
 *   npm test                     everything
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countTests, type TestCounts } from './testReport.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Finished {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs a Node program of node_modules; its output is passed on, or kept for later where `quiet`. */
function runNode(args: readonly string[], quiet: boolean): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    });
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ ok: code === 0, output: Buffer.concat(chunks).toString() });
    });
  });
}

/** One command that passes or fails as a whole. */
async function check(name: string, args: readonly string[]): Promise<TestCounts> {
  const { ok, output } = await runNode(args, true);
  console.log(`${ok ? 'passed' : 'FAILED'}: ${name}`);
  if (!ok) console.log(output.trimEnd());
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, notRun: [], retried: [] };
}

async function vitest(): Promise<TestCounts> {
  const folder = await mkdtemp(join(tmpdir(), 'tests-'));
  const report = join(folder, 'report.json');
  try {
    const { ok } = await runNode(
      [
        'node_modules/vitest/vitest.mjs',
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
      ],
      false,
    );
    const text = await readFile(report, 'utf8').catch(() => null);
    if (text === null) {
      console.log('FAILED: Vitest ended without a report');
      return { passed: 0, failed: 1, notRun: [], retried: [] };
    }
    const counts = countTests(JSON.parse(text));
    // Errors outside any test (an unhandled rejection) fail Vitest though no test failed.
    return ok || counts.failed > 0 ? counts : { ...counts, failed: 1 };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const build = await check('WebAssembly build', ['src/engine/wasm/build.mjs']);
const checks = await Promise.all([
  check('TypeScript', ['node_modules/typescript/bin/tsc', '--noEmit']),
  check('ESLint', ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings=0']),
  check('Prettier', [
    'node_modules/prettier/bin/prettier.cjs',
    '--check',
    '--log-level=warn',
    '.',
    // AssemblyScript's decorators on functions are no TypeScript, and Prettier cannot read them.
    '!src/engine/wasm/assembly/**',
  ]),
]);
const all = [build, ...checks, await vitest()];

const passed = all.reduce((sum, counts) => sum + counts.passed, 0);
const notRun = all.flatMap((counts) => counts.notRun);
const inCi = Boolean(process.env['CI']);
const failed = all.reduce((sum, counts) => sum + counts.failed, 0) + (inCi ? notRun.length : 0);
for (const { name, reason } of all.flatMap((counts) => counts.retried)) {
  console.log(`passed at the second try: ${name}\n${reason}`);
}
for (const { name, reason } of notRun) console.log(`not run: ${name} (${reason})`);
if (notRun.length > 0) console.log(`${notRun.length} not run${inCi ? ', which counts as failed in CI' : ''}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
