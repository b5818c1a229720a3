import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Plugin } from 'vite';

/** A file of the built page, as the service worker knows it. */
export interface OfflineFile {
  /** From the page's folder; the page itself is `./`. */
  readonly path: string;
  /** Of its content: another one, another file. */
  readonly revision: string;
  readonly bytes: number;
  /** Fetched on the first visit. The others are kept when they are used, or when everything is asked for. */
  readonly shell: boolean;
}

/** Larger files (weights, runtimes) are no part of the shell: a visitor who only looks does not download them. */
const shellBytes = 1_000_000;

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Every file of the built page, the service worker aside, in the order of their paths. */
export async function offlineFiles(dist: string): Promise<readonly OfflineFile[]> {
  const files = await Promise.all(
    (await filesBelow(dist)).map(async (file): Promise<OfflineFile> => {
      const path = relative(dist, file).split(sep).join('/');
      const content = await readFile(file);
      return {
        path: path === 'index.html' ? './' : path,
        revision: createHash('sha256').update(content).digest('hex').slice(0, 12),
        bytes: content.length,
        // The recorded run is what a first visit shows, however long it is.
        shell: content.length < shellBytes || path.startsWith('runs/'),
      };
    }),
  );
  return files.filter(({ path }) => path !== 'sw.js').sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Writes the list of the built files into the built service worker. */
export function offline(): Plugin {
  return {
    name: 'offline',
    apply: 'build',
    async writeBundle({ dir = 'dist' }) {
      const worker = join(dir, 'sw.js');
      // A build of something other than the page has none.
      if (
        !(await stat(worker).then(
          () => true,
          () => false,
        ))
      )
        return;
      const text = await readFile(worker, 'utf8');
      const list = JSON.stringify(JSON.stringify(await offlineFiles(dir)));
      const written = text.replace(/["'`]__FILES__["'`]/, () => list);
      if (written === text) throw new Error('sw.js has no place for the list of files (__FILES__).');
      await writeFile(worker, written);
    },
  };
}
