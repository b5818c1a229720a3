import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tuningFiles } from '../../../src/cli/tuningFile.ts';
import { candidates } from '../../../src/engine/webgpu/matmulChoice.ts';
import {
  tunedChoices,
  tuningKey,
  type TimeVariant,
  type TuningStore,
} from '../../../src/engine/webgpu/matmulTuner.ts';

const card = { software: false, quads: true } as const;

/** Times as given by family, and how often anything was timed. */
function clock(seconds: Readonly<Record<string, number>>): { readonly time: TimeVariant; count(): number } {
  let count = 0;
  const time: TimeVariant = (_, __, variant) => {
    count += 1;
    return Promise.resolve(seconds[variant.family] ?? 1);
  };
  return { time, count: () => count };
}

function memoryStore(kept?: unknown): TuningStore & { kept: unknown } {
  const store = {
    kept,
    read: () => Promise.resolve(store.kept),
    write: (_: string, table: unknown) => {
      store.kept = table;
      return Promise.resolve();
    },
  };
  return store;
}

describe('the choice of kernels by a timed run', () => {
  it('takes the clearly fastest of each class, else the default', async () => {
    const { table } = await tunedChoices(card, clock({ vector: 1, shared: 0.95, quad: 0.5 }).time, 'k', null);
    for (const [key, variant] of Object.entries(table)) expect(variant.family, key).toBe('quad');
    expect(Object.keys(table)).toHaveLength(9);
    const near = await tunedChoices(card, clock({ vector: 1, shared: 0.95, quad: 0.95 }).time, 'k', null);
    expect(near.table['NT few']).toEqual(candidates('NT', 'few', card)[0]);
  });

  it('is kept, and taken from the store the next time', async () => {
    const store = memoryStore();
    const first = clock({ quad: 0.1 });
    const found = await tunedChoices(card, first.time, 'k', store);
    expect(first.count()).toBe(found.timings.length);
    const second = clock({});
    expect((await tunedChoices(card, second.time, 'k', store)).table).toEqual(found.table);
    expect(second.count()).toBe(0);
  });

  it('is made anew where the store fails or holds something else', async () => {
    const broken = memoryStore({ 'NT few': { family: 'shared', rows: 7, columns: 7 } });
    const again = clock({ quad: 0.1 });
    await tunedChoices(card, again.time, 'k', broken);
    expect(again.count()).toBeGreaterThan(0);
    expect(broken.kept).toMatchObject({ 'NT few': { family: 'quad' } });
    const failing = {
      read: () => Promise.reject(new Error('no')),
      write: () => Promise.reject(new Error('no')),
    };
    expect((await tunedChoices(card, clock({ quad: 0.1 }).time, 'k', failing)).table['TN many']?.family).toBe(
      'quad',
    );
  });

  it('leaves the defaults of classes that it has no time for', async () => {
    const { table, timings } = await tunedChoices(card, clock({}).time, 'k', null, -1);
    expect([table, timings]).toEqual([{}, []]);
  });

  it('has a key of the adapter and its kernels, and files named by it', async () => {
    const keys = [tuningKey('a', card), tuningKey('b', card), tuningKey('a', { ...card, software: true })];
    expect(new Set(keys).size).toBe(3);
    expect(tuningKey('a', card)).toBe(keys[0]);
    const folder = await mkdtemp(join(tmpdir(), 'tuning-'));
    try {
      const store = tuningFiles(join(folder, 'new'));
      const found = await tunedChoices(card, clock({ quad: 0.1 }).time, keys[0] ?? '', store);
      const [file = ''] = await readdir(join(folder, 'new'));
      expect((await tunedChoices(card, clock({}).time, keys[0] ?? '', store)).table).toEqual(found.table);
      await writeFile(join(folder, 'new', file), 'not JSON');
      expect((await tunedChoices(card, clock({}).time, keys[0] ?? '', store)).timings.length).toBeGreaterThan(
        0,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
