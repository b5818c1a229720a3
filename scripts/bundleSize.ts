import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

/** Most that the first view may load, gzipped, models aside. */
export const firstLoadLimit = 400_000;

export interface LoadedFile {
  readonly path: string;
  /** Bytes as sent: gzipped; fonts, which are compressed already, as they are. */
  readonly bytes: number;
}

/**
 * Everything that the built page loads before anything is clicked: index.html, its scripts with what they import
 * statically, its styles, and every font that those styles name. Chunks fetched on need, models and runs are not
 * part of it. Throws when a file that the page names is missing from `dist`.
 */
export async function firstLoad(dist: string): Promise<readonly LoadedFile[]> {
  const seen = new Map<string, LoadedFile>();
  const visit = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    const content = await readFile(join(dist, path));
    const bytes = /\.(woff2|png)$/.test(path) ? content.length : gzipSync(content, { level: 9 }).length;
    seen.set(path, { path, bytes });
    const text = content.toString('utf8');
    for (const next of namedIn(path, text)) await visit(next);
  };
  await visit('index.html');
  return [...seen.values()].sort((a, b) => b.bytes - a.bytes);
}

function namedIn(path: string, text: string): readonly string[] {
  const found = (pattern: RegExp, from: string): string[] =>
    [...text.matchAll(pattern)].flatMap(([, name = '']) =>
      /^(data|https?):/.test(name) ? [] : [join(from, name)],
    );
  const folder = join(path, '..');
  if (path.endsWith('.html')) {
    return [
      ...found(/<script[^>]*\ssrc="([^"]+)"/g, folder),
      ...found(/<link[^>]*\shref="([^"]+)"/g, folder),
    ];
  }
  if (path.endsWith('.css')) return found(/url\(["']?([^"')]+)["']?\)/g, folder);
  if (path.endsWith('.js')) return found(/(?:\bfrom|\bimport)\s*["'](\.{1,2}\/[^"']+\.js)["']/g, folder);
  return [];
}

async function main(): Promise<void> {
  const files = await firstLoad(process.argv[2] ?? 'dist');
  for (const { path, bytes } of files) console.log(`${String(bytes).padStart(8)}  ${path}`);
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  console.log(`${String(total).padStart(8)}  bytes of the first load, of ${firstLoadLimit} allowed`);
  if (total > firstLoadLimit) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
