import { readFile } from 'node:fs/promises';
import type { GoldenFiles } from './check.ts';

/** Reads one model's golden files from disk. */
export async function readGolden(name: string): Promise<GoldenFiles> {
  const read = (suffix: string): Promise<Uint8Array> =>
    readFile(new URL(`./data/${name}${suffix}`, import.meta.url));
  const json: unknown = JSON.parse(new TextDecoder().decode(await read('.json')));
  return {
    name,
    json,
    weights: await read('.weights.safetensors'),
    expected: await read('.expected.safetensors'),
  };
}
