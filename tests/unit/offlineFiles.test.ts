import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { offlineFiles } from '../../scripts/offlinePlugin.ts';

let dist: string;
beforeEach(async () => {
  dist = await mkdtemp(join(tmpdir(), 'dist-'));
  await mkdir(join(dist, 'models/nano'), { recursive: true });
  await mkdir(join(dist, 'assets'));
  const files: Readonly<Record<string, string>> = {
    'index.html': '<!doctype html>',
    'sw.js': 'self',
    'assets/page.js': 'play()',
    'assets/runtime.wasm': 'x'.repeat(2_000_000),
    'models/nano/prior.json': '{}',
    'models/nano/model.safetensors': 'x'.repeat(1_500_000),
  };
  for (const [path, content] of Object.entries(files)) await writeFile(join(dist, path), content);
});
afterEach(() => rm(dist, { recursive: true }));

describe('what the service worker keeps', () => {
  it('is every file but itself; large files are no part of the shell', async () => {
    const files = await offlineFiles(dist);
    expect(files.map(({ path, shell }) => [path, shell])).toEqual([
      ['./', true],
      ['assets/page.js', true],
      ['assets/runtime.wasm', false],
      ['models/nano/model.safetensors', false],
      ['models/nano/prior.json', true],
    ]);
    expect(files[2]?.bytes).toBe(2_000_000);
  });

  it('has a revision that changes with the content and with nothing else', async () => {
    const before = await offlineFiles(dist);
    await writeFile(join(dist, 'assets/page.js'), 'train()');
    const after = await offlineFiles(dist);
    const changed = after.filter(({ revision }, i) => revision !== before[i]?.revision);
    expect(changed.map(({ path }) => path)).toEqual(['assets/page.js']);
  });
});
