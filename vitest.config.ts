import { defineConfig } from 'vitest/config';

/** Node 20 has relaxed SIMD behind a flag; later versions have it without, and refuse the flag. */
const nodeMajor = Number(process.versions.node.split('.')[0]);
const execArgv = nodeMajor === 20 ? ['--experimental-wasm-relaxed-simd'] : [];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/**/*.test.ts', 'tests/**/*.test.tsx'],
          exclude: ['tests/**/*.browser.test.ts', 'tests/e2e/**'],
          pool: 'forks',
          execArgv,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Node files that drive a Chromium. One after the other: each has a browser, and its GPU is the CPU.
        test: {
          name: 'browser',
          include: ['tests/**/*.browser.test.ts', 'tests/e2e/**/*.test.ts'],
          pool: 'forks',
          execArgv,
          maxWorkers: 1,
          testTimeout: 300_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
