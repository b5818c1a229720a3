import { defineConfig } from 'vitest/config';

/** Node 20 has relaxed SIMD behind a flag; later versions have it without, and refuse the flag. */
const nodeMajor = Number(process.versions.node.split('.')[0]);
const execArgv = nodeMajor === 20 ? ['--experimental-wasm-relaxed-simd'] : [];

/** Node files that drive a Chromium. One after the other: each has a browser, and its GPU is the CPU. */
const inChromium = {
  pool: 'forks',
  execArgv,
  maxWorkers: 1,
  testTimeout: 300_000,
  hookTimeout: 120_000,
} as const;

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
        test: {
          ...inChromium,
          name: 'browser',
          include: ['tests/**/*.browser.test.ts'],
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Whole flows of the page. In CI one that fails is tried once more, and named if it passes then: a shared machine
        // may starve a browser for seconds. Kernels are not: what they give must not depend on when.
        test: {
          ...inChromium,
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          retry: process.env['CI'] ? 1 : 0,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
