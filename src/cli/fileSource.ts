import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ByteSource } from '../engine/byteSource.ts';

/** A file that is read piece by piece; open until the process ends, as the model that is read from it. */
export function fileSource(path: string): ByteSource {
  const file = openSync(path, 'r');
  const { size } = fstatSync(file);
  process.once('exit', () => closeSync(file));
  return {
    size,
    read: (begin, end) => {
      const bytes = new Uint8Array(end - begin);
      let at = 0;
      while (at < bytes.length) {
        const more = readSync(file, bytes, at, bytes.length - at, begin + at);
        if (more === 0) throw new Error(`${path} ends before byte ${String(end)}: it has been changed.`);
        at += more;
      }
      return bytes;
    },
  };
}
