import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';

/** The page as `npm start` serves it, from a folder of its own. */
export interface BuiltPage {
  readonly address: string;
  /** The folder that is served. */
  readonly dist: string;
  close(): Promise<void>;
}

export async function serveBuiltPage(): Promise<BuiltPage> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const dist = await mkdtemp(join(tmpdir(), 'page-'));
  const remove = () => rm(dist, { recursive: true, force: true });
  try {
    await build({ root, logLevel: 'error', build: { outDir: dist, emptyOutDir: true } });
    const server = await preview({ root, logLevel: 'error', build: { outDir: dist }, preview: { port: 0 } });
    const address = server.resolvedUrls?.local[0];
    if (address === undefined) throw new Error('vite preview started without an address');
    return {
      address,
      dist,
      close: async () => {
        await server.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
