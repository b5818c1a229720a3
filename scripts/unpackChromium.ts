import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';

/**
 * npm's `@sparticuz/chromium` is a headless Chromium for Linux x64 in Brotli files: the program, SwiftShader with
 * its Vulkan driver file, fonts, and the NSS libraries (`al2023`) that bare containers lack. Its own unpacker writes
 * into the system's temporary folder, leaves out NSS outside AWS, and takes a half-written file for a whole one; so
 * it is unpacked here, into node_modules, under a name of its version, and renamed only when whole.
 */
const PACKAGE = '@sparticuz/chromium';
const PROGRAM = 'chromium';

export interface UnpackedChromium {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Unpacks on first use. Returns null where the optional package is not installed or not for this system. */
export async function unpackChromium(): Promise<UnpackedChromium | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const root = packageRoot();
  if (root === null) return null;
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const folder = fileURLToPath(new URL(`../node_modules/.cache/chromium-${version}`, import.meta.url));
  if (!existsSync(folder)) {
    const unfinished = `${folder}.${process.pid}`;
    await unpackInto(join(root, 'bin'), unfinished);
    try {
      await rename(unfinished, folder);
    } catch (error) {
      // Another process may have finished the same folder meanwhile; then that one is as good.
      await rm(unfinished, { recursive: true, force: true });
      if (!existsSync(folder)) throw error;
    }
  }
  const libraries = [folder, join(folder, 'lib'), process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':');
  const env: Record<string, string> = { LD_LIBRARY_PATH: libraries };
  if (!existsSync('/etc/fonts/fonts.conf')) env['FONTCONFIG_PATH'] = join(folder, 'fonts');
  return { executablePath: join(folder, PROGRAM), env };
}

function packageRoot(): string | null {
  try {
    const main = createRequire(import.meta.url).resolve(PACKAGE);
    return main.slice(0, main.lastIndexOf(join(...PACKAGE.split('/'))) + PACKAGE.length);
  } catch {
    return null;
  }
}

async function unpackInto(bin: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const decompress = async (name: string) => promisify(brotliDecompress)(await readFile(join(bin, name)));
  await writeFile(join(folder, PROGRAM), await decompress('chromium.br'));
  await chmod(join(folder, PROGRAM), 0o755);
  await untar(await decompress('swiftshader.tar.br'), folder);
  await untar(await decompress('al2023.tar.br'), folder);
  const fonts = join(folder, 'fonts');
  await untar(await decompress('fonts.tar.br'), fonts);
  const config = join(fonts, 'fonts.conf');
  const text = await readFile(config, 'utf8');
  await writeFile(config, text.replace(/<dir[^>]*>[^<]*<\/dir>/, '<dir prefix="relative">.</dir>'));
}

/** Writes the files of a ustar archive: 512-byte headers, each followed by its file in whole blocks. */
async function untar(archive: Buffer, folder: string): Promise<void> {
  const BLOCK = 512;
  const text = (start: number, length: number) =>
    archive.toString('utf8', start, start + length).replace(/\0[^]*$/, '');
  for (let header = 0; header + BLOCK <= archive.length && archive[header] !== 0;) {
    const name = join(text(header + 345, 155), text(header, 100));
    const size = parseInt(text(header + 124, 12), 8);
    const type = text(header + 156, 1);
    const path = resolve(folder, name);
    if (!path.startsWith(folder + sep) || !Number.isInteger(size)) {
      throw new Error(`${PACKAGE}: its archive has an entry that cannot be unpacked ("${name}")`);
    }
    if (type === '' || type === '0') {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, archive.subarray(header + BLOCK, header + BLOCK + size));
    }
    header += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
}
